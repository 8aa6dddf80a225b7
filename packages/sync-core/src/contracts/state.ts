import type { DeletionMemory, DeletionStatus, PageMarks } from "./deletions.ts";
import type { ProvedInterval, Cursor } from "./source.ts";
import type { Batch, ParkedRow, RecordKind } from "./line.ts";
import type { Receipt } from "./receipt.ts";
import type { StateTransfer } from "./state-transfer.ts";

/**
 * Where a sync remembers: cursors, digests, unsettled batches, parked rows, the quota ledger, runs. Row contents are never
 * stored. Every method is one transaction: it happens whole or not at all.
 * @throws ConfigError when the store cannot be opened or is damaged; TransientError when the disk fails or is full.
 */
export interface StateStore extends StateTransfer {
  /** For messages: where the state is kept, without credentials. */
  readonly location: string;
  /**
   * Claims a sync for one run. The claim lasts `ttlMs` and is renewed by {@link SyncState.renew}. Every write made through
   * the returned state carries a fence: once somebody else has claimed the sync, it throws instead of writing.
   * @param replacing a holder that is known to be gone: its claim does not count.
   * @returns null when another holder's claim is still alive; ask {@link summary} who.
   */
  claim(sync: string, holder: string, ttlMs: number, replacing?: string): Promise<SyncState | null>;
  /** What is known of a sync; null when it never ran. */
  summary(sync: string): Promise<SyncSummary | null>;
  syncs(): Promise<readonly string[]>;
  /** What was stored for these row keys of a sync; keys never seen are absent. */
  known(sync: string, keys: readonly string[]): Promise<ReadonlyMap<string, KnownRow>>;
  /** Whether a version of this row is written down to be sent, or was sent, and nobody knows yet what became of it. */
  underWay(sync: string, key: string): Promise<boolean>;
  parked(sync: string, limit: number): Promise<readonly StoredParkedRow[]>;
  /** Newest first. */
  receipts(sync: string, limit: number): Promise<readonly Receipt[]>;
  /** Forgets everything about a sync but its receipts and the quota ledger. */
  reset(sync: string): Promise<void>;

  /**
   * Reserves `units` of a rate and returns how many milliseconds to wait before using them (0: now). Holds in every sliding
   * window of a minute and across every process that shares this store.
   */
  reserve(paceKey: string, units: number, pace: Pace | null): Promise<number>;
  /** The other side said no: nobody who shares this store gets a unit for `waitMs`. */
  penalize(paceKey: string, waitMs: number, pace: Pace | null): Promise<void>;
  /** How a rate stands; null: nothing was ever reserved of it. */
  rate(paceKey: string): Promise<RateStatus | null>;
  /** Adds to what was used in a month (`2026-11`, UTC). */
  addUsage(paceKey: string, month: string, delta: Partial<Usage>): Promise<void>;
  usage(paceKey: string, month: string): Promise<Usage>;
  close(): Promise<void>;
}

/** A sustained rate that, with bursts of `burstUnits`, never exceeds `unitsPerMinute` in any sliding minute. */
export interface Pace {
  readonly unitsPerMinute: number;
  readonly burstUnits: number;
}

export interface RateStatus {
  /** As it was last reserved with; null: not known yet. */
  readonly pace: Pace | null;
  /** When a unit that is reserved now could be used, in milliseconds since the epoch; not after now: at once. */
  readonly freeAt: number;
}

/** Units of the provider's quota, told apart by what we know of them. */
export interface Usage {
  readonly attempted: number;
  readonly accepted: number;
  /** Answered with an error. */
  readonly refused: number;
  /** No answer came: it may or may not have counted. */
  readonly unknown: number;
  /** The provider's own last figures for the month; null until it gave some. */
  readonly providerCurrent: number | null;
  readonly providerLimit: number | null;
}

