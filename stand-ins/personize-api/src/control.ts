import type { LogQuery, Steering } from "@acme/stand-in-kit";
import type { Fault } from "./faults.ts";
import type { Identifiers } from "./identity.ts";
import type { Knobs } from "./knobs.ts";
import type { PlanSeed } from "./plans.ts";
import type { RequestEntry } from "./request-entry.ts";
import type { RowFailureRule } from "./row-failure.ts";

/** One stored record with everything about it. */
export interface RecordView {
  readonly recordId: string;
  readonly organizationId: string;
  readonly type: string;
  /** The normalised key it is found by. */
  readonly key: string;
  /** All keys by name: `email`, `websiteUrl`, custom ones. */
  readonly keys: Readonly<Record<string, string>>;
  /** Values by system name, of known collections only: what a read shows. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Every stored value, wrong buckets included. */
  readonly cells: readonly CellView[];
  /** Texts, oldest first, deleted ones left out. */
  readonly memories: readonly string[];
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  /** Rows that landed on it, repeats included. */
  readonly landedRows: number;
  readonly deleted: boolean;
}

export interface CellView {
  readonly property: string;
  readonly collectionId: string;
  /** Undefined for a wrong bucket. */
  readonly collectionName: string | undefined;
  readonly value: unknown;
  readonly updatedAtMs: number;
  readonly version: number;
  /** Former values, oldest first. */
  readonly history: readonly { readonly value: unknown; readonly updatedAtMs: number }[];
}

export interface RecordQuery {
  readonly organizationId?: string;
  /** Without case. */
  readonly type?: string;
  /** Default false. */
  readonly includeDeleted?: boolean;
  readonly offset?: number;
  readonly limit?: number;
}

export interface RecordLookup extends Identifiers {
  readonly organizationId?: string;
  readonly type?: string;
}

export interface EventView {
  readonly eventId: string;
  readonly organizationId: string;
  readonly type: string;
  readonly phase: "pending" | "processing" | "completed" | "partial" | "failed" | "stale";
  readonly createdAtMs: number;
  readonly finishedAtMs: number | undefined;
  readonly rowCount: number;
  readonly failedCount: number;
}

/** Running totals, over all organizations. */
export interface Counts {
  /** Visible records. */
  readonly records: number;
  readonly deletedRecords: number;
  readonly memories: number;
  readonly orphanMemories: number;
  /** Rows of accepted writes. */
  readonly rowsReceived: number;
  /** Rows that landed, repeats and second landings included. */
  readonly rowsLanded: number;
  readonly rowsFailed: number;
  readonly rowsOrphaned: number;
  readonly events: number;
  readonly eventsInFlight: number;
  /** Requests of every kind, refused ones included; admin routes are not requests. */
  readonly requests: number;
  readonly unitsAccepted: number;
  readonly rateLimited: { readonly perMinute: number; readonly perMonth: number; readonly concurrent: number };
  readonly creditsCharged: number;
  /** Characters handed to extraction by landed rows. */
  readonly aiCharacters: number;
}

export interface Usage {
  readonly minuteUnits: number;
  readonly minuteLimit: number;
  readonly month: string;
  readonly monthUnits: number;
  readonly monthLimit: number;
  readonly credits: number;
  readonly inFlight: number;
}

/**
 * Looks into the server and steers it. Everything acts at once; reads land what is due first. Where an organization
 * may be named, the first one is meant by default. Unknown organizations throw RangeError.
 */
export interface Control extends Steering<Knobs, Fault> {
  /** Requests received, oldest first, as many as the log keeps. */
  requests(query?: LogQuery): readonly RequestEntry[];
  /** Records in order of creation. Without a limit: all of them. */
  records(query?: RecordQuery): readonly RecordView[];
  /** The same one by one, for dumps that do not fit in memory. */
  eachRecord(query?: RecordQuery): IterableIterator<RecordView>;
  /** The record of an identifier, deleted or not; undefined when nothing is there. */
  record(lookup: RecordLookup): RecordView | undefined;
  events(organizationId?: string): readonly EventView[];
  counts(): Counts;
  /** The most units accepted in any sliding window of `windowMs` (default 60,000), by the limiter's own rule. */
  peakUnitsInWindow(windowMs?: number, organizationId?: string): number;
  usage(organizationId?: string): Usage;
  /** Sets the units used this month, and with `minuteUnits` the units used at this very moment. */
  setUsage(usage: { readonly monthUnits?: number; readonly minuteUnits?: number }, organizationId?: string): void;
  setCredits(credits: number, organizationId?: string): void;
  setPlan(plan: PlanSeed, organizationId?: string): void;
  addKey(key: string, organizationId?: string): void;
  revokeKey(key: string): void;
  /** Lands everything that is on its way, at once; stuck events stay stuck. */
  settleAll(): void;
  /** Rows of later landings that match fail inside their event. */
  failRows(rule: RowFailureRule): void;
  clearRowFailures(): void;
  /** Back to the start: data, usage, log, faults, knobs, clock. */
  reset(): void;
  /** Writes the store file now; does nothing without one. */
  save(): void;
}
