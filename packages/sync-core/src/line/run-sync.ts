import type { Engine, RunOptions, SyncJob } from "../contracts/job.ts";
import type { Receipt } from "../contracts/receipt.ts";
import { claim, keepClaim } from "./claim.ts";
import { prepare } from "./prepare.ts";
import { makeReceipt } from "./receipt.ts";
import { createReport } from "./report.ts";
import { run } from "./run.ts";
import { createRunParts } from "./run-parts.ts";
import { createStop } from "./stop.ts";

/**
 * One run of one sync, from the claim to the receipt.
 *
 * Resolves with the receipt once rows could have been sent, however the run ended; the receipt is kept in the state store.
 * @throws what kept it from beginning: another run holds the sync, or mapping, credentials or source do not fit; nothing was
 *   sent and no receipt is written then. Unexpected errors and BugErrors are thrown too, after the receipt was written.
 */
export async function runSync(job: SyncJob, engine: Engine, options: RunOptions): Promise<Receipt> {
  const startedAt = engine.runtime.now();
  const state = await claim(job.name, engine);
  const leave = new AbortController();
  const report = createReport(engine);
  const background = [
    keepClaim(state, engine, leave.signal).catch((error: unknown) => leave.abort(error)),
    report.keepTelling(engine.runtime, leave.signal),
  ];
  try {
    const prepared = await prepare(job, engine, AbortSignal.any([leave.signal, createStop(options.drain).signal]));
    const cursorBefore = await state.cursor();
    const [lastReceipt] = await engine.state.receipts(job.name, 1);
    // How many rows changed since a cursor nobody knows; only a reading of everything has an end that can be estimated.
    report.estimate(cursorBefore === null || options.full ? prepared.stream.estimatedRows : null);

    const expectedLandingMs = lastReceipt?.landingMs ?? null;
    const provedBefore = (await engine.state.summary(job.name))?.proved ?? null;
    const parts = createRunParts({
      job,
      engine,
      options,
      state,
      prepared,
      report,
      leave,
      provedBefore,
      expectedLandingMs,
    });
    const journey = await run(parts);

    report.phase("finished");
    const previousReceipt = await state.lastReceiptDigest();
    const receipt = makeReceipt({
      job,
      engine,
      state,
      runId: options.runId ?? null,
      startedAt,
      prepared,
      report,
      readBack: parts.readBack.counts(),
      cursorBefore,
      journey,
      previousReceipt,
    });
    await state.saveReceipt(receipt);
    if (journey.ending.exitCode === 1) throw journey.error;
    return receipt;
  } finally {
    leave.abort(new Error("the run is over"));
    await Promise.all(background);
    await state.release();
  }
}
