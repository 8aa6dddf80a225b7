import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqliteRunQueue, type RunQueue } from "@acme/sync-core";
import { createVirtualRuntime, type VirtualRuntime } from "@acme/sync-core/testing";
import type { EnginePort, EngineRun, RunEnd } from "../../contracts/engine-port.ts";
import { createLocalEngine } from "../create-local-engine.ts";
import { createSchedule } from "../schedule.ts";

/** What a run of a test did. */
export interface Ran {
  readonly sync: string;
  readonly trigger: EngineRun["trigger"];
  readonly runner: string;
  readonly at: number;
  endedAt: number | null;
  interrupted: boolean;
}

export interface RunnerInTest {
  readonly engine: EnginePort;
  readonly queue: RunQueue;
  /** Ends without a word, as a killed process does. */
  kill(): void;
}

export interface EngineWorld extends AsyncDisposable {
  readonly runtime: VirtualRuntime;
  readonly ran: Ran[];
  readonly problems: unknown[];
  /** Runs time on by `ms`. */
  pass(ms: number): Promise<void>;
  runner(name: string, options?: RunnerOptions): Promise<RunnerInTest>;
  isGone(holder: string): boolean;
}

export interface RunnerOptions {
  readonly maxConcurrentRuns?: number;
  /** How long a run takes; default 1 s. */
  readonly takesMs?: (run: EngineRun) => number;
  /** Its runs do not end when they are asked to. */
  readonly isDeaf?: boolean;
  readonly end?: (run: EngineRun) => RunEnd;
  readonly schedules?: Readonly<Record<string, string>>;
  readonly timezone?: string;
  readonly jitterMs?: number;
  readonly missed?: "once" | "skip";
  readonly syncs?: readonly string[];
}

/** Runners over one queue in a real SQLite file, on a virtual clock. */
export function createEngineWorld(startAt: number): EngineWorld {
  const folder = mkdtempSync(join(tmpdir(), "engine-"));
  const runtime = createVirtualRuntime({ startAt });
  const ran: Ran[] = [];
  const problems: unknown[] = [];
  const gone = new Set<string>();
  const queues: RunQueue[] = [];
  const isGone = (holder: string): boolean => gone.has(holder);

  return {
    runtime,
    ran,
    problems,
    isGone,
    pass: (ms) => runtime.run(runtime.sleep(ms, new AbortController().signal)),
    async runner(name, options = {}) {
      const queue = await openSqliteRunQueue({ file: join(folder, "state.db"), now: () => runtime.now() });
      queues.push(queue);
      const dead = new AbortController();
      const mortal = {
        ...runtime,
        sleep: (ms: number, signal: AbortSignal) => (dead.signal.aborted ? forever() : runtime.sleep(ms, signal)),
      };
      const engine = createLocalEngine({
        queue: asLongAs(queue, dead.signal),
        runtime: mortal,
        holder: name,
        isGone,
        maxConcurrentRuns: options.maxConcurrentRuns ?? 4,
      });
      const { timezone = "UTC", jitterMs = 0, missed = "once" } = options;
      for (const [sync, cron] of Object.entries(options.schedules ?? {}))
        await engine.setSchedule(sync, createSchedule({ sync, cron, timezone, jitterMs, missed }, runtime.now()));
      await engine.start({
        mayRun: (sync) => options.syncs === undefined || options.syncs.includes(sync),
        onChange: () => undefined,
        onProblem: (error) => problems.push(error),
        async run(run) {
          const one: Ran = {
            sync: run.sync,
            trigger: run.trigger,
            runner: name,
            at: runtime.now(),
            endedAt: null,
            interrupted: false,
          };
          ran.push(one);
          const asked = options.isDeaf === true ? new AbortController().signal : run.signal;
          await mortal.sleep(options.takesMs?.(run) ?? 1000, asked).catch(() => {
            one.interrupted = true;
          });
          if (dead.signal.aborted) return forever();
          one.endedAt = runtime.now();
          return (
            options.end?.(run) ?? (one.interrupted ? { state: "again", dueAt: runtime.now() } : { state: "ended" })
          );
        },
      });
      return {
        engine,
        queue,
        kill() {
          gone.add(name);
          dead.abort(new Error("killed"));
        },
      };
    },
    async [Symbol.asyncDispose]() {
      for (const queue of queues) await queue.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function forever(): Promise<never> {
  return new Promise(() => undefined);
}

/** A dead process asks its queue for nothing any more. */
function asLongAs(queue: RunQueue, dead: AbortSignal): RunQueue {
  return new Proxy(queue, {
    get(target, name, receiver) {
      const value: unknown = Reflect.get(target, name, receiver);
      if (typeof value !== "function") return value;
      return (...parameters: unknown[]): unknown =>
        dead.aborted ? forever() : Reflect.apply(value, target, parameters);
    },
  });
}
