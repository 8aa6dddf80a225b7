import type { Interrupt, QueueEntry, RunQueue, Runtime, TakenRun } from "@acme/sync-core";
import type { EngineHandlers, EnginePort, EngineRun, RunEnd } from "../contracts/engine-port.ts";
import { chooseNext } from "./choose-next.ts";
import { readyAt } from "./ready-at.ts";
import { createSchedules } from "./schedules.ts";

export interface LocalEngineOptions {
  readonly queue: RunQueue;
  readonly runtime: Runtime;
  /** Who takes runs, as text for people; no other process ever had the same. */
  readonly holder: string;
  /** True when a holder that left runs behind is known to be gone. */
  readonly isGone: (holder: string) => boolean;
  readonly maxConcurrentRuns: number;
  /** How often the queue is looked at for what other processes put there. */
  readonly pollMs?: number;
}

/** A runner that dies without a word blocks its runs for this long at most (less where its death can be seen). */
const LEASE_MS = 60_000;
const POLL_MS = 5000;
/** After this many looks in a row that failed, the engine counts as not working. */
const MAX_FAILURES = 3;

const CANCELLED: Interrupt = { signal: "SIGINT", reason: "cancelled by hand" };
const TAKEN_OVER: Interrupt = { signal: "SIGTERM", reason: "another runner has taken it over" };

interface Active {
  readonly taken: TakenRun;
  readonly drain: AbortController;
  readonly ended: Promise<void>;
}

/**
 * The engine of one process: a loop that fires moments, takes what is due, and sleeps until the next of either. Several of them
 * may share one queue; each run is taken by one of them.
 */
