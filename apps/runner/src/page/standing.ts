import { formatCountOf } from "@acme/sync-core";
import type { SyncView } from "../contracts/runner-view.ts";

/** How well a sync stands, worst first. */
export const LEVELS = ["bad", "warn", "good", "off"] as const;
export type Level = (typeof LEVELS)[number];

/** "Is it in, and if not, why": the answer for a whole sync. */
export interface Standing {
  readonly level: Level;
  readonly headline: string;
  /** Why; null: nothing to say. May come from another system. */
  readonly reason: string | null;
}

export function standingOf(sync: SyncView): Standing {
  const { lastReceipt: last, parkedRows, unsettledBatches, warnings } = sync;
  const warning = warnings[0] ?? null;
  if (last === null) {
    if (warning !== null) return { level: "warn", headline: "Never ran", reason: warning };
    return { level: "off", headline: "Never ran", reason: null };
  }
  switch (last.outcome) {
    case "failed":
      return { level: "bad", headline: "Failed", reason: last.message };
    case "gave-up":
      return { level: "warn", headline: "Gave up for now", reason: last.message };
    case "quota":
      return { level: "warn", headline: "Stopped by quota", reason: last.message };
    case "interrupted":
      return { level: "warn", headline: "Interrupted", reason: warning ?? "The next run goes on where it stopped." };
    case "done":
    case "done-with-parked":
  }
  const parked = parkedRows === 0 ? null : formatCountOf(parkedRows, "row is parked", "rows are parked");
  if (parked !== null) return { level: "warn", headline: `In, but ${parked}`, reason: warning };
  if (warning !== null) return { level: "warn", headline: "In, with a warning", reason: warning };
  if (unsettledBatches > 0) {
    const batches = formatCountOf(unsettledBatches, "batch is", "batches are");
    return { level: "good", headline: "In", reason: `${batches} sent and not confirmed yet.` };
  }
  return { level: "good", headline: "In", reason: null };
}

/** Its schedule fires no more until somebody resumes it. Also true while its last run goes on. */
export function isPaused({ state, schedule, nextRunAt }: SyncView): boolean {
  return state === "paused" || (schedule !== null && nextRunAt === null);
}

export function isBusy({ state }: SyncView): boolean {
  return state === "running" || state === "queued" || state === "cancelling";
}
