import type { Json } from "./json.ts";
import type { IdentityKind } from "./mapping.ts";

/**
 * What a row is while it travels: read → map → diff → batch → deliver → confirm → checkpoint.
 * The pure steps turn each of these shapes into the next.
 */

/** A property of the mapping after every check has passed. */
export interface MappedProperty {
  readonly name: string;
  readonly collectionId: string;
  readonly collectionName: string;
  readonly extract: boolean;
  /** The name under which a row carries the value. */
  readonly field: string;
}

/** map: a row in the destination's terms. */
export interface MappedRow {
  /** Key of the source row. */
  readonly key: string;
  /** The destination record that this row writes: its normalised identity. Two rows may share one. */
  readonly record: string;
  /** Identity values by the row key that carries them. */
  readonly identity: Readonly<Record<string, Json>>;
  /** In the order of the mapping's structured properties. */
  readonly structured: readonly Json[];
  /** In the order of the mapping's extracting properties. */
  readonly extracting: readonly Json[];
}

/** diff: a row of which something has to be sent. */
export interface ChangedRow {
  readonly row: MappedRow;
  /** True for a record key never landed before. */
  readonly isNew: boolean;
  readonly sendStructured: boolean;
  /** Indexes into the mapping's extracting properties. */
  readonly sendExtracting: readonly number[];
  /** Digest of the whole mapped row, stored when it has landed. */
  readonly digest: Uint8Array;
}

/** What, together with the value of a record's identity, names the record. */
export interface RecordKind {
  readonly entityType: string;
  readonly kind: IdentityKind;
  /** The name of a custom key; null for the other kinds. */
  readonly keyName: string | null;
}

/** batch: rows of one entity type and one set of properties, each record at most once. */
export interface Batch {
  /** Made of position and content: the same rows at another place get another id. */
  readonly id: string;
  readonly page: number;
  readonly recordKind: RecordKind;
  readonly properties: readonly MappedProperty[];
  readonly rows: readonly BatchRow[];
  /** Size of the payload as JSON text, about. */
  readonly bytes: number;
  /** What the batch costs of the plan's limits, by the configured rate unit. */
  readonly units: number;
}

export interface BatchRow {
  readonly key: string;
  readonly record: string;
  /** What is sent: row key → value. */
  readonly values: Readonly<Record<string, Json>>;
  readonly digest: Uint8Array;
  readonly isNew: boolean;
  /** Characters of text that the destination will extract from. */
  readonly aiCharacters: number;
  /** Rows of the same page that write the same record and lost to this one; they count as landed with it. */
  readonly superseded: readonly { readonly key: string; readonly digest: Uint8Array }[];
}

/** A row that will not be sent as it is. The reason names fields and limits, never values. */
export interface ParkedRow {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  /** Digest of the mapped row: the same version is not sent again until `retry`. null: it could not be mapped, or any version may be sent. */
  readonly digest: Uint8Array | null;
}

export type RateUnit = "row" | "chunk" | "call";

export interface BatchLimits {
  readonly maxRows: number;
  readonly maxBytes: number;
  /** Text of one row; more is refused by the destination (reference section 12: 100,000). */
  readonly maxRowCharacters: number;
  /** What the plan's limits count. */
  readonly rateUnit: RateUnit;
  /** Rows that the destination works on together; matters where a chunk is what is counted. */
  readonly chunkSize: number;
}
