import type { Batch } from "../contracts/line.ts";
import type { UnsettledBatch } from "../contracts/state.ts";
import { packRows, unpackRows } from "./packed-rows.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";

/** The rows of a batch as the state keeps them. */
export interface StoredBatch {
  readonly rows: Uint8Array;
  /** Rows that lost to one of them, with its record; null when there are none. */
  readonly superseded: Uint8Array | null;
}

export function toStoredBatch(batch: Batch): StoredBatch {
  const superseded = batch.rows.flatMap(({ record, superseded: lost }) => lost.map((row) => ({ ...row, record })));
  return { rows: toStoredRows(batch.rows), superseded: superseded.length === 0 ? null : toStoredRows(superseded) };
}

export function toStoredRows(rows: UnsettledBatch["rows"]): Uint8Array {
  return packRows(rows.map(toStoredRow));
}

/** The inverse of {@link toStoredRows}; null when the value was not made by it. */
export function fromStoredRows(packed: Uint8Array): UnsettledBatch["rows"] | null {
  const rows = unpackRows(packed);
  return rows?.map((row) => ({ ...row, key: fromStoredText(row.key), record: fromStoredText(row.record) })) ?? null;
}

function toStoredRow<Row extends { readonly key: string; readonly record: string }>(row: Row): Row {
  const key = toStoredText(row.key);
  const record = toStoredText(row.record);
  return key === row.key && record === row.record ? row : { ...row, key, record };
}

/** Whether a batch holds a row, or one that lost to one of its; null when its rows cannot be read. */
export function holdsRow(batch: StoredBatch, key: string): boolean | null {
  const rows = fromStoredRows(batch.rows);
  const superseded = batch.superseded === null ? [] : fromStoredRows(batch.superseded);
  if (rows === null || superseded === null) return null;
  return [...rows, ...superseded].some((row) => row.key === key);
}
