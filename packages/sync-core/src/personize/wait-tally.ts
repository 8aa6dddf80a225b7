import type { Runtime } from "../contracts/runtime.ts";

/** Keeps account of why and how long requests wait. */
export interface WaitTally {
  /** Runs `wait`, and counts the time it really took; waits for one reason that overlap count once. */
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
  const waited = new Map<string, { totalMs: number; under: number; since: number }>();
  const under = new Map<symbol, { reason: string; untilMs: number; expectedMs: number }>();
  const notes = new Map<string, number>();

  return {
    async during(reason, expectedMs, wait) {
      const id = Symbol(reason);
      // The reason of a retry names the fault; the sum is kept by its first words.
      const key = reason.split(":")[0] ?? reason;
      const sum = waited.get(key) ?? { totalMs: 0, under: 0, since: 0 };
      waited.set(key, sum);
      if (sum.under === 0) sum.since = runtime.now();
      sum.under += 1;
      under.set(id, { reason, untilMs: runtime.now() + expectedMs, expectedMs });
      try {
        await wait();
      } finally {
        under.delete(id);
        sum.under -= 1;
        if (sum.under === 0) sum.totalMs += runtime.now() - sum.since;
      }
    },
    note(reason, expectedMs) {
      notes.set(reason, runtime.now() + expectedMs);
    },
    waitedMs: () => Object.fromEntries([...waited].map(([reason, sum]) => [reason, Math.round(sum.totalMs)])),
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
