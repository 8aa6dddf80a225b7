import { randomBytes } from "node:crypto";
import type { Interrupt, RunQueue, StateStore } from "@acme/sync-core";
import {
  type CommandContext,
  coreVersion,
  createRequestSlots,
  isGone,
  ledgerKeyOf,
  type LoadedConfig,
  sdkVersion,
  shareMemory,
} from "@acme/sync-core/program";
import type { Hono } from "hono";
import { createAlerts } from "../alerts/create-alerts.ts";
import { postAlert } from "../alerts/post-alert.ts";
import { watchSyncs } from "../alerts/watch-syncs.ts";
import { createLocalEngine } from "../engine/create-local-engine.ts";
import { createApp } from "../http/create-app.ts";
import { type Logger, logRuns } from "../log.ts";
import { createMetrics } from "../metrics.ts";
import { createPage } from "../page/create-page.ts";
import { createFailedStarts } from "../runs/failed-starts.ts";
import { createLiveRuns } from "../runs/live-runs.ts";
import { createRunHandler } from "../runs/run-handler.ts";
import { listenWithAll } from "../runs/run-listener.ts";
import { writeTimeline } from "../runs/timeline.ts";
import type { Tracing } from "../trace.ts";
import { createChanges } from "../view/changes.ts";
import { createRunnerActions } from "../view/create-runner-actions.ts";
import { createRunnerView } from "../view/create-runner-view.ts";
import { createShownState } from "../view/create-shown-state.ts";
import { createRemembered } from "../view/remembered.ts";
import type { Settings } from "./read-settings.ts";

export interface RunnerParts {
  readonly context: CommandContext;
  readonly config: LoadedConfig;
  readonly settings: Settings;
  readonly state: StateStore;
  readonly queue: RunQueue;
  /** Who takes runs and claims syncs; no other process ever had the same. */
  readonly holder: string;
  readonly log: Logger;
  /** null: no endpoint is set. */
  readonly tracing: Tracing | null;
}

/** Everything behind the server, put together. */
export interface Runner {
  readonly app: Hono;
  /** Schedules begin to fire, and what waits is taken. */
  start(): Promise<void>;
  /** @returns how many runs had not ended within the time set for it. */
  stop(interrupt: Interrupt): Promise<number>;
}

const WATCH_EVERY_MS = 5000;
const SWEEP_EVERY_MS = 30_000;
/** How old the page's picture of the state may be where nothing has happened in this process. */
const MAX_PICTURE_AGE_MS = 5000;

