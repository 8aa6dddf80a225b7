import type { Engine, RetryReport, SyncJob } from "../contracts/job.ts";
import { runSync } from "./run-sync.ts";

export interface RetryOptions {
  /** Aborted with an {@link Interrupt}: finish what is in flight, leave. Rows that were not tried stay parked. */
  readonly drain: AbortSignal;
  /** As of {@link RunOptions}. */
  readonly runId?: string;
}

/**
 * Tries parked rows once more, as they are at the source now: nothing of them was stored but key, reason and digest. Those that
 * land are parked no longer, nor are those that are gone at the source or left out by now; those refused again stay.
 * @throws as {@link runSync}.
 */
export async function retrySync(job: SyncJob, engine: Engine, options: RetryOptions): Promise<RetryReport> {
  const parked = await engine.state.parked(job.name, Number.POSITIVE_INFINITY);
  if (parked.length === 0) return { sync: job.name, parked: 0, gone: 0, receipt: null };
  let gone = 0;
  const receipt = await runSync(job, engine, {
    limit: null,
    full: false,
    drain: options.drain,
    ...(options.runId === undefined ? {} : { runId: options.runId }),
    resend: {
      keys: parked.map(({ key }) => key),
      distrusted: false,
      onGone: (keys) => {
        gone += keys.length;
      },
    },
  });
  return { sync: job.name, parked: parked.length, gone, receipt };
}
