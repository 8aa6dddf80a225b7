import type { Progress, ProvedInterval, Receipt, RunOutcome, StoredParkedRow } from "@acme/sync-core";

/**
 * What the page, the metrics and the alerts may know. Reading only, and never the contents of a row: keys, names, counts,
 * times and redacted reasons. All times are milliseconds since the Unix epoch.
 */
export interface RunnerView {
  now(): number;
  /** Every configured sync, in the order of the configuration. Answers from the state and from memory; asks no other system. */
  syncs(): Promise<readonly SyncView[]>;
  /** null: no sync of that name is configured. */
  sync(name: string): Promise<SyncView | null>;
  /** Ended runs, newest first. */
  runs(sync: string, limit: number): Promise<readonly Receipt[]>;
  /** null: no such run is known (any more). */
  run(sync: string, runId: string): Promise<RunView | null>;
  /** Oldest first. */
  parked(sync: string, limit: number): Promise<readonly StoredParkedRow[]>;
  /** "Is record KEY in, and if not, why": answered from the state alone. */
  find(sync: string, key: string): Promise<RecordAnswer>;
  /** Quota of every Personize key in use. */
  quota(): Promise<readonly QuotaView[]>;
  /** Calls `onChange` soon after anything above may have changed, at most about once a second. @returns how to stop. */
  watch(onChange: () => void): () => void;
}

/** What a person may ask for. Every method resolves as soon as the wish is noted, not when it has come true. */
export interface RunnerActions {
  /** `already`: a run of it is queued and has not begun. While one is running, one more is queued: "run again after this one". */
  runNow(sync: string): Promise<"queued" | "already">;
  /** Tries the parked rows of a sync again. */
  retry(sync: string): Promise<"queued" | "already">;
  /** Its schedule fires no more; what runs goes on to its end. */
  pause(sync: string): Promise<void>;
  resume(sync: string): Promise<void>;
  /** The running run settles what is in flight, checkpoints and ends; a queued one is taken out. `none`: there was neither. */
  cancel(sync: string): Promise<"cancelling" | "none">;
}

export interface SyncView {
  readonly name: string;
  readonly connector: string;
  /** As in the configuration; null: only by hand. */
  readonly schedule: string | null;
  readonly state: "idle" | "queued" | "running" | "cancelling" | "paused";
  /** null: no schedule, or paused. */
  readonly nextRunAt: number | null;
  /** null: it never ran. */
  readonly lastReceipt: Receipt | null;
  /** Ended runs, newest first, {@link RECENT_RUNS} at most: enough to see at a glance how it has been going. */
  readonly recentRuns: readonly RecentRun[];
  /** When the last run that ended with exit code 0 or 4 began: what was changed before it is in. null: none. */
  readonly freshAt: number | null;
  readonly landedRows: number;
  readonly parkedRows: number;
  readonly unsettledBatches: number;
  readonly proved: ProvedInterval | null;
  /** The run under way; null: none. */
  readonly running: RunningView | null;
  /** One more run is queued to begin after the one under way. */
  readonly runsAgain: boolean;
  /** Why it does not run although it is queued, or why its run stands still, in words; null: nothing to say. */
  readonly waitingFor: string | null;
  /** What is wrong with it, in words, newest first: what the alerts told. */
  readonly warnings: readonly string[];
}

/** How many ended runs a {@link SyncView} carries. */
export const RECENT_RUNS = 20;

/** What is needed of an ended run to draw it small. */
export interface RecentRun {
  readonly runId: string;
  readonly startedAt: number;
  readonly finishedAt: number;
  readonly outcome: RunOutcome;
  readonly landed: number;
}

export interface RunningView {
  readonly runId: string;
  readonly trigger: RunTrigger;
  readonly startedAt: number;
  /** null: nothing heard from it yet. */
  readonly progress: Progress | null;
}

export type RunTrigger = "schedule" | "hand" | "again" | "retry";

export interface RunView {
  readonly sync: string;
  readonly runId: string;
  readonly trigger: RunTrigger | null;
  readonly startedAt: number;
  /** null while it is under way. */
  readonly receipt: Receipt | null;
  readonly progress: Progress | null;
  readonly timeline: readonly TimelineEntry[];
}

/** A moment of a run, in words: a phase that began, a wait with its reason, an ending. */
export interface TimelineEntry {
  readonly at: number;
  readonly text: string;
}

export type RecordAnswer =
  /** Its newest version that was read has landed. */
  | { readonly state: "in"; readonly parked: null }
  /** It never landed, and is parked. */
  | { readonly state: "parked"; readonly parked: StoredParkedRow }
  /** An older version landed; a newer one is parked. */
  | { readonly state: "outdated"; readonly parked: StoredParkedRow }
  /** Sent, and not known to have landed yet. */
  | { readonly state: "under-way"; readonly parked: null }
  /** Never seen by this sync under that key, or left out by `where`. */
  | { readonly state: "unknown"; readonly parked: null };

export interface QuotaView {
  /** Not the key: which syncs use it. */
  readonly syncs: readonly string[];
  readonly month: string;
  readonly used: number;
  /** null: not known. */
  readonly limit: number | null;
  /** Units a minute that the plan allows; null: not known. */
  readonly perMinute: number | null;
  /** Until when nobody gets a unit (a 429 asked us to wait); null: nobody waits. */
  readonly backOffUntil: number | null;
}
