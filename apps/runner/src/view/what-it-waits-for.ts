import type { QueueEntry, SyncSummary } from "@acme/sync-core";
import { isSuspect, readyAt } from "../engine/ready-at.ts";

export interface Waiting {
  readonly now: number;
  /** What waits of the sync; null: nothing does. */
  readonly entry: QueueEntry | null;
  /** Another entry of the sync is being run. */
  readonly isRunning: boolean;
  /** How many runs this process has under way, and how many it may have. */
  readonly running: number;
  readonly maxConcurrentRuns: number;
  readonly heldBy: SyncSummary["heldBy"];
}

/** Why a sync that is queued does not run yet, in words that fit behind "waits for"; null: it is not queued, or about to begin. Pure. */
export function whatItWaitsFor(waiting: Waiting): string | null {
  const { now, entry, isRunning, running, maxConcurrentRuns, heldBy } = waiting;
  if (entry === null || isRunning) return null;
  const readyAtMs = readyAt(entry);
  if (readyAtMs > now) {
    const when = `${new Date(readyAtMs).toISOString().slice(11, 19)} UTC`;
    if (isSuspect(entry)) return `another try at ${when}: ${entry.deaths} times in a row the runner died with it`;
    if (heldBy !== null) return `another run of it, by ${heldBy.holder}; asked again at ${when}`;
    return entry.takenAt === null ? `its time, ${when}` : `another try at ${when}`;
  }
  if (running >= maxConcurrentRuns) return `a free place: ${running} runs are under way, as many as may be`;
  return null;
}
