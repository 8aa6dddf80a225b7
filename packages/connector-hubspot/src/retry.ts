import { isDailyLimit, type Refusal } from "./errors.ts";

/** Tries of one call in all, for faults that pass: 1 + 2 + 4 + 8 seconds of waiting at most. */
const MAX_TRIES = 5;
/** Faults at the edge (bad TLS, a damaged token) seldom pass. */
const MAX_EDGE_TRIES = 3;
/** A limit was hit although we keep it: others use it too. Each try waits out a whole window. */
const MAX_LIMIT_TRIES = 8;
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 60_000;
const BURST_WINDOW_MS = 10_000;
const SECOND_MS = 1000;
/** How long HubSpot keeps an account locked. */
const LOCK_MS = 2000;

const EDGE: ReadonlySet<number> = new Set([522, 525, 526, 530]);

/**
 * How long to wait before the same call is made again; null: do not. Pure.
 * @param refusal null: there was no answer (network, timeout, cut off).
 * @param tries made so far, at least 1.
 * @param random in [0, 1).
 */
export function retryWaitMs(refusal: Refusal | null, tries: number, random: number): number | null {
  const backoffMs = FIRST_WAIT_MS * 2 ** (tries - 1) * (0.75 + random / 2);
  if (refusal === null) return tries < MAX_TRIES ? backoffMs : null;
  const { status, retryAfterMs } = refusal;
  if (status === 429) {
    if (isDailyLimit(refusal) || tries >= MAX_LIMIT_TRIES) return null;
    return bounded(retryAfterMs ?? (refusal.policyName === "SECONDLY" ? SECOND_MS : BURST_WINDOW_MS), random);
  }
  if (status === 423) return tries < MAX_TRIES ? bounded(Math.max(LOCK_MS * tries, retryAfterMs ?? 0), random) : null;
  if (status === 477) return retryAfterMs !== null && tries < MAX_TRIES ? bounded(retryAfterMs, random) : null;
  if (EDGE.has(status)) return tries < MAX_EDGE_TRIES ? backoffMs : null;
  if (status >= 500 || status === 408) {
    return tries < MAX_TRIES ? bounded(Math.max(backoffMs, retryAfterMs ?? 0), 0) : null;
  }
  return null;
}

/** A little apart, so that many who wait do not come back at once; null where the wait is the next run's business. */
function bounded(waitMs: number, random: number): number | null {
  return waitMs > LONGEST_WAIT_MS ? null : waitMs + random * 250;
}
