import type { Alert, QueueEntry, RateStatus, Receipt, RunQueue } from "@acme/sync-core";
import type { LoadedSync } from "@acme/sync-core/program";
import type { EnginePort } from "../contracts/engine-port.ts";
import {
  type QuotaView,
  type RecentRun,
  RECENT_RUNS,
  type RecordAnswer,
  type RunnerView,
  type RunView,
  type SyncView,
} from "../contracts/runner-view.ts";
import type { FailedStarts } from "../runs/failed-starts.ts";
import type { LiveRuns } from "../runs/live-runs.ts";
import type { ShownState } from "./create-shown-state.ts";
import type { Remembered } from "./remembered.ts";
import { whatItWaitsFor } from "./what-it-waits-for.ts";

export interface RunnerViewOptions {
  readonly syncs: readonly LoadedSync[];
  readonly state: ShownState;
  readonly queue: RunQueue;
  readonly engine: EnginePort;
  readonly live: LiveRuns;
  readonly failedStarts: FailedStarts;
  readonly remembered: Remembered;
  readonly now: () => number;
  readonly maxConcurrentRuns: number;
  readonly quota: {
    readonly paceKey: string | null;
    /** As configured; null: as Personize says. */
    readonly perMonth: number | null;
    readonly maxConcurrentRequests: number;
  };
  /** Calls back when anything may have changed; returns how to stop. */
  readonly watch: RunnerView["watch"];
}

/** How many receipts are looked through for a run of a certain id: all that are kept. */
const ALL_RECEIPTS = 1000;

