import type { MappingConfig } from "../mapping/mapping-config.ts";
import type { BatchEvent } from "./batch-event.ts";
import type { Account, Collection, Destination } from "./destination.ts";
import type { Json } from "./json.ts";
import type { Progress } from "./progress.ts";
import type { Receipt } from "./receipt.ts";
import type { Runtime } from "./runtime.ts";
import type { Finding, Source, Stream } from "./source.ts";
import type { StateStore } from "./state.ts";

/** One sync, ready to run. */
export interface SyncJob {
  readonly name: string;
  readonly connector: { readonly name: string; readonly version: string };
  readonly source: Source;
  readonly mapping: MappingConfig;
  /** Digest of the sync's configuration without its secrets. */
  readonly configDigest: string;
  /** Records whose rows are gone at the source are deleted; absent: they stay. */
  readonly deletes?: DeletePolicy;
}

export interface DeletePolicy {
  /** Digest of the source's options without their secrets: what was read under others says nothing about what is gone. */
  readonly selection: string;
  /** Share of the landed rows that one run may delete, in (0, 1]; never less than 20 rows. */
  readonly maxShare: number;
}

/** What a run works with. All of it is handed in. */
export interface Engine {
  readonly destination: Destination;
  readonly state: StateStore;
  readonly runtime: Runtime;
  readonly settings: EngineSettings;
  readonly versions: { readonly core: string; readonly sdk: string };
  /** Who runs: host and process, as text for people. Claims of a sync carry it. */
  readonly holder: string;
  /** True when a holder that left a claim behind is known to be gone (a dead process of this host); false when unsure. */
  readonly isGone: (holder: string) => boolean;
  readonly onProgress: (progress: Progress) => void;
  /** For logs and traces; absent: nobody listens. */
  readonly onBatch?: (event: BatchEvent) => void;
}

export interface EngineSettings {
  /** Rows held in memory at once, in bytes: read ahead, waiting to be sent, and sent but not landed. */
  readonly maxBufferedBytes: number;
  /** Requests under way at once. The destination allows 5 an organisation on standard plans. */
  readonly maxConcurrentRequests: number;
  /** How long an accepted batch may take to land before the run gives up on it (it is asked about again next time). */
  readonly landingTimeoutMs: number;
  /** How long an interrupted run goes on asking what became of accepted batches before it leaves them to the next run. */
  readonly interruptGraceMs: number;
  /** How long an earlier copy of a batch whose reply was lost may still land. Newer versions of its records wait. */
  readonly lateLandingMs: number;
  /** How many records a run reads back at most once rows of unknown fate have landed. 0: none. */
  readonly readBackRecords: number;
}

export interface RunOptions {
  /** Send at most this many changed rows, and stop after the page in which so many were read; null: all. */
  readonly limit: number | null;
  /** Read from the beginning and compare everything; what did not change is still not sent. */
  readonly full: boolean;
  /** Aborted with an {@link Interrupt}: finish what is in flight, checkpoint, leave. */
  readonly drain: AbortSignal;
  /** How many records this run may delete at most; absent: as many as {@link DeletePolicy.maxShare} says. */
  readonly allowDeletes?: number;
  /** Send these rows again instead of reading on; absent: read on. */
  readonly resend?: Resend;
  /** Of the receipt; absent: made of the time and the claim. */
  readonly runId?: string;
}

/**
 * Rows to send again, as they are at the source now, whether or not they are parked. The checkpoint stays where it is, and a
 * version that has landed is not sent again.
 */
export interface Resend {
  /** Each once. */
  readonly keys: readonly string[];
  /** True: what has landed of them is not stored as it was sent. They are parked until they have landed once more. */
  readonly distrusted: boolean;
  /** Rows that are gone at the source; they are not parked any more. */
  readonly onGone: (keys: readonly string[]) => void;
}

/** Why a run was asked to end early. */
export interface Interrupt {
  /** The signal, or the one that it is to be taken for: it decides the exit code. */
  readonly signal: "SIGINT" | "SIGTERM";
  /** Where it was no signal: what it was, in words, like "cancelled by hand". */
  readonly reason?: string;
}

export interface CheckReport {
  readonly account: Account;
  readonly collections: readonly Collection[];
  readonly stream: Stream;
  readonly findings: readonly Finding[];
}

/** What a run would do. Nothing was sent to find out, but `me()` and `collections.list()`. */
export interface PlanReport {
  readonly sync: string;
  readonly account: Account;
  /** False when `limit` ended reading early. */
  readonly complete: boolean;
  readonly rows: {
    readonly read: number;
    readonly adds: number;
    readonly changes: number;
    readonly unchanged: number;
    readonly filtered: number;
    readonly superseded: number;
    readonly parked: number;
  };
  /**
   * How many rows that landed are gone as far as reading shows: those that the source marks as deleted and, where all of it was
   * read, those that it did not show. Each is looked up once more before its record is deleted. null: records stay.
   */
  readonly deletes: number | null;
  /** Requests that carry rows. */
  readonly calls: number;
  /** What they and deletions cost of the plan's limits. */
  readonly units: number;
  /** At the plan's pace, without the time until the last batch has landed. */
  readonly minutes: number;
  readonly month: {
    readonly used: number;
    readonly limit: number | null /** used + units, as a share of the limit */;
    readonly shareAfter: number | null;
  };
  readonly aiCharacters: number;
  /** Up to `samples` rows as they would be sent. Only filled on request: these are row contents. */
  readonly samples: readonly PlanSample[];
  readonly parkedReasons: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export interface PlanSample {
  readonly key: string;
  readonly kind: "add" | "change";
  /** Property → value as it would be sent. */
  readonly properties: Readonly<Record<string, Json>>;
}

/** What became of the rows that were parked. */
export interface RetryReport {
  readonly sync: string;
  /** Rows that were parked when it began. */
  readonly parked: number;
  /** How many of them no longer exist at the source; they are not parked any more. */
  readonly gone: number;
  /** The receipt of the run that sent the others; null when nothing was parked. */
  readonly receipt: Receipt | null;
}

export interface VerifyReport {
  readonly sync: string;
  readonly rowsRead: number;
  readonly checked: number;
  readonly equal: number;
  /** Not landed yet, as far as this sync knows: changed since, parked, or never sent. */
  readonly notLanded: number;
  readonly missing: readonly string[];
  /** Row keys with the names of properties whose stored value differs. Never the values. */
  readonly different: readonly { readonly key: string; readonly properties: readonly string[] }[];
  readonly withoutMemories: readonly string[];
  /** The receipt of the run that sent the differing rows again; null without `--repair`. */
  readonly repaired: Receipt | null;
}
