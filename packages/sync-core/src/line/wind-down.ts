import { QuotaStop } from "../contracts/destination.ts";
import type { RunParts } from "./run-parts.ts";

/**
 * The end of a run that stops early: what has been accepted is followed to its end for a while, so that it is neither sent
 * nor asked about again; then everything still under way is left to the next run, and what never left is taken back.
 * Whoever interrupts waits `interruptGraceMs` at most; when the month is over there is no hurry.
 */
export async function windDown({ engine, stop, leave, inFlight, checkpoints, unsent }: RunParts): Promise<void> {
  const { runtime, settings } = engine;
  const { reason } = stop.signal;
  const settled = inFlight.allSettled();
  const graceMs = reason instanceof QuotaStop ? settings.landingTimeoutMs : settings.interruptGraceMs;
  const graceOver = new AbortController();
  const grace = runtime.sleep(graceMs, AbortSignal.any([graceOver.signal, leave.signal])).catch(() => undefined);
  await Promise.race([settled, grace]);
  graceOver.abort();
  if (!leave.signal.aborted) leave.abort(reason);
  await settled;
  // Pages before the first failure may still have moved the checkpoint; the failure itself is the run's reason already.
  await checkpoints.done().catch(() => undefined);
  await unsent.withdraw();
}
