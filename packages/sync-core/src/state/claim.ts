/** A claim as it is stored; `holder` null when the sync is free. */
export interface Claim {
  readonly holder: string | null;
  readonly until: number | null;
  readonly ttl: number | null;
}

/**
 * Who holds the sync at `now`, and until when (exclusive); null when it is free or the claim has expired. A claim that seems
 * to last longer than twice what was asked for was made before the clock went back: it counts as expired, since it could
 * block the sync for years. Taking over a claim whose holder is alive costs that holder its run, never its state.
 */
export function toLiveClaim(claim: Claim, now: number): { readonly holder: string; readonly untilMs: number } | null {
  const { holder, until, ttl } = claim;
  if (holder === null || until === null || ttl === null) return null;
  return until > now && until - now <= 2 * ttl ? { holder, untilMs: until } : null;
}
