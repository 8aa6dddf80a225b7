import type { Pace } from "../contracts/state.ts";

/** A busy machine wakes a sleeper this much late every now and then; the pace has room for it. */
const HARMLESS_MS = 100;
const MINUTE_MS = 60_000;

/**
 * Calls that leave later than their place in the minute crowd the ones behind them: a stall of d milliseconds lets up to d
 * milliseconds' worth of units too many into some sliding minute. So the time that was lost is given up, not made up for.
 */
export interface Lateness {
  /**
   * @param dueAt when the call had its place.
   * @param now when it leaves.
   * @returns units to leave unused. One stall makes several calls late and is given up once.
   */
  unitsToGiveUp(dueAt: number, now: number, pace: Pace): number;
}

export function createLateness(): Lateness {
  let stall = { endedAt: Number.NEGATIVE_INFINITY, givenUpMs: 0 };
  return {
    unitsToGiveUp(dueAt, now, pace) {
      const lateMs = now - dueAt;
      if (lateMs <= HARMLESS_MS) return 0;
      const isSameStall = dueAt <= stall.endedAt;
      const missingMs = isSameStall ? lateMs - stall.givenUpMs : lateMs;
      stall = { endedAt: now, givenUpMs: isSameStall ? Math.max(stall.givenUpMs, lateMs) : lateMs };
      return missingMs <= 0 ? 0 : (missingMs * (pace.unitsPerMinute - pace.burstUnits)) / MINUTE_MS;
    },
  };
}
