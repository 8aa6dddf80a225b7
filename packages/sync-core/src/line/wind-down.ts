import { QuotaStop } from "../contracts/destination.ts";
import type { RunParts } from "./run-parts.ts";

/**
 * The end of a run that stops early: what has been accepted is followed to its end for a while, so that it is neither sent
 * nor asked about again; then everything still under way is left to the next run, and what never left is taken back.
 * Whoever interrupts waits `interruptGraceMs` at most; when the month is over there is no hurry, until somebody interrupts.
 */
export async function windDown(parts: RunParts): Promise<void> {
  const { engine, options, stop, leave, inFlight, checkpoints, unsent } = parts;
  const { runtime, settings } = engine;
  const { reason } = stop.signal;
  const settled = inFlight.allSettled();
  const graceOver = new AbortController();
  const ended = AbortSignal.any([graceOver.signal, leave.signal]);
  /** True when it slept to the end. */
  const sleep = (ms: number, signal: AbortSignal): Promise<boolean> =>
    runtime.sleep(ms, signal).then(
      () => true,
      () => false,
    );
  async function grace(): Promise<void> {
    const isCalm = reason instanceof QuotaStop;
    if (isCalm && (await sleep(settings.landingTimeoutMs, AbortSignal.any([ended, options.drain])))) return;
    await sleep(settings.interruptGraceMs, ended);
  }
  await Promise.race([settled, grace()]);
  graceOver.abort();
  if (!leave.signal.aborted) leave.abort(reason);
  await settled;
  // Pages before the first failure may still have moved the checkpoint; the failure itself is the run's reason already.
  await checkpoints.done().catch(() => undefined);
  await unsent.withdraw();
}
