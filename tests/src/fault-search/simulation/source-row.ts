import type { Json } from "@acme/sync-core";

/** One committed version of a row of the source's table. */
export interface SourceRow {
  readonly key: string;
  /** Counts all commits of the table. */
  readonly version: number;
  /** When the transaction that wrote it began, in whole ticks. */
  readonly stamp: number;
  readonly columns: Readonly<Record<ColumnName, Json>>;
  /** The row is gone, and this version says so. */
  readonly deleted?: true;
}

export type ColumnName = "email" | "name" | "city" | "score" | "notes" | "bio" | "active" | "phone";

/** A value that the service never takes. */
export const POISON = "poison";
