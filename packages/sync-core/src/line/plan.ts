import type { Engine, PlanReport, SyncJob } from "../contracts/job.ts";

export interface PlanOptions {
  readonly limit: number | null;
  readonly full: boolean;
  /** How many rows to show as they would be sent. */
  readonly samples: number;
  readonly signal: AbortSignal;
}

export async function planSync(job: SyncJob, engine: Engine, options: PlanOptions): Promise<PlanReport> {
  throw new Error(`not built yet: ${job.name} ${engine.versions.core} ${options.samples}`);
}
