/** How many receipts of a sync are kept. */
export const maxReceipts = 1_000;

/** Databases know whole numbers only; `Infinity` means all. */
export function toRowLimit(limit: number): number {
  return Math.min(Math.max(0, Math.floor(limit)), Number.MAX_SAFE_INTEGER);
}
