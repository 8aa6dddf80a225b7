import { isConcurrencyLimit, isPassing, type Refusal } from "./errors.ts";

/** Tries of one call in all, for faults that pass: 1 + 2 + 4 + 8 seconds of waiting at most. */
const MAX_TRIES = 5;
/** What Salesforce calls an edge fault (420: the org is being set up) seldom passes within seconds. */
const MAX_EDGE_TRIES = 3;
const FIRST_WAIT_MS = 1000;
/** Requests of more than 20 seconds are limited to 25 at once: those under way have to end first. */
const CONCURRENCY_WAIT_MS = 5000;
const LONGEST_WAIT_MS = 60_000;

/**
 * How long to wait before the same call is made again; null: do not. Pure.
 * @param refusal null: there was no answer (network, timeout, cut off).
 * @param tries made so far, at least 1.
 * @param random in [0, 1).
 */
export function retryWaitMs(refusal: Refusal | null, tries: number, random: number): number | null {
  const spread = 0.75 + random / 2;
  const backoffMs = FIRST_WAIT_MS * 2 ** (tries - 1) * spread;
  if (refusal === null) return tries < MAX_TRIES ? backoffMs : null;
  if (isConcurrencyLimit(refusal)) {
    return tries < MAX_TRIES ? Math.min(LONGEST_WAIT_MS, CONCURRENCY_WAIT_MS * 2 ** (tries - 1)) * spread : null;
  }
  if (!isPassing(refusal)) return null;
  if (refusal.status === 420) return tries < MAX_EDGE_TRIES ? backoffMs : null;
  return tries < MAX_TRIES ? Math.min(LONGEST_WAIT_MS, Math.max(backoffMs, refusal.retryAfterMs ?? 0)) : null;
}
