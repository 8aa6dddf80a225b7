import type { Batch } from "../contracts/line.ts";
import type { SyncState } from "../contracts/state.ts";

/** Batches that were written down and have not left. If the run ends early they are taken back, as if never written. */
export interface Unsent {
  add(batch: Batch): void;
  left(batchId: string): void;
  size(): number;
  /** Waits until fewer than 32 are left. */
  untilFew(): Promise<void>;
  withdraw(): Promise<void>;
}

/**
 * Enough to keep requests under way while the next page is worked on. With more of them reading runs ahead in bursts, and what it has
 * read takes memory while it waits for its turn.
 */
const FEW = 32;

export function createUnsent(state: Pick<SyncState, "withdraw">): Unsent {
  const ids = new Set<string>();
  let waiting: (() => void)[] = [];

  const wake = (): void => {
    if (ids.size >= FEW) return;
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  };

  return {
    add: (batch) => void ids.add(batch.id),
    left(batchId) {
      ids.delete(batchId);
      wake();
    },
    size: () => ids.size,
    async untilFew() {
      while (ids.size >= FEW) await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async withdraw() {
      if (ids.size > 0) await state.withdraw([...ids]);
      ids.clear();
      wake();
    },
  };
}
