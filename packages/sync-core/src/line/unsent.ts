import type { Batch } from "../contracts/line.ts";
import type { SyncState } from "../contracts/state.ts";

/** Batches that were written down and have not left. If the run ends early they are taken back, as if never written. */
export interface Unsent {
  add(batch: Batch): void;
  left(batchId: string): void;
  size(): number;
  withdraw(): Promise<void>;
}

export function createUnsent(state: Pick<SyncState, "withdraw">): Unsent {
  const ids = new Set<string>();
  return {
    add: (batch) => void ids.add(batch.id),
    left: (batchId) => void ids.delete(batchId),
    size: () => ids.size,
    async withdraw() {
      if (ids.size > 0) await state.withdraw([...ids]);
      ids.clear();
    },
  };
}
