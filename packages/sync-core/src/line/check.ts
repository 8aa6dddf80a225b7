import type { CheckReport, Engine, SyncJob } from "../contracts/job.ts";
import { prepare } from "./prepare.ts";

/** me(), collections.list(), the mapping held against both ends, and the source's own check. Sends no row. */
export async function checkSync(job: SyncJob, engine: Engine, signal: AbortSignal): Promise<CheckReport> {
  const { account, collections, stream, findings } = await prepare(job, engine, signal);
  return { account, collections, stream, findings: [...(await job.source.check(signal)), ...findings] };
}
