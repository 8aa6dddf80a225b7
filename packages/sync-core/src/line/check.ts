import type { CheckReport, Engine, SyncJob } from "../contracts/job.ts";

/** me(), collections.list(), the source's own check, and the mapping held against both. Sends no row. */
export async function checkSync(job: SyncJob, engine: Engine, signal: AbortSignal): Promise<CheckReport> {
  throw new Error(`not built yet: ${job.name} ${engine.versions.core} ${String(signal.aborted)}`);
}
