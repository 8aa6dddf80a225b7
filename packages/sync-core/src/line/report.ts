import type { BatchEvent } from "../contracts/batch-event.ts";
import type { Destination, Spending } from "../contracts/destination.ts";
import type { Engine } from "../contracts/job.ts";
import type { Batch } from "../contracts/line.ts";
import type { Progress } from "../contracts/progress.ts";
import type { Receipt, RowCounts } from "../contracts/receipt.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Confirmations } from "./confirm.ts";
import type { Verdict } from "./judge.ts";

/** Counts what a run does, and tells it to whoever shows progress. */
export interface Report {
  phase(phase: Progress["phase"]): void;
  estimate(rows: number | null): void;
  /** Rows of a page, by what became of them before anything was sent. */
  page(counts: Omit<RowCounts, "unsent" | "sent" | "landed" | "refused" | "deleted">): void;
  /** A batch of new rows was written down; halves and repeats of it are not told here. */
  written(batch: Batch): void;
  leaving(batch: Batch): void;
  settled(batch: Batch, verdict: Verdict): void;
  deleted(): void;
  /** A record that was to be deleted is shown by no search. */
  unseen(fate: "waiting" | "given-up"): void;
  notice(text: string): void;
  /** What the run itself waits for, besides landing and the destination's own waits. */
  waitingFor(describe: () => string | null): void;
  confirmations(confirmations: Pick<Confirmations, "oldestAgeMs" | "pending" | "landingMs">): void;
  rows(): RowCounts;
  totals(): Pick<Receipt, "rows" | "calls" | "units" | "waitedMs" | "aiCharacters" | "landingMs">;
  /** Tells where the run stands once a second until `signal` is aborted. */
  keepTelling(runtime: Runtime, signal: AbortSignal): Promise<void>;
}

const TELL_EVERY_MS = 1000;

export function createReport(
  engine: Pick<Engine, "onProgress" | "onBatch" | "runtime"> & { readonly destination: Pick<Destination, "spending"> },
): Report {
  const rows = {
    read: 0,
    unchanged: 0,
    filtered: 0,
    superseded: 0,
    parked: 0,
    unsent: 0,
    sent: 0,
    landed: 0,
    refused: 0,
    deleted: 0,
  };
  const unseen = { waiting: 0, givenUp: 0 };
  const notices = new Set<string>();
  const before: Spending = engine.destination.spending();
  const written = new Set<string>();
  const sentBatches = new Set<string>();
  let phase: Progress["phase"] = "connecting";
  let lastLeftAt: number | null = null;
  let estimatedRows: number | null = null;
  let aiCharacters = 0;
  let describeWait: () => string | null = () => null;
  let landing: Pick<Confirmations, "oldestAgeMs" | "pending" | "landingMs"> | null = null;

  function describeLanding(): string | null {
    const oldestAgeMs = landing?.oldestAgeMs() ?? null;
    if (landing === null || oldestAgeMs === null) return null;
    const pending = landing.pending();
    return `${pending} accepted batch${pending === 1 ? "" : "es"} to land, the oldest for ${Math.round(oldestAgeMs / 1000)} s`;
  }

  function tell(): void {
    const spending = engine.destination.spending();
    engine.onProgress({
      phase,
      rows: { ...rows },
      estimatedRows,
      unsettledBatches: sentBatches.size,
      units: spending.units - before.units,
      waitingFor: spending.waitingFor ?? describeWait() ?? describeLanding(),
      notices: [...notices, ...spending.notices],
    });
  }

  function tellBatch(batch: Batch, step: BatchEvent["step"], verdict?: Verdict): void {
    const landed = verdict?.landed.length ?? 0;
    const refused = verdict?.refused.length ?? 0;
    engine.onBatch?.({ batchId: batch.id, step, rows: batch.rows.length, landed, refused });
  }

  return {
    phase(next) {
      phase = next;
      tell();
    },
    estimate(estimate) {
      estimatedRows = estimate;
    },
    page(counts) {
      rows.read += counts.read;
      rows.unchanged += counts.unchanged;
      rows.filtered += counts.filtered;
      rows.superseded += counts.superseded;
      rows.parked += counts.parked;
      tell();
    },
    written(batch) {
      tellBatch(batch, "written");
      written.add(batch.id);
      rows.unsent += batch.rows.length;
    },
    leaving(batch) {
      if (written.delete(batch.id)) {
        rows.unsent -= batch.rows.length;
        rows.sent += batch.rows.length;
      }
      tellBatch(batch, "sent");
      sentBatches.add(batch.id);
      lastLeftAt = engine.runtime.now();
    },
    settled(batch, verdict) {
      sentBatches.delete(batch.id);
      rows.landed += verdict.landed.length;
      rows.refused += verdict.refused.length;
      for (const row of verdict.landed) aiCharacters += row.aiCharacters;
      tellBatch(batch, "settled", verdict);
      tell();
    },
    deleted() {
      rows.deleted += 1;
      tell();
    },
    unseen(fate) {
      if (fate === "waiting") unseen.waiting += 1;
      else unseen.givenUp += 1;
    },
    notice(text) {
      notices.add(text);
    },
    waitingFor(describe) {
      describeWait = describe;
    },
    confirmations(confirmations) {
      landing = confirmations;
    },
    rows: () => ({ ...rows }),
    totals() {
      const spending = engine.destination.spending();
      const waitedMs: Record<string, number> = {};
      for (const [reason, ms] of Object.entries(spending.waitedMs)) {
        const waited = ms - (before.waitedMs[reason] ?? 0);
        if (waited > 0) waitedMs[reason] = waited;
      }
      if (lastLeftAt !== null) waitedMs["the last batch to land"] = engine.runtime.now() - lastLeftAt;
      return {
        rows: { ...rows },
        calls: spending.calls - before.calls,
        units: spending.units - before.units,
        waitedMs,
        ...(unseen.waiting + unseen.givenUp === 0 ? {} : { unseen: { ...unseen } }),
        aiCharacters,
        landingMs: landing?.landingMs() ?? null,
      };
    },
    async keepTelling(runtime, signal) {
      while (!signal.aborted) {
        await runtime.sleep(TELL_EVERY_MS, signal).catch(() => undefined);
        tell();
      }
    },
  };
}
