/** A month this young says nothing about the rest of it. */
const MIN_ELAPSED_MS = 86_400_000;
/** Neither does so little of the limit. */
const MIN_SHARE = 0.1;

/**
 * Whether the month's quota will be used up before the month is over, at the pace so far; null: it will not, or too little is known.
 * Months are UTC. Pure.
 */
export function judgeQuota(now: number, used: number, limit: number | null): string | null {
  if (limit === null || limit <= 0) return null;
  const date = new Date(now);
  const begin = Date.UTC(date.getUTCFullYear(), date.getUTCMonth());
  const end = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
  const elapsedMs = now - begin;
  if (elapsedMs < MIN_ELAPSED_MS || used < limit * MIN_SHARE) return null;
  const usedUpAt = begin + (elapsedMs * limit) / used;
  if (usedUpAt >= end) return null;
  const day = new Date(Math.max(usedUpAt, now)).toISOString().slice(0, 10);
  return used >= limit
    ? `the month's quota is used up: ${used} of ${limit} units`
    : `at the pace so far the month's quota is used up on ${day}: ${used} of ${limit} units are used`;
}
