import type { Engine, SyncJob } from "../contracts/job.ts";
import type { ReadBackCounts, Receipt } from "../contracts/receipt.ts";
import type { Cursor } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";
import type { Prepared } from "./prepare.ts";
import type { Report } from "./report.ts";
import type { Journey } from "./run.ts";

export interface ReceiptParts {
  readonly job: SyncJob;
  readonly engine: Engine;
  readonly state: Pick<SyncState, "fence">;
  /** null: made of the time and the claim. */
  readonly runId: string | null;
  readonly startedAt: number;
  readonly prepared: Prepared;
  readonly report: Report;
  /** null: nothing was read back. */
  readonly readBack: ReadBackCounts | null;
  readonly cursorBefore: Cursor | null;
  readonly journey: Journey;
  readonly previousReceipt: string | null;
}

/** What the run did, put together once it is over. */
export function makeReceipt(parts: ReceiptParts): Receipt {
  const { job, engine, state, startedAt, prepared, report, readBack, cursorBefore, journey, previousReceipt } = parts;
  const runId = parts.runId ?? `${new Date(startedAt).toISOString().replace(/[-:.]/g, "")}-${state.fence}`;
  const { ending, last, proved } = journey;
  return {
    sync: job.name,
    runId,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(engine.runtime.now()).toISOString(),
    ...ending,
    versions: { ...engine.versions, connector: job.connector.version },
    configDigest: job.configDigest,
    organizationId: prepared.account.organizationId,
    proved,
    ...report.totals(),
    ...(readBack === null ? {} : { readBack }),
    cursorBefore,
    cursorAfter: last?.cursor ?? cursorBefore,
    previousReceipt,
  };
}
