import type { Engine, RunOptions, SyncJob } from "../contracts/job.ts";
import type { Receipt } from "../contracts/receipt.ts";

export async function runSync(job: SyncJob, engine: Engine, options: RunOptions): Promise<Receipt> {
  throw new Error(`not built yet: ${job.name} ${engine.versions.core} ${String(options.limit)}`);
}
