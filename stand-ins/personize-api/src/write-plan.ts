import type { Fields } from "@acme/stand-in-kit";

/** Where the value of one row field goes. */
export interface Target {
  readonly field: string;
  /** System name of the property; undefined for free-form content that fills no property. */
  readonly property: string | undefined;
  readonly collectionId: string;
  readonly appendOnly: boolean;
  readonly extract: boolean;
}

/** A compiled mapping: how to read identity and values from every row of a part. */
export interface WritePlan {
  /** As the sender spelled it. */
  readonly type: string;
  readonly typeKey: string;
  readonly recordIdField: string | undefined;
  readonly emailField: string | undefined;
  readonly websiteField: string | undefined;
  readonly customKeyName: string | undefined;
  readonly customKeyField: string | undefined;
  readonly targets: readonly Target[];
  /** Whether the plan reads more than one identifier, so that records gain secondary keys. */
  readonly manyIdentifiers: boolean;
  readonly extracts: boolean;
  readonly creditsPerRow: number;
  /** Whether every row is charged, or only one with a text to extract. */
  readonly chargeAlways: boolean;
}

/** Rows that share a plan. `firstIndex` is the position of the first one in what the sender sent. */
export interface WritePart {
  readonly plan: WritePlan;
  readonly rows: readonly Fields[];
  readonly firstIndex: number;
}

/** One row on its way into a record. The row is kept by reference; values are read when somebody asks. */
export interface Write {
  readonly plan: WritePlan;
  readonly row: Fields;
  readonly landedAtMs: number;
}

/** Completes a plan from its identifiers and targets. */
export function toWritePlan(
  parts: Omit<WritePlan, "manyIdentifiers" | "extracts" | "typeKey"> & { readonly typeKey?: string },
): WritePlan {
  const identifiers = [parts.recordIdField, parts.emailField, parts.websiteField, parts.customKeyField];
  return {
    ...parts,
    typeKey: parts.typeKey ?? parts.type.trim().toLowerCase(),
    manyIdentifiers: identifiers.filter((field) => field !== undefined).length > 1,
    extracts: parts.targets.some((target) => target.extract),
  };
}