export function createRunner(parts: RunnerParts): Runner {
  const { context, settings, state, queue, holder, log, tracing } = parts;
  const { runtime } = context;
  const { runner } = settings;
  const { syncs, personize } = parts.config;
  const now = (): number => runtime.now();
  const onProblem = (error: unknown): void => log.error({ err: toLogged(error) }, "something went wrong");
  const stopping = new AbortController();
  const background = new AbortController();

  // A run that is told to stop has to be done before the runner is.
  const interruptGraceMs = Math.min(parts.config.engine.interruptGraceMs, runner.shutdownMs);
  const graced = { ...parts.config, engine: { ...parts.config.engine, interruptGraceMs } };
  // One more than at once: what a person asks for does not wait behind long runs.
  const config = shareMemory(graced, runner.maxConcurrentRuns + 1);

  const redact = (text: string): string => context.redactor.redact(text);
  const shown = createShownState(state, redact);
  const changes = createChanges();
  const engine = createLocalEngine({ queue, runtime, holder, isGone, maxConcurrentRuns: runner.maxConcurrentRuns });
  const remembered = createRemembered({ state: shown, now, maxAgeMs: MAX_PICTURE_AGE_MS, onError: onProblem });
  const failedStarts = createFailedStarts(syncs, runtime);
  const alerts = createAlerts({
    queue,
    now,
    redact,
    post: postOf(parts, background.signal),
    onChange: ({ event, alert: { sync, kind, text } }) =>
      log[event === "raised" ? "warn" : "info"]({ sync, alert: kind }, `alert ${event}: ${text}`),
    onProblem,
  });
  const live = createLiveRuns({
    runtime,
    stallMs: runner.stallMs,
    graceMs: interruptGraceMs,
    onStall({ sync, runId, trigger }, { verdict, text }) {
      log.warn({ sync, runId, verdict }, `run stands still: ${text}`);
      queue.note({ sync, runId, trigger, at: now(), text: redact(`Stands still: ${text}`) }).catch(onProblem);
      if (verdict !== "waits") alerts.set({ sync, kind: "stuck" }, text).catch(onProblem);
    },
  });
  const view = createRunnerView({
    syncs,
    state: shown,
    queue,
    engine,
    live,
    failedStarts,
    remembered,
    now,
    maxConcurrentRuns: runner.maxConcurrentRuns,
    quota: {
      paceKey: ledgerKeyOf(config),
      perMonth: personize.limitsOverride?.perMonth ?? null,
      maxConcurrentRequests: personize.maxConcurrentRequests,
    },
    watch: changes.watch,
  });
  const watch = watchSyncs({
    syncs: syncs.map(({ name }) => ({ name, freshWithinMs: settings.freshWithinMs.get(name) ?? null })),
    alerts,
    remembered,
    failedStarts,
    view,
    isPaused: (sync) => engine.paused().has(sync),
    now,
    onProblem,
  });
  const versions = { runner: context.program.version, core: coreVersion(), sdk: sdkVersion() };
  const metrics = createMetrics({ view, versions });
  const listen = listenWithAll([
    logRuns(log),
    writeTimeline({ queue, now, redact, onError: onProblem }),
    failedStarts.listen,
    watch.listen,
    metrics.listen,
    ...(tracing === null ? [] : [tracing.listen]),
    () => ({ progress: changes.note, ended: changes.note }),
  ]);
  const run = createRunHandler({
    context,
    config,
    state,
    slots: createRequestSlots(personize.maxConcurrentRequests),
    holder,
    stallMs: runner.stallMs,
    live,
    listen,
    stopping: stopping.signal,
  });
  const names = new Set(syncs.map(({ name }) => name));
  const page = createPage({
    view,
    actions: createRunnerActions(engine),
    access: settings.access,
    now,
    random: (bytes) => randomBytes(bytes),
    onError: onProblem,
  });

  async function problem(): Promise<string | null> {
    if (stopping.signal.aborted) return "the runner is stopping";
    if (engine.problem() !== null) return engine.problem();
    const [hanging] = live.hanging();
    if (hanging !== undefined) return `a run of ${hanging} does not end`;
    try {
      await Promise.all([state.syncs(), queue.paused()]);
      return null;
    } catch (error) {
      onProblem(error);
      return "the state cannot be reached";
    }
  }

  /** Again and again, until the runner has stopped. */
  async function every(ms: number, work: () => void | Promise<void>): Promise<void> {
    while (!background.signal.aborted) {
      await Promise.resolve(work()).catch(onProblem);
      await runtime.sleep(ms, background.signal).catch(() => undefined);
    }
  }

  return {
    app: createApp({ access: settings.access, problem, metrics, page, now, onError: onProblem }),

    async start() {
      for (const [sync, schedule] of settings.schedules) await engine.setSchedule(sync, schedule);
      await engine.start({ mayRun: (sync) => names.has(sync), run, onChange: changes.note, onProblem });
      void every(WATCH_EVERY_MS, () => live.watch());
      void every(SWEEP_EVERY_MS, () => watch.sweep());
    },

    async stop(interrupt) {
      stopping.abort(new Error("the runner stops"));
      const left = await engine.stop({ graceMs: runner.shutdownMs, interrupt });
      background.abort(new Error("the runner has stopped"));
      // What was not told by now is told by the next runner.
      await alerts.idle();
      return left;
    },
  };
}

function postOf({ context, settings }: RunnerParts, signal: AbortSignal): Parameters<typeof createAlerts>[0]["post"] {
  const { alerts } = settings.runner;
  if (alerts === undefined) return null;
  const { webhookUrl: url, format } = alerts;
  return (told) => postAlert(told, { url, format, fetch: globalThis.fetch, runtime: context.runtime, signal });
}

/** Where an error came from is worth more in a log than its fields, which may hold anything. */
function toLogged(error: unknown): {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
} {
  if (!(error instanceof Error)) return { name: "unknown", message: String(error), stack: undefined };
  return { name: error.name, message: error.message, stack: error.stack };
}