/** What the page, the metrics and the alerts see of the real thing. */
export function createRunnerView(options: RunnerViewOptions): RunnerView {
  const { syncs, state, queue, engine, live, failedStarts, remembered, now, maxConcurrentRuns } = options;
  const byName = new Map(syncs.map((sync) => [sync.name, sync]));

  /** Newest first, with those that could not begin. */
  function withFailedStarts(sync: string, receipts: readonly Receipt[], limit: number): readonly Receipt[] {
    const failed = failedStarts.of(sync);
    if (failed.length === 0) return receipts;
    const all = [...failed, ...receipts];
    return all.toSorted((a, b) => (a.startedAt < b.startedAt ? 1 : a.startedAt > b.startedAt ? -1 : 0)).slice(0, limit);
  }

  async function toView(sync: LoadedSync, alerts: readonly Alert[]): Promise<SyncView> {
    const { name, schedule } = sync;
    const { summary, receipts, freshAt } = await remembered.of(name);
    const recent = withFailedStarts(name, receipts, RECENT_RUNS);
    const entries = engine.list().filter((entry) => entry.sync === name);
    const held = entries.find(({ heldBy }) => heldBy !== null) ?? null;
    const queued = entries.find(({ heldBy }) => heldBy === null) ?? null;
    const run = live.of(name);
    const isRunning = run !== null || held !== null;
    const running = engine.list().filter(({ heldBy }) => heldBy !== null).length;
    const isPaused = engine.paused().has(name);
    const heldBy = summary?.heldBy ?? null;
    return {
      name,
      connector: sync.connector.name,
      schedule,
      state: stateOf(held, isRunning, queued !== null, isPaused),
      nextRunAt: engine.nextRunAt(name),
      lastReceipt: recent[0] ?? null,
      recentRuns: recent.map(toRecentRun),
      freshAt,
      landedRows: summary?.landedRows ?? 0,
      parkedRows: summary?.parkedRows ?? 0,
      unsettledBatches: summary?.unsettledBatches ?? 0,
      proved: summary?.proved ?? null,
      running:
        run !== null
          ? { runId: run.run.runId, trigger: run.run.trigger, startedAt: run.run.startedAt, progress: run.progress }
          : held !== null
            ? { runId: held.id, trigger: held.trigger, startedAt: held.takenAt ?? held.enqueuedAt, progress: null }
            : null,
      runsAgain: isRunning && queued !== null,
      waitingFor:
        run !== null
          ? run.waitingFor
          : held?.heldBy != null
            ? `its end: it is run by ${held.heldBy.holder}`
            : whatItWaitsFor({ now: now(), entry: queued, isRunning, running, maxConcurrentRuns, heldBy }),
      warnings: alerts.filter((alert) => alert.sync === name).map(({ text }) => text),
    };
  }

  return {
    now,

    async syncs() {
      const alerts = await queue.alerts();
      return Promise.all(syncs.map((sync) => toView(sync, alerts)));
    },

    async sync(name) {
      const sync = byName.get(name);
      return sync === undefined ? null : toView(sync, await queue.alerts());
    },

    async runs(sync, limit) {
      return withFailedStarts(sync, await state.receipts(sync, limit), limit);
    },

    async run(sync, runId): Promise<RunView | null> {
      const notes = await queue.notes(sync, runId);
      const timeline = notes.map(({ at, text }) => ({ at, text }));
      const trigger = notes[0]?.trigger ?? null;
      const under = live.of(sync);
      if (under?.run.runId === runId) {
        const { startedAt } = under.run;
        return {
          sync,
          runId,
          trigger: under.run.trigger,
          startedAt,
          receipt: null,
          progress: under.progress,
          timeline,
        };
      }
      const isIt = (receipt: Receipt): boolean => receipt.runId === runId;
      const receipt = failedStarts.of(sync).find(isIt) ?? (await state.receipts(sync, ALL_RECEIPTS)).find(isIt) ?? null;
      const startedAt = receipt === null ? notes[0]?.at : Date.parse(receipt.startedAt);
      return startedAt === undefined ? null : { sync, runId, trigger, startedAt, receipt, progress: null, timeline };
    },

    async parked(sync, limit) {
      const rows = await state.parked(sync, Number.POSITIVE_INFINITY);
      return rows.toSorted((a, b) => a.firstAt - b.firstAt).slice(0, limit);
    },

    async find(sync, key): Promise<RecordAnswer> {
      if (await state.underWay(sync, key)) return { state: "under-way", parked: null };
      const row = (await state.known(sync, [key])).get(key);
      if (row === undefined) return { state: "unknown", parked: null };
      // A row that could not be mapped is parked without a digest, so only the list of them is sure.
      const parked = (await state.parked(sync, Number.POSITIVE_INFINITY)).find((each) => each.key === key);
      if (parked === undefined) return { state: row.landed === null ? "unknown" : "in", parked: null };
      return { state: row.landed === null ? "parked" : "outdated", parked };
    },

    async quota(): Promise<readonly QuotaView[]> {
      const { paceKey, perMonth } = options.quota;
      if (paceKey === null) return [];
      const month = new Date(now()).toISOString().slice(0, 7);
      const [usage, rate] = await Promise.all([state.usage(paceKey, month), state.rate(paceKey)]);
      return [
        {
          syncs: syncs.map(({ name }) => name),
          month,
          used: Math.max(usage.attempted - usage.refused, usage.providerCurrent ?? 0),
          limit: perMonth ?? usage.providerLimit,
          perMinute: rate?.pace?.unitsPerMinute ?? null,
          backOffUntil: rate === null ? null : backOffUntil(rate, options.quota.maxConcurrentRequests, now()),
        },
      ];
    },

    watch: options.watch,
  };
}

function stateOf(held: QueueEntry | null, isRunning: boolean, isQueued: boolean, isPaused: boolean): SyncView["state"] {
  if (held?.cancelled === true) return "cancelling";
  if (isRunning) return "running";
  if (isQueued) return "queued";
  return isPaused ? "paused" : "idle";
}

function toRecentRun({ runId, startedAt, finishedAt, outcome, rows }: Receipt): RecentRun {
  const { landed } = rows;
  return { runId, startedAt: Date.parse(startedAt), finishedAt: Date.parse(finishedAt), outcome, landed };
}

/** What requests that wait for their place take is no back-off: as many as there may be, each as heavy as can be. Pure. */
function backOffUntil({ pace, freeAt }: RateStatus, maxConcurrentRequests: number, now: number): number | null {
  const unitMs = pace === null ? 0 : 60_000 / Math.max(1, pace.unitsPerMinute - pace.burstUnits);
  const usualMs = maxConcurrentRequests * Math.max(1, pace?.burstUnits ?? 1) * unitMs + 2000;
  return freeAt - now > usualMs ? freeAt : null;
}
