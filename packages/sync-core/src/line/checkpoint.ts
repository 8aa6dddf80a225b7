import type { Page } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";

export interface Checkpoints {
  /** Moves the checkpoint to the end of `page` once `settled` and all earlier pages are through. Order of pages is kept. */
  after(page: Page, settled: Promise<unknown>): void;
  /** Waits for more to settle, without moving the checkpoint: a page was read in part. */
  wait(settled: Promise<unknown>): void;
  /** Resolves when every page is through; rejects with the first failure, after which no checkpoint moves any more. */
  done(): Promise<void>;
}

/** @param onMoved called after every move. */
export function createCheckpoints(state: Pick<SyncState, "checkpoint">, onMoved: (page: Page) => void): Checkpoints {
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
    after(page, settled) {
      append(settled, async () => {
        await state.checkpoint(page.cursor, page.proved);
        onMoved(page);
      });
    },
    wait: (settled) => append(settled, async () => undefined),
    done: () => tail,
  };
}
