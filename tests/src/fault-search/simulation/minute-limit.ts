/** A limit of units in any sliding minute, exact. */
export interface MinuteLimit {
  /** Takes `units` at `now` if they fit; otherwise says how much is used and when there may be room again. */
  take(now: number, units: number): { readonly current: number; readonly waitMs: number } | null;
  /** The most units that any minute saw. */
  most(): number;
}

const MINUTE_MS = 60_000;

export function createMinuteLimit(perMinute: number | null): MinuteLimit {
  const used: { at: number; units: number }[] = [];
  let most = 0;
  return {
    take(now, units) {
      while (used[0] !== undefined && used[0].at <= now - MINUTE_MS) used.shift();
      const current = used.reduce((sum, each) => sum + each.units, 0);
      if (perMinute !== null && current + units > perMinute)
        return { current, waitMs: Math.max(1000, (used[0]?.at ?? now) + MINUTE_MS - now) };
      used.push({ at: now, units });
      most = Math.max(most, current + units);
      return null;
    },
    most: () => most,
  };
}
