import type { Progress } from "@acme/sync-core";

export interface Standstill {
  readonly now: number;
  /** When anything of the run moved last: its phase, its counts, its calls. */
  readonly movedAt: number;
  readonly progress: Progress | null;
  readonly stallMs: number;
  /** When the run was asked to end because it stood still; null: it was not. */
  readonly askedToEndAt: number | null;
  /** How long a run that is asked to end may go on settling. */
  readonly graceMs: number;
}

export interface StallJudgement {
  /** `waits`: for something that has an end of its own. `end`: it is to be asked to end. `hangs`: it was, and has not. */
  readonly verdict: "waits" | "end" | "hangs";
  readonly text: string;
}

/** A run that was asked to end has this much longer than its grace. */
const PATIENCE_MS = 60_000;

/**
 * What is the matter with a run that does not move; null: nothing, so far. A run that waits for the quota, for landing or for another
 * try says so, and each of these waits ends by itself; one that says nothing is ended after twice `stallMs`. Pure.
 */
export function judgeStall(standstill: Standstill): StallJudgement | null {
  const { now, movedAt, progress, stallMs, askedToEndAt, graceMs } = standstill;
  const minutes = Math.floor((now - movedAt) / 60_000);
  if (askedToEndAt !== null) {
    if (now - askedToEndAt <= graceMs + PATIENCE_MS) return null;
    return {
      verdict: "hangs",
      text: "it was asked to end and does not: restart the runner; nothing that landed is lost",
    };
  }
  const waitingFor = progress?.waitingFor ?? null;
  if (waitingFor !== null)
    return now - movedAt < stallMs
      ? null
      : { verdict: "waits", text: `for ${minutes} minutes it has waited for ${waitingFor}` };
  if (now - movedAt < 2 * stallMs) return null;
  return {
    verdict: "end",
    text: `nothing has moved for ${minutes} minutes, and it does not say why; it is asked to end`,
  };
}

/** What of a run's progress counts as moving. Pure. */
export function movementOf({ phase, rows, units, unsettledBatches }: Progress): string {
  return JSON.stringify([phase, Object.values(rows), units, unsettledBatches]);
}