/** The state of one sync, held by one run. */
export interface SyncState extends DeletionMemory {
  /** Rises with every claim. */
  readonly fence: number;
  cursor(): Promise<Cursor | null>;
  /** Batches that were written down and not settled, oldest first. */
  unsettled(): Promise<readonly UnsettledBatch[]>;
  /** What may still land of batches that are settled. Forgets what no longer can. */
  echoes(): Promise<readonly StoredEcho[]>;
  /**
   * Before anything of a page is sent.
   * @param sound keys of rows that are as they landed: if one of them is parked, it is so no longer.
   */
  writeDown(batches: readonly Batch[], parked: readonly ParkedRow[], sound?: readonly string[]): Promise<void>;
  /** Right before every try to send it; the last one counts. */
  markSent(batchId: string): Promise<void>;
  /** @param echoUntilMs until when a copy that an earlier try may have left behind can still land; null: there is none. */
  markAccepted(batchId: string, eventId: string, echoUntilMs?: number | null): Promise<void>;
  /** The end of a batch: digests of what landed, parked rows, batches that take its place; the batch itself is forgotten. */
  settle(settlement: Settlement): Promise<void>;
  /**
   * What landed of these rows is not stored as it was sent: `digest` is what is known of it from here on, and they are parked as
   * `parked` says. Rows that have not landed are left alone.
   */
  distrust(
    rows: readonly Pick<LandedRow, "key" | "digest">[],
    parked: Pick<ParkedRow, "code" | "reason">,
  ): Promise<void>;
  /** Forgets batches that nothing more will be heard of: never sent, or past the time in which a copy could land. Those with an event id stay. */
  withdraw(batchIds: readonly string[]): Promise<void>;
  /**
   * Everything up to `cursor` has landed or is parked.
   * @param marks what the page has shown; absent where the sync does not delete: then an enumeration under way is given up.
   */
  checkpoint(cursor: Cursor, proved: ProvedInterval | null, marks?: PageMarks): Promise<void>;
  saveReceipt(receipt: Receipt): Promise<void>;
  lastReceiptDigest(): Promise<string | null>;
  forgetRows(keys: readonly string[]): Promise<void>;
  renew(ttlMs: number): Promise<void>;
  release(): Promise<void>;
}

export interface KnownRow {
  /** Digest of the version that landed last; null when none has. */
  readonly landed: Uint8Array | null;
  /** Digest of the version that is parked, empty where it could not be mapped; null when none is. */
  readonly parked: Uint8Array | null;
  /** The record that it landed in, as it was remembered; absent: it was not. */
  readonly identity?: string;
}

export interface UnsettledBatch {
  readonly id: string;
  readonly eventId: string | null;
  readonly rows: readonly { readonly key: string; readonly record: string; readonly digest: Uint8Array }[];
  /** Rows that lost to one of these, which writes the same record; they land and fail with it. */
  readonly superseded: UnsettledBatch["rows"];
  /** Of the records that the rows write; null: an earlier version of this program wrote it down, and did not say. */
  readonly recordKind: RecordKind | null;
  /** As {@link SyncState.markAccepted} was told. */
  readonly echoUntilMs: number | null;
  readonly writtenAt: number;
  /** null: written down, not known to have left. */
  readonly sentAt: number | null;
}

export interface Settlement {
  readonly batchId: string;
  readonly landed: readonly LandedRow[];
  readonly parked: readonly ParkedRow[];
  readonly replacedBy: readonly Batch[];
  /** Until when a copy of the batch may still land; its rows are remembered for {@link SyncState.echoes}. null or absent: none can. */
  readonly echoUntilMs?: number | null;
}

export interface LandedRow {
  readonly key: string;
  readonly digest: Uint8Array;
  /**
   * The record that it is now part of, remembered for the day on which it is deleted; another one that was remembered before is
   * to be deleted, unless rows still map to it. null: not to be remembered. Absent: as before.
   */
  readonly identity?: string | null;
}

/** Rows of a settled batch of which a copy may still land. */
export interface StoredEcho {
  readonly rows: readonly { readonly record: string; readonly digest: Uint8Array }[];
  readonly untilMs: number;
}

export interface StoredParkedRow {
  readonly key: string;
  readonly code: string;
  readonly reason: string;
  readonly firstAt: number;
  readonly lastAt: number;
}

export interface SyncSummary {
  readonly sync: string;
  readonly cursor: Cursor | null;
  readonly proved: ProvedInterval | null;
  readonly landedRows: number;
  readonly parkedRows: number;
  readonly unsettledBatches: number;
  /** Where the enumeration stands that deletes are inferred from; `none` also for syncs that do not delete. */
  readonly enumeration: DeletionStatus["enumeration"];
  /** Who holds the sync, and until when; null when it is free. */
  readonly heldBy: { readonly holder: string; readonly untilMs: number } | null;
}
