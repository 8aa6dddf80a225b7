import type { Receipt, SyncSummary } from "@acme/sync-core";
import { RECENT_RUNS } from "../contracts/runner-view.ts";
import type { ShownState } from "./create-shown-state.ts";

/** What the state knows of a sync, as of a moment ago. */
export interface Memory {
  readonly summary: SyncSummary | null;
  /** The last {@link RECENT_RUNS}, newest first. */
  readonly receipts: readonly Receipt[];
  /** When the last run that ended well began; null: none. */
  readonly freshAt: number | null;
}

/**
 * Looks into the state for the page, so that a page of 300 syncs does not ask it 1,000 questions: what was read is used for
 * `maxAgeMs`, then read again behind the back of whoever asks.
 */
export interface Remembered {
  of(sync: string): Promise<Memory>;
  /** A run of it ended: the next look is a new one. */
  forget(sync: string): void;
}

export interface RememberedOptions {
  readonly state: Pick<ShownState, "summary" | "receipts">;
  readonly now: () => number;
  readonly maxAgeMs: number;
  readonly onError: (error: unknown) => void;
}

/** All that are kept: a sync may have failed for long. */
const ALL_RECEIPTS = 1000;

export function createRemembered({ state, now, maxAgeMs, onError }: RememberedOptions): Remembered {
  const known = new Map<string, { readonly at: number; readonly memory: Promise<Memory> }>();
  const refreshing = new Set<string>();

  async function read(sync: string): Promise<Memory> {
    const [summary, receipts] = await Promise.all([state.summary(sync), state.receipts(sync, RECENT_RUNS)]);
    const good = receipts.find(isGood) ?? (receipts.length < RECENT_RUNS ? undefined : await longAgo(sync));
    return { summary, receipts, freshAt: good === undefined ? null : Date.parse(good.startedAt) };
  }

  async function longAgo(sync: string): Promise<Receipt | undefined> {
    return (await state.receipts(sync, ALL_RECEIPTS)).find(isGood);
  }

  function load(sync: string): Promise<Memory> {
    const memory = read(sync);
    known.set(sync, { at: now(), memory });
    // What could not be read is asked for again.
    memory.catch(() => known.delete(sync));
    return memory;
  }

  return {
    of(sync) {
      const found = known.get(sync);
      if (found === undefined) return load(sync);
      if (now() - found.at > maxAgeMs && !refreshing.has(sync)) {
        refreshing.add(sync);
        void read(sync)
          .then((memory) => known.set(sync, { at: now(), memory: Promise.resolve(memory) }), onError)
          .finally(() => refreshing.delete(sync));
      }
      return found.memory;
    },
    forget: (sync) => void known.delete(sync),
  };
}

/** All of what was changed before it began is in, or is parked. */
export function isGood({ exitCode }: Pick<Receipt, "exitCode">): boolean {
  return exitCode === 0 || exitCode === 4;
}
