import type { Runtime } from "../contracts/runtime.ts";

/** Keeps account of why and how long requests wait. */
export interface WaitTally {
  /** Runs `wait`, and counts the time it really took. */
  during(reason: string, expectedMs: number, wait: () => Promise<void>): Promise<void>;
  /** Remembers a reason whose waiting is counted elsewhere. */
  note(reason: string, expectedMs: number): void;
  waitedMs(): Record<string, number>;
  /** The longest wait under way, in words. */
  waitingFor(): string | null;
}

/** Waits shorter than this are pacing at work, not news. */
const WORTH_SAYING_MS = 2000;

export function createWaitTally(runtime: Pick<Runtime, "now">): WaitTally {
  const waited = new Map<string, number>();
  const under = new Map<symbol, { reason: string; untilMs: number; expectedMs: number }>();
  const notes = new Map<string, number>();

  return {
    async during(reason, expectedMs, wait) {
      const id = Symbol(reason);
      const startedAt = runtime.now();
      under.set(id, { reason, untilMs: startedAt + expectedMs, expectedMs });
      try {
        await wait();
      } finally {
        under.delete(id);
        // The reason of a retry names the fault; the sum is kept by its first words.
        const key = reason.split(":")[0] ?? reason;
        waited.set(key, (waited.get(key) ?? 0) + (runtime.now() - startedAt));
      }
    },
    note(reason, expectedMs) {
      notes.set(reason, runtime.now() + expectedMs);
    },
    waitedMs: () => Object.fromEntries([...waited].map(([reason, ms]) => [reason, Math.round(ms)])),
    waitingFor() {
      const now = runtime.now();
      const candidates = [
        ...[...under.values()].filter((wait) => wait.expectedMs >= WORTH_SAYING_MS),
        ...[...notes].map(([reason, untilMs]) => ({ reason, untilMs })),
      ].filter((wait) => wait.untilMs > now);
      const longest = candidates.toSorted((left, right) => right.untilMs - left.untilMs)[0];
      return longest === undefined ? null : `${longest.reason} (${Math.ceil((longest.untilMs - now) / 1000)} s)`;
    },
  };
}
