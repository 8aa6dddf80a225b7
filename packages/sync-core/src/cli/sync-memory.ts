import type { Receipt } from "../contracts/receipt.ts";
import type { StateStore, StoredParkedRow, SyncSummary } from "../contracts/state.ts";

/** What the state store remembers of one sync. */
export interface SyncMemory {
  /** null: it never ran. */
  readonly summary: SyncSummary | null;
  /** Newest first. */
  readonly receipts: readonly Receipt[];
  readonly parked: readonly StoredParkedRow[];
}

export async function readSyncMemory(
  state: StateStore | null,
  sync: string,
  limits: { readonly receipts: number; readonly parked: number },
): Promise<SyncMemory> {
  if (state === null) return { summary: null, receipts: [], parked: [] };
  return {
    summary: await state.summary(sync),
    receipts: await state.receipts(sync, limits.receipts),
    parked: await state.parked(sync, limits.parked),
  };
}
