import type { QueueEntry } from "@acme/sync-core";
import { isSuspect, readyAt } from "./ready-at.ts";

/** A person waits for it. */
export const HAND_PRIORITY = 10;
export const SCHEDULE_PRIORITY = 0;

export interface Choice {
  readonly now: number;
  /** What this process runs. */
  readonly running: readonly { readonly sync: string; readonly priority: number }[];
  readonly maxConcurrentRuns: number;
  readonly mayRun: (sync: string) => boolean;
}

/**
 * What to run next, best first: the higher priority, then what has been due for longest, so that nobody who waits is overtaken by
 * the same sync twice. One run a sync. What a person asked for may use one place more than there are, so that it does not wait
 * behind long runs. Of the runs that processes have died with again and again one goes at a time, so that those which only happened
 * to be there come to their end. Pure.
 */
export function chooseNext(entries: readonly QueueEntry[], choice: Choice): readonly QueueEntry[] {
  const { now, running, maxConcurrentRuns, mayRun } = choice;
  const busy = new Set([...running, ...entries.filter(({ heldBy }) => heldBy !== null)].map(({ sync }) => sync));
  // Of a sync that rests nothing runs, whatever else of it waits.
  const resting = entries.filter((entry) => entry.heldBy === null && isSuspect(entry) && readyAt(entry) > now);
  for (const { sync } of resting) busy.add(sync);
  const due = entries
    .filter((entry) => entry.heldBy === null && entry.dueAt <= now && !busy.has(entry.sync) && mayRun(entry.sync))
    .toSorted((a, b) => b.priority - a.priority || a.dueAt - b.dueAt || Number(a.id) - Number(b.id));
  const chosen: QueueEntry[] = [];
  const taken = new Set<string>();
  let ordinary = running.filter(({ priority }) => priority < HAND_PRIORITY).length;
  let all = running.length;
  let suspects = entries.filter((entry) => entry.heldBy !== null && isSuspect(entry)).length;
  for (const entry of due) {
    if (taken.has(entry.sync)) continue;
    if (isSuspect(entry) && suspects > 0) continue;
    const isByHand = entry.priority >= HAND_PRIORITY;
    if (all >= maxConcurrentRuns + (isByHand ? 1 : 0) || (!isByHand && ordinary >= maxConcurrentRuns)) continue;
    taken.add(entry.sync);
    if (isSuspect(entry)) suspects += 1;
    chosen.push(entry);
    all += 1;
    if (!isByHand) ordinary += 1;
  }
  return chosen;
}
