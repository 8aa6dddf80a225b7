import type { Interrupt, QueueEntry, RunTrigger, RunWish } from "@acme/sync-core";
import type { Schedule } from "../engine/schedule.ts";

/**
 * Queues, leases and schedules runs, and nothing else: what a run does is its handler's, and what is true of a sync is in the state
 * store. Behind it is one process on one state today; a second implementation may carry several hosts
 * (docs/decisions/009-runner.md).
 */
export interface EnginePort {
  /** Begins to fire moments and to take what is due. @throws what the run queue throws. */
  start(handlers: EngineHandlers): Promise<void>;
  /**
   * Takes nothing any more, and asks every run to end. Resolves when all have, or after `graceMs`: what has not come to its end
   * waits in the queue for the next runner. @returns how many runs had not ended by then.
   */
  stop(options: { readonly graceMs: number; readonly interrupt: Interrupt }): Promise<number>;
  /** @returns null when such a wish waits already. */
  enqueueRun(request: RunRequest): Promise<string | null>;
  /** From now on the sync runs at these moments; null: only by hand. */
  setSchedule(sync: string, schedule: Schedule | null): Promise<void>;
  /** `cancelling`: a run was asked to end. `removed`: it only waited. `none`: there was nothing. */
  cancelRun(sync: string): Promise<"cancelling" | "removed" | "none">;
  pause(sync: string): Promise<void>;
  resume(sync: string): Promise<void>;
  /** When the sync runs next by its schedule, with its delay; null: not. From memory. */
  nextRunAt(sync: string): number | null;
  /** What waits and runs, as of the last look at the queue: a few seconds old at most. From memory. */
  list(): readonly QueueEntry[];
  paused(): ReadonlySet<string>;
  /** What keeps the engine from working, in words; null: nothing does. */
  problem(): string | null;
}

export interface RunRequest extends Pick<RunWish, "sync" | "kind" | "priority"> {
  readonly trigger: RunTrigger;
}

export interface EngineHandlers {
  /** Whether the sync may begin now; false: it stays in the queue. */
  readonly mayRun: (sync: string) => boolean;
  /** Runs it to its end. Whatever it throws counts as an end. */
  readonly run: (run: EngineRun) => Promise<RunEnd>;
  /** The queue or the timeline changed, or a schedule moved on. */
  readonly onChange: () => void;
  /** Something went wrong that the engine lives through: the queue could not be reached, say. */
  readonly onProblem: (error: unknown) => void;
}

export interface EngineRun {
  readonly sync: string;
  readonly kind: RunWish["kind"];
  readonly trigger: RunTrigger;
  readonly priority: number;
  /** Of this run alone; also of its receipt. */
  readonly runId: string;
  readonly startedAt: number;
  /** When it could have begun at the earliest. */
  readonly dueAt: number;
  /** Aborted with an {@link Interrupt}: settle what is under way, checkpoint, leave. */
  readonly signal: AbortSignal;
}

/** `ended`: it is over. `again`: it could not begin, or is to go on, at `dueAt`. */
export type RunEnd = { readonly state: "ended" } | { readonly state: "again"; readonly dueAt: number };
