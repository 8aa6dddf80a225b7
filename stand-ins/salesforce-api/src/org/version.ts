import type { Value } from "./field-definition.ts";

/** One state of a row, never changed once made. Values not named here are those the row was seeded with. */
export interface Version {
  readonly values: ReadonlyMap<string, Value>;
  readonly createdMs: number;
  /** SystemModstamp: moves with every change. */
  readonly stampMs: number;
  /** LastModifiedDate: moves when a user changes something. */
  readonly modifiedMs: number;
  readonly createdById: string;
  readonly modifiedById: string;
  /** When it went into the bin; undefined while it is alive. */
  readonly deletedMs: number | undefined;
  /** Gone for good, and out of sight of every query. */
  readonly purged: boolean;
  /** The winner of the merge in which this row was lost. */
  readonly masterId: string | null;
}
