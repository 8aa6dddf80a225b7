import type { LogQuery, Steering } from "@acme/stand-in-kit";
import type { AppSeed } from "./auth/connected-apps.ts";
import type { UserSeed } from "./auth/users.ts";
import type { Family } from "./counters.ts";
import type { Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import type { ChangeOptions, FieldValues, Touch } from "./org/changes.ts";
import type { Value } from "./org/field-definition.ts";
import type { CustomObjectSeed, FieldSeed } from "./org/org-seed.ts";
import type { RowState } from "./org/table.ts";
import type { RequestEntry } from "./request-entry.ts";

/** One stored row, as it is now. */
export interface RowView {
  /** 18 characters. */
  readonly id: string;
  readonly object: string;
  readonly state: RowState;
  readonly createdMs: number;
  readonly stampMs: number;
  readonly modifiedMs: number;
  readonly deletedMs: number | undefined;
  readonly masterId: string | null;
  /** Every value that is not null, by field; date-times in milliseconds, formulas computed, the fields above left out. */
  readonly values: Readonly<Record<string, Value>>;
}

export interface RowQuery {
  /** Default: all objects. */
  readonly object?: string;
  /** Default: live ones. */
  readonly state?: RowState;
  readonly offset?: number;
  readonly limit?: number;
  /** Only these fields; fewer make a dump of a large org quicker. */
  readonly fields?: readonly string[];
}

export interface RequestQuery extends LogQuery {
  readonly family?: Family;
}

export interface UpdateOptions extends ChangeOptions {
  /** Default `user`. */
  readonly touch?: Touch;
}

/** Running totals since the start or the last reset. */
export interface Counts {
  /** Requests of every kind, refused ones included; admin routes are not requests. */
  readonly requests: number;
  readonly calls: Readonly<Record<Family, number>>;
  /** Rows, objects, fields or ids answered. */
  readonly rows: Readonly<Record<Family, number>>;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Error answers by code. */
  readonly errorCodes: Readonly<Record<string, number>>;
  /** Rows by object; objects without rows left out. */
  readonly objects: Readonly<Record<string, { readonly live: number; readonly deleted: number }>>;
  /** Changes that nobody sees yet. */
  readonly pendingCommits: number;
}

/** What is counted against the org's allowances in the last 24 hours. */
export interface UsageView {
  readonly requests: number;
  readonly bulkJobs: number;
  readonly bulkStoredMb: number;
}

/**
 * Looks into the server and steers it. Everything acts at once. Object and field names may be in any case; unknown ones,
 * unknown rows and rows that nobody sees (not yet, or no more) throw RangeError. Ids have 15 or 18 characters.
 */
export interface Control extends Steering<Knobs, Fault> {
  /** Requests received, oldest first, as many as the log keeps. */
  requests(query?: RequestQuery): readonly RequestEntry[];
  counts(): Counts;
  usage(): UsageView;
  setUsage(usage: { readonly requests: number }): void;

  /** By object, and in it by id. Without a limit: all of them. */
  rows(query?: RowQuery): readonly RowView[];
  /** The same one by one, for orgs that do not fit in memory as views. */
  eachRow(query?: RowQuery): IterableIterator<RowView>;
  /** Whatever state it is in; undefined when it never was. */
  row(id: string): RowView | undefined;

  /** Answers the id. */
  create(object: string, values: FieldValues, options?: ChangeOptions): string;
  update(id: string, values: FieldValues, options?: UpdateOptions): void;
  /** All with one stamp. Without ids: every live row. Answers how many. */
  updateMany(object: string, ids: readonly string[] | undefined, values: FieldValues, options?: UpdateOptions): number;
  /** Into the bin. */
  delete(id: string, options?: ChangeOptions): void;
  undelete(id: string, options?: ChangeOptions): void;
  /** Past the bin: queries never show it again. */
  purge(id: string, options?: ChangeOptions): void;
  /** The losers go into the bin and name the winner; what pointed at them points at the winner. */
  merge(winnerId: string, loserIds: readonly string[], options?: ChangeOptions): void;
  /** Makes every change visible now, whatever its delay. */
  settleCommits(): void;
  /** Forgets deletions before a time. */
  trimDeletedLog(object: string, beforeMs: number): void;

  /** Adds a field, or replaces one. */
  defineField(object: string, field: FieldSeed): void;
  removeField(object: string, field: string): void;
  /** Answers its full name. */
  defineObject(seed: CustomObjectSeed): string;
  /** Values that the field's picklist no longer offers. */
  deactivatePicklistValue(object: string, field: string, value: string): void;

  addApp(seed: AppSeed): void;
  /** Changes what a user may do and see; members left out stay. Without a username: the first user. */
  setUser(seed: UserSeed): void;
  /** Session or refresh token. */
  revokeToken(token: string): void;
  /** No session and no refresh token works any more. */
  revokeAll(): void;
  /** Every session has ended; refresh tokens stay. */
  expireSessions(): void;
  /** Every locator of a REST query is unknown from now on. */
  forgetLocators(): void;

  /** Back to the start: org, users, apps, sessions, usage, log, faults, knobs, clock. */
  reset(): void;
}
