import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { RunnerView, SyncView } from "./contracts/runner-view.ts";
import type { ListenToRun, RunOutcome } from "./runs/run-listener.ts";

export interface Metrics {
  readonly listen: ListenToRun;
  readonly contentType: string;
  /** In the text format of Prometheus. Names of syncs, counts and times; never the contents of a row. */
  text(): Promise<string>;
}

export interface MetricsOptions {
  readonly view: Pick<RunnerView, "syncs" | "quota">;
  readonly versions: { readonly runner: string; readonly core: string; readonly sdk: string };
}

const STATES: readonly SyncView["state"][] = ["idle", "queued", "running", "cancelling", "paused"];
const RUN_BUCKETS_S = [1, 5, 15, 60, 300, 900, 3600, 4 * 3600, 24 * 3600];

/** README.md lists every name. */
export function createMetrics({ view, versions }: MetricsOptions): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });

  const runs = new Counter({
    name: "runner_runs_total",
    help: "Runs that ended, by outcome",
    labelNames: ["sync", "outcome"],
    registers,
  });
  const seconds = new Histogram({
    name: "runner_run_duration_seconds",
    help: "How long runs took",
    labelNames: ["outcome"],
    buckets: RUN_BUCKETS_S,
    registers,
  });
  const rows = new Counter({
    name: "runner_rows_total",
    help: "Rows of runs that ended, by what became of them",
    labelNames: ["sync", "result"],
    registers,
  });
  const units = new Counter({
    name: "runner_quota_units_total",
    help: "Units of the plan's limits that ended runs used",
    labelNames: ["sync"],
    registers,
  });
  const waited = new Counter({
    name: "runner_waited_seconds_total",
    help: "Seconds that ended runs spent waiting, for whatever reason",
    labelNames: ["sync"],
    registers,
  });

  const info = new Gauge({
    name: "runner_info",
    help: "Versions, as labels; always 1",
    labelNames: ["version", "core", "sdk"],
    registers,
  });
  info.set({ version: versions.runner, core: versions.core, sdk: versions.sdk }, 1);

  const gauge = (name: string, help: string, labelNames: readonly string[] = []): Gauge =>
    new Gauge({ name, help, labelNames: [...labelNames], registers });
  const perSync = {
    runner_sync_landed_rows: gauge("runner_sync_landed_rows", "Rows that have landed", ["sync"]),
    runner_sync_parked_rows: gauge("runner_sync_parked_rows", "Rows that are parked", ["sync"]),
    runner_sync_unsettled_batches: gauge("runner_sync_unsettled_batches", "Batches of unknown fate", ["sync"]),
    runner_sync_warnings: gauge("runner_sync_warnings", "What is wrong with it, as the alerts told", ["sync"]),
    runner_sync_running: gauge("runner_sync_running", "1 while it runs", ["sync"]),
    runner_sync_paused: gauge("runner_sync_paused", "1 while its schedule does not fire", ["sync"]),
    runner_sync_fresh_timestamp_seconds: gauge(
      "runner_sync_fresh_timestamp_seconds",
      "When the last run that ended well began; absent: none",
      ["sync"],
    ),
    runner_sync_last_run_timestamp_seconds: gauge(
      "runner_sync_last_run_timestamp_seconds",
      "When the last run ended; absent: none",
      ["sync"],
    ),
    runner_sync_last_run_exit_code: gauge("runner_sync_last_run_exit_code", "Its exit code; absent: none", ["sync"]),
    runner_sync_next_run_timestamp_seconds: gauge(
      "runner_sync_next_run_timestamp_seconds",
      "When its schedule fires next; absent: it does not",
      ["sync"],
    ),
  } as const;
  const syncs = gauge("runner_syncs", "Syncs, by state", ["state"]);
  const quotaUsed = gauge("runner_quota_used_units", "Units used this month", ["month"]);
  const quotaLimit = gauge("runner_quota_limit_units", "Units that the plan allows a month; absent: not known", [
    "month",
  ]);

  function describeSync(sync: SyncView): Readonly<Record<keyof typeof perSync, number | null>> {
    const { lastReceipt: last } = sync;
    const inSeconds = (ms: number | null): number | null => (ms === null ? null : ms / 1000);
    return {
      runner_sync_landed_rows: sync.landedRows,
      runner_sync_parked_rows: sync.parkedRows,
      runner_sync_unsettled_batches: sync.unsettledBatches,
      runner_sync_warnings: sync.warnings.length,
      runner_sync_running: sync.running === null ? 0 : 1,
      runner_sync_paused: sync.schedule !== null && sync.nextRunAt === null ? 1 : 0,
      runner_sync_fresh_timestamp_seconds: inSeconds(sync.freshAt),
      runner_sync_last_run_timestamp_seconds: last === null ? null : Date.parse(last.finishedAt) / 1000,
      runner_sync_last_run_exit_code: last?.exitCode ?? null,
      runner_sync_next_run_timestamp_seconds: inSeconds(sync.nextRunAt),
    };
  }

  async function collect(): Promise<void> {
    const [all, quotas] = await Promise.all([view.syncs(), view.quota()]);
    for (const each of Object.values(perSync)) each.reset();
    for (const sync of all) {
      const values = describeSync(sync);
      for (const [name, each] of Object.entries(perSync) as [keyof typeof perSync, Gauge][]) {
        const value = values[name];
        if (value !== null) each.set({ sync: sync.name }, value);
      }
    }
    for (const state of STATES) syncs.set({ state }, all.filter((sync) => sync.state === state).length);
    quotaUsed.reset();
    quotaLimit.reset();
    for (const { month, used, limit } of quotas) {
      quotaUsed.inc({ month }, used);
      if (limit !== null) quotaLimit.inc({ month }, limit);
    }
  }

  return {
    contentType: registry.contentType,
    listen: ({ sync }) => ({
      ended(end) {
        if (end.state === "held") return;
        const outcome = outcomeOf(end);
        runs.inc({ sync, outcome });
        if (end.state !== "ran") return;
        const { receipt } = end;
        seconds.observe({ outcome }, (Date.parse(receipt.finishedAt) - Date.parse(receipt.startedAt)) / 1000);
        for (const [result, count] of Object.entries(receipt.rows)) rows.inc({ sync, result }, count);
        units.inc({ sync }, receipt.units);
        waited.inc({ sync }, Object.values(receipt.waitedMs).reduce((sum, ms) => sum + ms, 0) / 1000);
      },
    }),
    async text() {
      await collect();
      return registry.metrics();
    },
  };
}

function outcomeOf(end: Exclude<RunOutcome, { state: "held" }>): string {
  if (end.state === "ran") return end.receipt.outcome;
  return end.state === "nothing" ? "done" : "failed";
}
