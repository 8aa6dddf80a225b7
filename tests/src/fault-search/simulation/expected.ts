import type { Json, MappingConfig } from "@acme/sync-core";
import { POISON, type SourceRow } from "./source-row.ts";

/** The mapping under test, and, written a second time and by hand, what it means for a row. */
export const mapping: MappingConfig = {
  entityType: "contact",
  email: "email",
  properties: {
    first_name: { sourceField: "name", collectionName: "People", extractMemories: false, allowAppendOnly: false },
    town: {
      sourceField: "city",
      collectionName: "People",
      extractMemories: false,
      transform: "trim",
      allowAppendOnly: false,
    },
    points: { sourceField: "score", collectionName: "People", extractMemories: false, allowAppendOnly: false },
    remarks: { sourceField: "notes", collectionName: "Texts", extractMemories: true, allowAppendOnly: false },
    story: { sourceField: "bio", collectionName: "Texts", extractMemories: true, allowAppendOnly: false },
  },
  where: [{ field: "active", equals: true }],
};

export const collections = {
  People: ["first_name", "town", "points"],
  Texts: ["remarks", "story"],
} as const satisfies Record<string, readonly string[]>;

export interface ExpectedRecord {
  readonly record: string;
  readonly values: Readonly<Record<string, Json>>;
  readonly texts: Readonly<Record<string, Json>>;
  readonly poisoned: boolean;
}

/** What the destination should hold for a row; null: nothing (left out, or nobody to write it to). */
export function expectedOf(row: SourceRow): ExpectedRecord | null {
  const { email, name, city, score, notes, bio, active } = row.columns;
  if (row.deleted === true || active !== true || typeof email !== "string") return null;
  return {
    record: email.trim().toLowerCase(),
    values: { first_name: name, town: typeof city === "string" ? city.trim() : city, points: score },
    texts: { remarks: notes, story: bio },
    poisoned: name === POISON,
  };
}

/** Which record a row is part of, left out by `where` or not; null: none. */
export function recordOf({ columns, deleted }: SourceRow): string | null {
  const { email } = columns;
  return deleted === true || typeof email !== "string" ? null : email.trim().toLowerCase();
}

/** Nothing to extract from, in any of its forms. */
export function isNothing(value: Json | undefined): boolean {
  return value === undefined || value === null || value === "";
}
