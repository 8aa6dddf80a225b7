import type { LogQuery, Steering } from "@acme/stand-in-kit";
import type { AppSeed } from "./auth/apps.ts";
import type { Family } from "./counters.ts";
import type { Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import type { PolicyName } from "./limits/limiter.ts";
import type { CustomObjectSeed } from "./portal/custom-type.ts";
import type { PropertySeed } from "./portal/property-definition.ts";
import type { RequestEntry } from "./request-entry.ts";

/** One stored record, as it is now, whatever the search index knows. */
export interface RecordView {
  readonly id: string;
  /** Plural name, or the full name of a custom object. */
  readonly type: string;
  readonly createdAtMs: number;
  readonly modifiedAtMs: number;
  readonly archived: boolean;
  readonly archivedAtMs: number | undefined;
  /** Every value that is not null, by property; archived properties left out. */
  readonly properties: Readonly<Record<string, string>>;
  /** Whether a search sees this version already. */
  readonly searchable: boolean;
}

export interface RecordQuery {
  /** Any name of an object type; default: all types. */
  readonly type?: string;
  /** Default false: live ones only. True: archived ones only. */
  readonly archived?: boolean;
  readonly offset?: number;
  readonly limit?: number;
  /** Only these properties; fewer make a dump of a large portal quicker. */
  readonly properties?: readonly string[];
}

export interface RequestQuery extends LogQuery {
  readonly family?: Family;
}

/** How a change is made. */
export interface ChangeOptions {
  /** Another time than now, milliseconds since 1970; the index lag counts from there. */
  readonly atMs?: number;
}

export interface CreateOptions extends ChangeOptions {
  /** Default: the next id of the portal's own, which does not follow the order of creation. */
  readonly id?: string;
}

export interface UpdateOptions extends ChangeOptions {
  /** Default true. False leaves the modified date, as a calculated property does. */
  readonly touch?: boolean;
}

/** Values by property name; null clears, "" stays an empty text. */
export type PropertyValues = Readonly<Record<string, string | null>>;

/** Running totals since the start or the last reset. */
export interface Counts {
  /** Requests of every kind, refused ones included; admin routes are not requests. */
  readonly requests: number;
  readonly calls: Readonly<Record<Family, number>>;
  /** Records, owners, definitions or association results answered. */
  readonly rows: Readonly<Record<Family, number>>;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** 429 answers by policy, faults included. */
  readonly rateLimited: Readonly<Record<string, number>>;
  /** 429 answers by policy that the limits themselves gave. */
  readonly limitsExceeded: Readonly<Record<PolicyName, number>>;
  /** Live and archived records by type; types without records left out. */
  readonly records: Readonly<Record<string, { readonly live: number; readonly archived: number }>>;
  /** Changes that searches do not see yet. */
  readonly pendingIndexChanges: number;
}

export interface Usage {
  readonly tenSecondCalls: number;
  readonly tenSecondLimit: number;
  readonly searchesInSecond: number;
  readonly searchPerSecond: number;
  readonly dailyCalls: number;
  readonly dailyLimit: number;
}

/**
 * Looks into the server and steers it. Everything acts at once. `type` takes any name a path may use; unknown types and
 * records throw RangeError. Ids are texts, as on the wire.
 */
export interface Control extends Steering<Knobs, Fault> {
  /** Requests received, oldest first, as many as the log keeps. */
  requests(query?: RequestQuery): readonly RequestEntry[];
  counts(): Counts;
  /** The most calls in any sliding window, refused ones included; without families: all but OAuth. */
  peakCalls(windowMs: number, families?: readonly Family[]): number;
  usage(app?: string): Usage;
  setUsage(usage: { readonly dailyCalls: number }): void;

  /** By type, and in it by ascending id. Without a limit: all of them. */
  records(query?: RecordQuery): readonly RecordView[];
  /** The same one by one, for portals that do not fit in memory as views. */
  eachRecord(query?: RecordQuery): IterableIterator<RecordView>;
  /** Exactly this id, live or archived; undefined when there is none, such as after a merge. */
  record(type: string, id: string): RecordView | undefined;
  /** The id that took over from a merged one; undefined when it was never merged away. */
  survivorOf(type: string, id: string): string | undefined;

  /** Answers the id; of another record where the knob `autoMerge` merged it away. Undefined properties are stored all the same. */
  create(type: string, properties: PropertyValues, options?: CreateOptions): string;
  update(type: string, id: string, properties: PropertyValues, options?: UpdateOptions): void;
  /** All in one millisecond. Answers how many. Without ids: every live record of the type. */
  updateMany(
    type: string,
    ids: readonly string[] | undefined,
    properties: PropertyValues,
    options?: UpdateOptions,
  ): number;
  archive(type: string, id: string, options?: ChangeOptions): void;
  restore(type: string, id: string, options?: ChangeOptions): void;
  /** Answers the id that is left: the primary's or, as the knob `mergeResult` says, a new one. */
  merge(type: string, primaryId: string, loserId: string, options?: ChangeOptions): string;
  /** For good and without a trace. Any type: what the bin does after 90 days. */
  gdprDelete(type: string, id: string): void;
  /** Adds a link in both directions; `label` is defined where it does not exist. */
  associate(fromType: string, fromId: string, toType: string, toId: string, label?: string): void;
  dissociate(fromType: string, fromId: string, toType: string, toId: string): void;
  /** Ids associated with a record, ascending. */
  associated(fromType: string, fromId: string, toType: string): readonly string[];

  /** Replaces a property of the same name. */
  defineProperty(type: string, property: PropertySeed): void;
  /** Archived: no longer listed, shown or searchable. */
  archiveProperty(type: string, name: string): void;
  restoreProperty(type: string, name: string): void;
  /** Answers its full name, such as `p4242_car`. */
  defineCustomObject(seed: CustomObjectSeed): string;
  archiveOwner(id: string, archived?: boolean): void;

  /** Makes every change searchable now, whatever the lag. */
  settleIndex(): void;

  addApp(seed: AppSeed): void;
  /** Replaces an app's scopes; without a name, the first app's. */
  setScopes(scopes: readonly string[], app?: string): void;
  /** Access or refresh token. */
  revokeToken(token: string): void;
  /** As after an uninstall: no token of the app works any more. */
  revokeApp(app?: string): void;
  expireAccessTokens(): void;
  /** A disconnected portal answers every refresh with BAD_HUB. */
  setDisconnected(disconnected: boolean): void;

  /** Back to the start: portal, apps, usage, log, faults, knobs, clock. */
  reset(): void;
}
