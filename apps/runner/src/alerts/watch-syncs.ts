import type { RunnerView } from "../contracts/runner-view.ts";
import type { FailedStarts } from "../runs/failed-starts.ts";
import type { ListenToRun, RunOutcome } from "../runs/run-listener.ts";
import type { Remembered } from "../view/remembered.ts";
import type { Alerts } from "./create-alerts.ts";
import { judgeQuota } from "./judge-quota.ts";
import { judgeSync, SYNC_ALERT_KINDS, type SyncAlertKind, type SyncFacts } from "./judge-sync.ts";

export interface WatchedSync {
  readonly name: string;
  readonly freshWithinMs: number | null;
}

export interface SyncWatchOptions {
  readonly syncs: readonly WatchedSync[];
  readonly alerts: Alerts;
  readonly remembered: Remembered;
  readonly failedStarts: FailedStarts;
  readonly view: Pick<RunnerView, "quota">;
  readonly isPaused: (sync: string) => boolean;
  readonly now: () => number;
  readonly onProblem: (error: unknown) => void;
}

/** Looks for what is wrong: after every run, and from time to time. */
export interface SyncWatch {
  readonly listen: ListenToRun;
  /** What goes wrong without a run: freshness, the month's quota, alerts that nobody was told of. */
  sweep(): Promise<void>;
}

const PARKED_KEPT = 10;
/** Says something of one reading of the source; a retry is none. */
const OF_A_READING: readonly SyncAlertKind[] = ["empty", "errors"];

export function watchSyncs(options: SyncWatchOptions): SyncWatch {
  const { alerts, remembered, failedStarts, now } = options;
  const watchedSince = now();
  const parkedRows = new Map<string, readonly number[]>();
  const byName = new Map(options.syncs.map((sync) => [sync.name, sync]));

  async function factsOf({ name, freshWithinMs }: WatchedSync): Promise<SyncFacts> {
    const { summary, receipts, freshAt } = await remembered.of(name);
    return {
      now: now(),
      receipts,
      failure: null,
      landedRows: summary?.landedRows ?? 0,
      parkedRows: parkedRows.get(name) ?? [],
      freshAt,
      freshWithinMs,
      watchedSince,
      isPaused: options.isPaused(name),
    };
  }

  async function set(
    sync: string,
    found: ReturnType<typeof judgeSync>,
    kinds: readonly SyncAlertKind[],
  ): Promise<void> {
    for (const kind of kinds) await alerts.set({ sync, kind }, found[kind] ?? null);
  }

  async function afterRun(sync: WatchedSync, kind: "sync" | "retry", end: RunOutcome): Promise<void> {
    remembered.forget(sync.name);
    const facts = await factsOf(sync);
    if (end.state === "ran") {
      const rows = (await remembered.of(sync.name)).summary?.parkedRows ?? 0;
      parkedRows.set(sync.name, [rows, ...facts.parkedRows].slice(0, PARKED_KEPT));
    }
    const failure = end.state === "failed" ? (failedStarts.of(sync.name)[0]?.message ?? end.message) : null;
    const found = judgeSync({ ...facts, failure, parkedRows: parkedRows.get(sync.name) ?? [] });
    // What could not begin says nothing of the rows.
    if (end.state === "failed") return set(sync.name, found, ["failed", "stale"]);
    const isReading = kind === "sync";
    await set(
      sync.name,
      found,
      SYNC_ALERT_KINDS.filter((each) => isReading || !OF_A_READING.includes(each)),
    );
    if (end.state === "ran" && found.failed === undefined) await alerts.set({ sync: sync.name, kind: "stuck" }, null);
  }

  return {
    listen: ({ sync: name, kind }) => ({
      async ended(end) {
        const sync = byName.get(name);
        if (sync === undefined || end.state === "held" || isInterrupted(end)) return;
        await afterRun(sync, kind, end).catch(options.onProblem);
      },
    }),

    async sweep() {
      for (const sync of options.syncs) {
        if (sync.freshWithinMs === null) continue;
        const { stale } = judgeSync(await factsOf(sync));
        await alerts.set({ sync: sync.name, kind: "stale" }, stale ?? null);
      }
      for (const { used, limit } of await options.view.quota())
        await alerts.set({ sync: "", kind: "quota-forecast" }, judgeQuota(now(), used, limit));
      await alerts.tellUntold();
    },
  };
}

/** Neither good nor bad: whatever was true before is. */
function isInterrupted(end: RunOutcome): boolean {
  const exitCode = end.state === "ran" ? end.receipt.exitCode : end.state === "failed" ? end.exitCode : 0;
  return exitCode === 130 || exitCode === 143;
}
