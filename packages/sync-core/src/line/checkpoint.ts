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
export function createCheckpoints(state: SyncState, onMoved: (page: Page) => void): Checkpoints {
  let tail: Promise<void> = Promise.resolve();
  return {
    after(page, settled) {
      tail = Promise.all([tail, settled]).then(async () => {
        await state.checkpoint(page.cursor, page.proved);
        onMoved(page);
      });
      // The failure is heard through done(); until somebody listens it must not count as unhandled.
      tail.catch(() => undefined);
    },
    wait(settled) {
      tail = Promise.all([tail, settled]).then(() => undefined);
      tail.catch(() => undefined);
    },
    done: () => tail,
  };
}
