import type { Receipt, RowCounts, RunOutcome, StoredParkedRow } from "@acme/sync-core";
import type { QuotaView, RunView, SyncView } from "../../contracts/runner-view.ts";

/** Everything that a sample runner knows of one sync. */
export interface SampleSync {
  view: SyncView;
  receipts: readonly Receipt[];
  parked: readonly StoredParkedRow[];
  /** Of the run under way. */
  runningRun: RunView | null;
}

export interface Scene {
  readonly syncs: readonly SampleSync[];
  readonly quota: readonly QuotaView[];
}

export const NOW = Date.UTC(2026, 10, 28, 9, 30, 12);
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const EXIT_CODES: Readonly<Record<RunOutcome, number>> = {
  done: 0,
  "done-with-parked": 4,
  quota: 5,
  "gave-up": 6,
  interrupted: 143,
  failed: 3,
};
const MESSAGES: Readonly<Record<RunOutcome, string>> = {
  done: "read to the last change",
  "done-with-parked": "read to the last change; some rows are parked",
  quota: "this month's quota is used up",
  "gave-up": "the source did not answer for 5 min: connection refused by db.internal:5432",
  interrupted: "interrupted by SIGTERM",
  failed: 'the database refused the password for user "sync_reader" at db.internal:5432',
};
const HINTS: Readonly<Partial<Record<RunOutcome, string>>> = {
  failed: "Set DATABASE_URL to a connection with a valid password, then run `check`.",
  quota: "It goes on by itself when the month is over, or with a larger plan.",
};

export function rowsOf(read: number, changed: number, refused = 0, parked = 0): RowCounts {
  return {
    read,
    unchanged: Math.max(0, read - changed - parked),
    filtered: 0,
    superseded: 0,
    parked,
    unsent: 0,
    sent: changed,
    landed: changed - refused,
    refused,
    deleted: 0,
  };
}

export function receiptOf(
  sync: string,
  startedAt: number,
  outcome: RunOutcome,
  rows: RowCounts,
  tookMs: number,
): Receipt {
  const through = new Date(startedAt - 5000).toISOString();
  return {
    sync,
    runId: `${new Date(startedAt).toISOString().replace(/[-:.]/g, "")}-7`,
    startedAt: new Date(startedAt).toISOString(),
    finishedAt: new Date(startedAt + tookMs).toISOString(),
    outcome,
    exitCode: EXIT_CODES[outcome],
    message: MESSAGES[outcome],
    hint: HINTS[outcome] ?? null,
    landingMs: rows.landed > 0 ? 2300 : null,
    versions: { core: "1.0.0", connector: "1.0.0", sdk: "0.18.0" },
    configDigest: "5e3c1b".repeat(10),
    organizationId: "org_sample",
    proved: outcome === "failed" ? null : { field: "updated_at", after: "2026-11-28T08:00:04.120Z", through },
    rows,
    calls: Math.ceil(rows.sent / 25) + 3,
    units: rows.sent,
    waitedMs: rows.sent > 100 ? { "for a place in the minute": tookMs * 0.4, "for rows to land": tookMs * 0.1 } : {},
    aiCharacters: rows.sent * 240,
    cursorBefore: { version: 1, position: { cursor: "2026-11-28T08:00:04.120Z", key: ["18220"] } },
    cursorAfter: { version: 1, position: { cursor: through, key: ["18431"] } },
    previousReceipt: "a4".repeat(32),
  };
}

export function parkedRow(key: string, code: string, reason: string, hoursAgo: number): StoredParkedRow {
  return { key, code, reason, firstAt: NOW - hoursAgo * HOUR, lastAt: NOW - (hoursAgo / 3) * HOUR };
}

/** A sync with a past: one run each `everyMs`, as they ended, newest first. */
export function sampleSync(
  name: string,
  connector: string,
  outcomes: readonly RunOutcome[],
  changes: Partial<SyncView> & {
    readonly parked?: readonly StoredParkedRow[];
    readonly everyMs?: number;
    readonly size?: number;
  } = {},
): SampleSync {
  const { parked = [], everyMs = 15 * MINUTE, size = 18_000, ...rest } = changes;
  const receipts = outcomes.map((outcome, index) => {
    const changed = outcome === "failed" ? 0 : Math.round(size * 0.02 * (1 + Math.sin(index * 2.1 + size)) + 3);
    const rows =
      outcome === "failed"
        ? rowsOf(0, 0)
        : rowsOf(Math.round(size * 0.05) + changed, changed, outcome === "done-with-parked" ? 2 : 0);
    return receiptOf(
      name,
      NOW - 4 * MINUTE - index * everyMs,
      outcome,
      rows,
      outcome === "failed" ? 900 : 20_000 + changed * 40,
    );
  });
  const good = receipts.find(({ exitCode }) => exitCode === 0 || exitCode === 4);
  const [last] = receipts;
  return {
    receipts,
    parked,
    runningRun: null,
    view: {
      name,
      connector,
      schedule: "*/15 * * * *",
      state: "idle",
      nextRunAt: NOW + 11 * MINUTE,
      lastReceipt: last ?? null,
      recentRuns: receipts.slice(0, 20).map(({ runId, startedAt, finishedAt, outcome, rows }) => ({
        runId,
        startedAt: Date.parse(startedAt),
        finishedAt: Date.parse(finishedAt),
        outcome,
        landed: rows.landed,
      })),
      freshAt: good === undefined ? null : Date.parse(good.startedAt),
      landedRows: good === undefined ? 0 : size,
      parkedRows: parked.length,
      unsettledBatches: 0,
      proved: good?.proved ?? null,
      running: null,
      runsAgain: false,
      waitingFor: null,
      warnings: [],
      ...rest,
    },
  };
}

/** The same, in the middle of a run that has read `read` rows of about `of`. */
export function underWay(sample: SampleSync, read: number, of: number, waitingFor: string | null = null): SampleSync {
  const startedAt = NOW - 3 * MINUTE - 20_000;
  const sent = Math.round(read * 0.3);
  const rows: RowCounts = { ...rowsOf(read, sent, 1, 4), landed: Math.max(0, sent - 76) };
  const progress = {
    phase: "reading",
    rows,
    estimatedRows: of,
    unsettledBatches: 3,
    units: sent,
    waitingFor,
    notices: [],
  } as const;
  const runId = "20261128T092652000Z-8";
  return {
    ...sample,
    view: { ...sample.view, state: "running", running: { runId, trigger: "schedule", startedAt, progress } },
    runningRun: {
      sync: sample.view.name,
      runId,
      trigger: "schedule",
      startedAt,
      receipt: null,
      progress,
      timeline: timelineOf(startedAt, false),
    },
  };
}

export function timelineOf(startedAt: number, isOver: boolean): RunView["timeline"] {
  return [
    { at: startedAt, text: "began: connecting" },
    { at: startedAt + 400, text: "settling what an earlier run left open: 2 batches" },
    { at: startedAt + 2600, text: "reading and sending" },
    { at: startedAt + 9100, text: "waits for a place in the minute (60 units a minute)" },
    { at: startedAt + 31_000, text: "goes on" },
    ...(isOver
      ? [
          { at: startedAt + 34_000, text: "waiting for the last rows to land" },
          { at: startedAt + 36_300, text: "ended: read to the last change" },
        ]
      : []),
  ];
}
