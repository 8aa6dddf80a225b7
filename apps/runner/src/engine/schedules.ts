import type { RunQueue, Runtime } from "@acme/sync-core";
import { SCHEDULE_PRIORITY } from "./choose-next.ts";
import type { Schedule } from "./schedule.ts";

/** Nobody was late who fires a moment within this; later it counts as missed. */
export const MISSED_AFTER_MS = 60_000;

/** The schedules of all syncs, and what of them is due. */
export interface Schedules {
  set(sync: string, schedule: Schedule | null): Promise<void>;
  /** Fires every moment that has come. @returns whether any had. */
  fireDue(paused: ReadonlySet<string>): Promise<boolean>;
  /** The next moment of any schedule; null: there is none. */
  nextMoment(): number | null;
  /** When a sync is to run next; null: it has no schedule. */
  nextRunAt(sync: string): number | null;
  resume(sync: string, at: number): void;
}

interface Planned {
  readonly schedule: Schedule;
  /** The next moment that has not fired; null: none will come. */
  next: number | null;
}

export function createSchedules(queue: RunQueue, runtime: Runtime): Schedules {
  const planned = new Map<string, Planned>();

  /**
   * Of all moments that have come, the last one counts: a run brings everything that has changed, however many moments were
   * missed.
   */
  async function fire(sync: string, { schedule, next }: Planned, now: number): Promise<void> {
    const moment = schedule.last(now) ?? next;
    if (moment === null) return;
    const isMissed = now - moment > MISSED_AFTER_MS;
    if (isMissed && schedule.missed === "skip") return;
    await queue.fire(moment, {
      sync,
      kind: "sync",
      trigger: "schedule",
      priority: SCHEDULE_PRIORITY,
      // Nobody is served by delaying once more what comes too late already.
      dueAt: isMissed ? now : moment + schedule.delayMs,
    });
  }

  return {
    async set(sync, schedule) {
      if (schedule === null) {
        planned.delete(sync);
        return;
      }
      const firedAt = await queue.beginSchedule(sync, schedule.expression, runtime.now());
      planned.set(sync, { schedule, next: schedule.next(firedAt) });
    },

    async fireDue(paused) {
      let any = false;
      for (const [sync, plan] of planned) {
        const now = runtime.now();
        if (plan.next === null || plan.next > now) continue;
        if (!paused.has(sync)) await fire(sync, plan, now);
        plan.next = plan.schedule.next(now);
        any = true;
      }
      return any;
    },

    nextMoment() {
      let first: number | null = null;
      for (const { next } of planned.values()) if (next !== null && (first === null || next < first)) first = next;
      return first;
    },

    nextRunAt(sync) {
      const plan = planned.get(sync);
      return plan === undefined || plan.next === null ? null : plan.next + plan.schedule.delayMs;
    },

    resume(sync, at) {
      const plan = planned.get(sync);
      if (plan !== undefined) plan.next = plan.schedule.next(at);
    },
  };
}
