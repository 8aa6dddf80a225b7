import { type Interrupt, retrySync, runSync, SyncError, type StateStore } from "@acme/sync-core";
import {
  type CommandContext,
  createDestination,
  createEngine,
  interruptExitCode,
  type LoadedConfig,
  type LoadedSync,
  type RequestSlots,
  toFailure,
  toJob,
} from "@acme/sync-core/program";
import type { EngineRun, RunEnd } from "../contracts/engine-port.ts";
import type { LiveRuns } from "./live-runs.ts";
import { nextTry } from "./next-try.ts";
import type { ListenToRun, RunOutcome } from "./run-listener.ts";
import { watchSource } from "./watch-source.ts";

export interface RunHandlerOptions {
  readonly context: CommandContext;
  /** Of one run of several: its share of the memory. */
  readonly config: LoadedConfig;
  readonly state: StateStore;
  readonly slots: RequestSlots;
  readonly holder: string;
  readonly stallMs: number;
  readonly live: LiveRuns;
  readonly listen: ListenToRun;
  /** Aborted when the runner is to stop: what was interrupted by that is to go on later. */
  readonly stopping: AbortSignal;
}

/** Runs one sync to its end, whatever it is; everything that happens is told to the listeners. Never rejects. */
export function createRunHandler(options: RunHandlerOptions): (run: EngineRun) => Promise<RunEnd> {
  const { context, config, live, listen, state } = options;
  const syncs = new Map(config.syncs.map((sync) => [sync.name, sync]));
  /** How often in a row a sync gave up on a passing fault. */
  const gaveUp = new Map<string, number>();

  return async (run) => {
    const sync = syncs.get(run.sync);
    if (sync === undefined) return { state: "ended" };
    const listener = listen(run);
    const entry = live.begin(run);
    try {
      const outcome = await attempt(sync, run, entry, listener, options);
      await listener.ended?.(outcome);
      const exitCode =
        outcome.state === "ran" ? outcome.receipt.exitCode : outcome.state === "failed" ? outcome.exitCode : 0;
      const tries = exitCode === 6 ? (gaveUp.get(run.sync) ?? 0) + 1 : 0;
      gaveUp.set(run.sync, tries);
      const isInterrupted = exitCode === 130 || exitCode === 143;
      return nextTry({
        now: context.runtime.now(),
        isHeld: outcome.state === "held",
        isStopping: isInterrupted && options.stopping.aborted,
        tries,
      });
    } finally {
      entry.end();
    }
  };

  async function attempt(
    sync: LoadedSync,
    run: EngineRun,
    entry: ReturnType<LiveRuns["begin"]>,
    listener: ReturnType<ListenToRun>,
    { slots, holder, stallMs }: RunHandlerOptions,
  ): Promise<RunOutcome> {
    const { runtime } = context;
    try {
      const { source, silentSince } = watchSource(sync.connector.create(sync.source, runtime), {
        runtime,
        stallMs,
        onStall: (text) => listener.remark?.(text),
      });
      entry.silentSince(silentSince);
      try {
        const destination = createDestination(context, config, state, sync.connector.name, slots);
        const engine = {
          ...createEngine(context, config, state, destination, (progress) => {
            entry.progress(progress);
            listener.progress?.(progress);
          }),
          holder,
          onBatch: (event: Parameters<NonNullable<typeof listener.batch>>[0]) => listener.batch?.(event),
        };
        const job = toJob(sync, source);
        const { runId } = run;
        const receipt =
          run.kind === "retry"
            ? (await retrySync(job, engine, { drain: entry.drain, runId })).receipt
            : await runSync(job, engine, { limit: null, full: false, drain: entry.drain, runId });
        return receipt === null ? { state: "nothing" } : { state: "ran", receipt };
      } finally {
        await source.close();
      }
    } catch (error) {
      return await toOutcome(sync.name, run, entry.drain, error);
    }
  }

  async function toOutcome(sync: string, run: EngineRun, drain: AbortSignal, error: unknown): Promise<RunOutcome> {
    // A bug ends a run after its receipt is written.
    const [last] = await state.receipts(sync, 1).catch(() => []);
    if (last?.runId === run.runId) return { state: "ran", receipt: last };
    if (SyncError.is(error) && error.kind === "transient") {
      const heldBy = (await state.summary(sync).catch(() => null))?.heldBy ?? null;
      if (heldBy !== null && heldBy.holder !== options.holder) return { state: "held", holder: heldBy.holder };
    }
    if (drain.aborted) return beforeItBegan(drain.reason);
    const { report, exitCode } = toFailure(error, null);
    return {
      state: "failed",
      exitCode,
      message: context.redactor.redact(report.message),
      hint: report.hint === null ? null : context.redactor.redact(report.hint),
    };
  }
}

function beforeItBegan(interrupt: Interrupt): RunOutcome {
  const why = interrupt.reason ?? `interrupted by ${interrupt.signal}`;
  return {
    state: "failed",
    exitCode: interruptExitCode(interrupt),
    message: `${why}, before it had begun`,
    hint: null,
  };
}
