import type { RunEnd } from "../contracts/engine-port.ts";

/** How often the sync is looked at again while somebody else runs it. */
const HELD_MS = 15_000;
/** A run that gave up on a passing fault is tried again after 5, 10 and 20 minutes; then its schedule decides. */
const FIRST_TRY_MS = 5 * 60_000;
const MAX_TRIES = 3;

export interface EndOfRun {
  readonly now: number;
  /** Somebody else runs the sync. */
  readonly isHeld: boolean;
  /** It was interrupted because the runner stops. */
  readonly isStopping: boolean;
  /** How often in a row the sync has given up on a passing fault; 0: it has not. */
  readonly tries: number;
}

/** Whether and when a run goes on. Pure. */
export function nextTry({ now, isHeld, isStopping, tries }: EndOfRun): RunEnd {
  if (isHeld) return { state: "again", dueAt: now + HELD_MS };
  if (isStopping) return { state: "again", dueAt: now };
  if (tries > 0 && tries <= MAX_TRIES) return { state: "again", dueAt: now + FIRST_TRY_MS * 2 ** (tries - 1) };
  return { state: "ended" };
}
