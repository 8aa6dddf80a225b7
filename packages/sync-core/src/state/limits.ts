/** How many receipts of a sync are kept. */
export const maxReceipts = 1_000;

/** How many notes of a sync are kept in the run queue. */
export const maxNotes = 500;

/** Databases know whole numbers only; `Infinity` means all. */
export function toRowLimit(limit: number): number {
  return Math.min(Math.max(0, Math.floor(limit)), Number.MAX_SAFE_INTEGER);
}
