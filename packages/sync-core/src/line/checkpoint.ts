import type { PageMarks } from "../contracts/deletions.ts";
import type { Page, ProvedInterval } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";

export interface Checkpoints {
  /**
   * Moves the checkpoint to the end of `page` once `settled` and all earlier pages are through. Order of pages is kept.
   * @param marks what the page has shown, remembered with it; absent: nothing is to be.
   */
  after(page: Page, settled: Promise<unknown>, marks?: PageMarks): void;
  /** Waits for more to settle, without moving the checkpoint: a page was read in part. */
  wait(settled: Promise<unknown>): void;
  /** Resolves when every page is through; rejects with the first failure, after which no checkpoint moves any more. */
  done(): Promise<void>;
}

/**
 * @param provedBefore what earlier runs proved complete; what follows on it without a gap is added to it.
 * @param onMoved called after every move.
 */
export function createCheckpoints(
  state: Pick<SyncState, "checkpoint">,
  provedBefore: ProvedInterval | null,
  onMoved: (page: Page) => void,
): Checkpoints {
  let proved = provedBefore;
  let tail: Promise<void> = Promise.resolve();

  /** Earlier pages come first, also when a later one has failed already: they may still move the checkpoint. */
  async function inTurn(earlier: Promise<void>, settled: Promise<unknown>, move: () => Promise<void>): Promise<void> {
    await earlier;
    await settled;
    await move();
  }

  function append(settled: Promise<unknown>, move: () => Promise<void>): void {
    tail = inTurn(tail, settled, move);
    // Failures are heard through done(); until somebody listens they must not count as unhandled.
    for (const promise of [tail, settled]) promise.catch(() => undefined);
  }

  return {
    after(page, settled, marks) {
      append(settled, async () => {
        if (page.proved !== null) proved = followOn(proved, page.proved);
        await state.checkpoint(page.cursor, proved, marks);
        onMoved(page);
      });
    },
    wait: (settled) => append(settled, async () => undefined),
    done: () => tail,
  };
}

/** One interval out of two where the later begins at or before the end of the earlier; else the later. */
export function followOn(earlier: ProvedInterval | null, later: ProvedInterval): ProvedInterval {
  const follows =
    earlier !== null && earlier.field === later.field && later.after !== null && later.after === earlier.through;
  return follows ? { ...later, after: earlier.after } : later;
}
