import type { QueueEntry } from "@acme/sync-core";

/** A first death is nobody's fault: a deployment, a kill by hand. */
const FORGIVEN_DEATHS = 1;
const FIRST_PAUSE_MS = 60_000;
const LONGEST_PAUSE_MS = 3_600_000;

/** Whether processes died with the run more often than by accident: it may be what kills them. Pure. */
export function isSuspect({ deaths }: Pick<QueueEntry, "deaths">): boolean {
  return deaths > FORGIVEN_DEATHS;
}

/**
 * From when on an entry may be taken: when it is due, but for one whose runs end with the process, which begins no sooner than a minute
 * after the last time, then two, four, up to an hour. Pure.
 */
export function readyAt(entry: Pick<QueueEntry, "dueAt" | "takenAt" | "deaths">): number {
  if (!isSuspect(entry) || entry.takenAt === null) return entry.dueAt;
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (entry.deaths - FORGIVEN_DEATHS - 1));
  return Math.max(entry.dueAt, entry.takenAt + pauseMs);
}
