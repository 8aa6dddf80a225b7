import { QuotaStop } from "../contracts/destination.ts";
import type { EngineSettings } from "../contracts/job.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Checkpoints } from "./checkpoint.ts";

export interface WindDownPorts {
  readonly reason: unknown;
  readonly runtime: Runtime;
  readonly settings: Pick<EngineSettings, "interruptGraceMs" | "landingTimeoutMs">;
  readonly leave: AbortController;
  /** Resolves when nothing is under way any more. */
  readonly settled: Promise<void>;
  readonly checkpoints: Checkpoints;
}

/**
 * The end of a run that stops early: what has been accepted is followed to its end for a while, so that it is neither sent
 * nor asked about again; then everything still under way is left to the next run.
 * A person who interrupts waits `interruptGraceMs` at most; when the month is over there is no hurry.
 */
export async function windDown({
  reason,
  runtime,
  settings,
  leave,
  settled,
  checkpoints,
}: WindDownPorts): Promise<void> {
  const graceMs = reason instanceof QuotaStop ? settings.landingTimeoutMs : settings.interruptGraceMs;
  const graceOver = new AbortController();
  await Promise.race([
    settled,
    runtime.sleep(graceMs, AbortSignal.any([graceOver.signal, leave.signal])).catch(() => undefined),
  ]);
  graceOver.abort();
  if (!leave.signal.aborted) leave.abort(reason);
  await settled;
  // Pages before the first failure may still have moved the checkpoint; the failure itself is the run's reason already.
  await checkpoints.done().catch(() => undefined);
}
