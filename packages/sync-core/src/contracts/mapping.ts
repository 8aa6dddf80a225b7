import type { MappedProperty } from "./line.ts";
import type { WhereCondition } from "../mapping/mapping-config.ts";
import type { TransformName } from "../mapping/transforms.ts";

/** A mapping after every check has passed: names resolved, identity decided, properties split by how they are sent. */
export interface Mapping {
  readonly entityType: string;
  readonly runName: string;
  /** What identifies a record. A row without it is parked. */
  readonly identity: MappedIdentity;
  /** A second key that is stored on the record, where one is mapped besides the identity; null otherwise. */
  readonly secondaryKey: MappedIdentity | null;
  /** Sorted by name, so that digests do not depend on the order in a file. */
  readonly structured: readonly MappedProperty[];
  readonly extracting: readonly MappedProperty[];
  /** Row key → how to get its value: the source field and the transform. */
  readonly values: ReadonlyMap<string, { readonly sourceField: string; readonly transform: TransformName | null }>;
  readonly where: readonly WhereCondition[];
  /** Every source field that is needed to map a row. */
  readonly sourceFields: readonly string[];
}

export interface MappedIdentity {
  readonly kind: IdentityKind;
  /** The name of a custom key; null for the other kinds. */
  readonly keyName: string | null;
  readonly sourceField: string;
}

export type IdentityKind = "email" | "website" | "recordId" | "customKey";
