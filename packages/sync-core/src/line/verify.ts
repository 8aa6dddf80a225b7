import type { Engine, SyncJob, VerifyReport } from "../contracts/job.ts";

export interface VerifyOptions {
  /** How many rows to read back, chosen evenly by chance; null: every row. */
  readonly sample: number | null;
  readonly repair: boolean;
  readonly signal: AbortSignal;
}

export async function verifySync(job: SyncJob, engine: Engine, options: VerifyOptions): Promise<VerifyReport> {
  throw new Error(`not built yet: ${job.name} ${engine.versions.core} ${String(options.sample)}`);
}