export function createLocalEngine(options: LocalEngineOptions): EnginePort {
  const { queue, runtime, holder, maxConcurrentRuns } = options;
  const schedules = createSchedules(queue, runtime);
  const active = new Map<string, Active>();
  const stopping = new AbortController();
  let handlers: EngineHandlers | null = null;
  let entries: readonly QueueEntry[] = [];
  let paused: ReadonlySet<string> = new Set();
  let failures = 0;
  let problem: string | null = null;
  let nudge = new AbortController();
  let loop: Promise<void> = Promise.resolve();

  /** The loop looks again at once. */
  function poke(): void {
    nudge.abort(new Error("something to do"));
  }

  async function look(): Promise<void> {
    entries = await queue.entries();
    paused = new Set(await queue.paused());
  }

  async function tick(on: EngineHandlers): Promise<void> {
    const fired = await schedules.fireDue(paused);
    await look();
    const running = [...active.values()].map(({ taken }) => taken);
    const next = chooseNext(entries, { now: runtime.now(), running, maxConcurrentRuns, mayRun: on.mayRun });
    for (const entry of next) {
      if (stopping.signal.aborted) return;
      const taken = await queue.take(entry.id, holder, LEASE_MS);
      if (taken !== null) begin(taken, on);
    }
    if (next.length > 0) await look();
    if (fired || next.length > 0) on.onChange();
  }

  function begin(taken: TakenRun, on: EngineHandlers): void {
    const drain = new AbortController();
    const startedAt = taken.takenAt;
    const begun: EngineRun = {
      sync: taken.sync,
      kind: taken.kind,
      trigger: taken.trigger,
      priority: taken.priority,
      runId: `${new Date(startedAt).toISOString().replace(/[-:.]/g, "")}-${taken.id}-${taken.fence}`,
      startedAt,
      dueAt: taken.dueAt,
      signal: drain.signal,
    };
    const over = new AbortController();
    const ended = Promise.all([keepLease(taken, drain, over.signal, on), handle(begun, on)])
      .then(([, end]) => giveUp(taken, end))
      .catch(on.onProblem)
      .finally(() => {
        active.delete(taken.id);
        on.onChange();
        poke();
      });
    active.set(taken.id, { taken, drain, ended });

    async function handle(started: EngineRun, by: EngineHandlers): Promise<RunEnd> {
      try {
        return await by.run(started);
      } catch (error) {
        by.onProblem(error);
        return { state: "ended" };
      } finally {
        over.abort(new Error("the run is over"));
      }
    }
  }

  /** Renews the lease until the run is over; asks it to end when it was cancelled, or somebody else has it. */
  async function keepLease(
    taken: TakenRun,
    drain: AbortController,
    over: AbortSignal,
    on: EngineHandlers,
  ): Promise<void> {
    while (!over.aborted) {
      const isOver = await runtime.sleep(LEASE_MS / 3, over).then(
        () => false,
        () => true,
      );
      if (isOver) return;
      try {
        const lease = await queue.renew(taken, LEASE_MS);
        if (lease !== "held" && !drain.signal.aborted) drain.abort(lease === "cancelled" ? CANCELLED : TAKEN_OVER);
      } catch (error) {
        // The state's own claim tells the run when it may not write any more; a lease that cannot be renewed is tried again.
        on.onProblem(error);
      }
    }
  }

  async function giveUp(taken: TakenRun, end: RunEnd): Promise<void> {
    if (end.state === "again") await queue.putBack(taken, end.dueAt);
    else await queue.finish(taken);
    await look();
  }

  async function run(on: EngineHandlers): Promise<void> {
    while (!stopping.signal.aborted) {
      nudge = new AbortController();
      try {
        await tick(on);
        failures = 0;
        problem = null;
      } catch (error) {
        failures += 1;
        if (failures >= MAX_FAILURES) problem = "the run queue cannot be reached";
        on.onProblem(error);
      }
      await runtime.sleep(untilNextMs(), AbortSignal.any([nudge.signal, stopping.signal])).catch(() => undefined);
    }
  }

  function untilNextMs(): number {
    const now = runtime.now();
    const due = entries
      .filter(({ heldBy }) => heldBy === null)
      .map(readyAt)
      .filter((at) => at > now);
    const next = Math.min(now + (options.pollMs ?? POLL_MS), schedules.nextMoment() ?? Infinity, ...due);
    return Math.max(0, next - now);
  }

  async function refresh(): Promise<void> {
    await look();
    handlers?.onChange();
    poke();
  }

  return {
    async start(on) {
      handlers = on;
      // Whoever had our place before us, and is gone, has left its runs to us.
      const holders = new Set(
        (await queue.entries()).flatMap(({ heldBy }) => (heldBy === null ? [] : [heldBy.holder])),
      );
      for (const left of holders) if (left === holder || options.isGone(left)) await queue.giveBack(left);
      await look();
      loop = run(on);
    },

    async stop({ graceMs, interrupt }) {
      stopping.abort(new Error("the engine stops"));
      await loop;
      const ends = Promise.all([...active.values()].map(({ ended }) => ended));
      for (const { drain } of active.values()) if (!drain.signal.aborted) drain.abort(interrupt);
      const graceOver = new AbortController();
      const grace = runtime.sleep(graceMs, graceOver.signal).catch(() => undefined);
      await Promise.race([ends, grace]);
      graceOver.abort(new Error("all runs have ended"));
      return active.size;
    },

    async enqueueRun({ sync, kind, trigger, priority }) {
      const id = await queue.enqueue({ sync, kind, trigger, priority, dueAt: runtime.now() });
      await refresh();
      return id;
    },

    async setSchedule(sync, schedule) {
      await schedules.set(sync, schedule);
      poke();
    },

    async cancelRun(sync) {
      const done = await queue.cancel(sync);
      for (const { taken, drain } of active.values()) {
        if (taken.sync === sync && !drain.signal.aborted) drain.abort(CANCELLED);
      }
      await refresh();
      return done;
    },

    async pause(sync) {
      await queue.pause(sync);
      await refresh();
    },

    async resume(sync) {
      const now = runtime.now();
      await queue.resume(sync, now);
      schedules.resume(sync, now);
      await refresh();
    },

    nextRunAt: (sync) => (paused.has(sync) ? null : schedules.nextRunAt(sync)),
    list: () => entries,
    paused: () => paused,
    problem: () => problem,
  };
}
