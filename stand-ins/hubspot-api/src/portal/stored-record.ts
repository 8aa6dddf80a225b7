import { hash } from "@acme/stand-in-kit";

/** What is true of a record from one change to the next. Never altered. */
export interface RecordVersion {
  readonly state: "live" | "archived" | "gone";
  readonly modifiedAtMs: number;
  readonly archivedAtMs: number | undefined;
  /** Values somebody has set; they win over generated ones. Null: cleared. */
  readonly values: ReadonlyMap<string, string | null>;
  /** Later changes have higher ones. */
  readonly sequence: number;
  /** The version before, as long as history goes. */
  readonly previous: RecordVersion | undefined;
  /** App or person of the change, for history. */
  readonly sourceType: string;
}

export const noValues: ReadonlyMap<string, string | null> = new Map();

/** The `rank` of an id; another `salt` gives another one. */
export function toRank(id: number, salt = 0): number {
  return hash(id % 4_294_967_296, Math.floor(id / 4_294_967_296), 7 + salt) >>> 2;
}

/** A record: its present version, and the one the search index knows. */
export interface StoredRecord {
  readonly id: number;
  /** Place among equals, arbitrary but the same every time. */
  readonly rank: number;
  readonly createdAtMs: number;
  /** Index of the generated values; -1 for a record that was not seeded. */
  readonly seedIndex: number;
  current: RecordVersion;
  /** Undefined until it is first indexed. */
  indexed: RecordVersion | undefined;
}
