import { type DelayMs, type KnobRules, readKnobs } from "@acme/stand-in-kit";

/** Everything about the stand-in's behaviour that can be turned, at start or through Control. */
export interface Knobs {
  /** Limits per ten seconds and per day, when the knobs below are null. */
  plan: "free" | "starter" | "professional" | "enterprise";
  /** Whether limits are enforced at all; they are counted and reported either way. */
  rateLimits: boolean;
  /** Calls per app in ten rolling seconds; null: 100 (free, starter), 190 (others), 110 for an OAuth app. */
  tenSecondLimit: number | null;
  /** Calls per account and day of all private apps and service keys; null: as the plan says. OAuth apps have none. */
  dailyLimit: number | null;
  /** Searches per account in one second. */
  searchPerSecond: number;
  /** Association calls per account in ten rolling seconds; null: 100 (free, starter) or 150. */
  associationTenSecondLimit: number | null;
  /** Whether a call refused with 429 still counts. */
  countRejected: boolean;
  /** Whether a 429 carries `Retry-After`, in seconds. */
  retryAfterOn429: boolean;
  /** IANA name; daily counters turn at midnight there. */
  timeZone: string;

  /** Time from a change to its being searchable. */
  indexLagMs: DelayMs;
  /** What a search shows of a matching record: its values as they are now, or as the index knows them. */
  searchValues: "current" | "indexed";
  /** An archived, merged or deleted record the index still holds: not there, shown as indexed, or only taking up a place. */
  removedInSearch: "absent" | "shown" | "thinned";
  /** Order among equal sort values: by id, arbitrary but the same every time, or another one for every request. */
  tieOrder: "id" | "arbitrary" | "unstable";
  /** How `hs_object_id` compares in filters and sorts. */
  idOrder: "numeric" | "text";
  /** Matches a search can reach. */
  searchWindow: number;
  searchMaxLimit: number;
  maxFilterGroups: number;
  maxFiltersPerGroup: number;
  maxFilters: number;
  /** Characters of a search body beyond which it is refused; null: no limit. */
  maxSearchBodyCharacters: number | null;
  /** A date filter at the epoch (below one second): 500, or taken as it is. */
  epochFilter: "error" | "accept";

  /** A `limit` above the maximum of a list or search. */
  overLimit: "reject" | "clamp";
  listMaxLimit: number;
  /** Live lists: full pages, or windows in which archived records take up places without being shown. */
  listPages: "full" | "thinned";
  /** `archived=true` for notes, calls, emails, meetings and tasks. */
  engagementArchivedList: "serve" | "reject";
  batchReadMax: number;
  /** The same, and the list limit, when history is asked for. */
  historyMax: number;
  batchReadOrder: "input" | "id" | "arbitrary";
  /** Batch read of an id that was merged away. */
  mergedBatchRead: "survivor" | "survivor-of-contacts" | "missing";
  /** Characters of path and query. */
  maxUrlCharacters: number;
  /** A property that is defined but has no value. */
  emptyValue: "null" | "empty-text" | "omitted";
  dateForm: "day" | "milliseconds" | "mixed";
  datetimeForm: "iso" | "iso-seconds" | "milliseconds" | "mixed";
  /** Inline associations name a target once per association type, or once. */
  inlineAssociations: "per-type" | "unique";
  associationBatchMax: number;
  /** Targets per record and page of an association read. */
  associationPageSize: number;
  /** Versions of a record kept for `propertiesWithHistory`. */
  historyLimit: number;
  /** Days an archived record stays readable. */
  archiveDays: number;

  /** Which record a merge leaves. */
  mergeResult: "primary" | "new-for-deals" | "new";
  /** Whether `hs_calculated_merged_vids` names every merged contact, or the latest only. */
  mergedVids: "complete" | "latest";
  /** Whether a contact or company that takes over an e-mail address or domain in use is merged into its owner. */
  autoMerge: boolean;
  /** Whether a restore moves the modified date. */
  restoreTouches: boolean;
  /** Whether a change of associations moves the modified date. */
  associationTouches: boolean;

  accessTokenLifeSeconds: number;
  /** A refresh answers the same refresh token, a new one beside the old, or a new one in place of the old. */
  refreshRotation: "same" | "keep-old" | "revoke-old";
  /** Object types (plural names) whose reads answer 403 because the account's plan lacks them. */
  unentitledTypes: readonly string[];
  /** Paths with v1, v3 or v4 in them. */
  legacyPaths: "serve" | "not-found";

  /** Requests kept for inspection; 0 keeps none. */
  requestLogSize: number;
  /** Whether the log keeps request bodies (never of the OAuth routes). */
  logBodies: boolean;
  /** Seed of index jitter, new ids and unstable ties. */
  seed: number;
}

/** Defaults; where the reference is silent, the README says why. */
export const defaultKnobs: Readonly<Knobs> = {
  plan: "professional",
  rateLimits: true,
  tenSecondLimit: null,
  dailyLimit: null,
  searchPerSecond: 5,
  associationTenSecondLimit: null,
  countRejected: false,
  retryAfterOn429: false,
  timeZone: "UTC",
  indexLagMs: 0,
  searchValues: "current",
  removedInSearch: "absent",
  tieOrder: "arbitrary",
  idOrder: "numeric",
  searchWindow: 10_000,
  searchMaxLimit: 200,
  maxFilterGroups: 5,
  maxFiltersPerGroup: 6,
  maxFilters: 18,
  maxSearchBodyCharacters: null,
  epochFilter: "error",
  overLimit: "reject",
  listMaxLimit: 100,
  listPages: "full",
  engagementArchivedList: "serve",
  batchReadMax: 100,
  historyMax: 50,
  batchReadOrder: "arbitrary",
  mergedBatchRead: "survivor",
  maxUrlCharacters: 8000,
  emptyValue: "null",
  dateForm: "day",
  datetimeForm: "iso",
  inlineAssociations: "per-type",
  associationBatchMax: 1000,
  associationPageSize: 500,
  historyLimit: 20,
  archiveDays: 90,
  mergeResult: "new-for-deals",
  mergedVids: "complete",
  autoMerge: false,
  restoreTouches: false,
  associationTouches: false,
  accessTokenLifeSeconds: 1800,
  refreshRotation: "keep-old",
  unentitledTypes: [],
  legacyPaths: "serve",
  requestLogSize: 10_000,
  logBodies: false,
  seed: 1,
};

const rules: KnobRules<Knobs> = {
  defaults: defaultKnobs,
  choices: {
    plan: ["free", "starter", "professional", "enterprise"],
    searchValues: ["current", "indexed"],
    removedInSearch: ["absent", "shown", "thinned"],
    tieOrder: ["id", "arbitrary", "unstable"],
    idOrder: ["numeric", "text"],
    epochFilter: ["error", "accept"],
    overLimit: ["reject", "clamp"],
    listPages: ["full", "thinned"],
    engagementArchivedList: ["serve", "reject"],
    batchReadOrder: ["input", "id", "arbitrary"],
    mergedBatchRead: ["survivor", "survivor-of-contacts", "missing"],
    emptyValue: ["null", "empty-text", "omitted"],
    dateForm: ["day", "milliseconds", "mixed"],
    datetimeForm: ["iso", "iso-seconds", "milliseconds", "mixed"],
    inlineAssociations: ["per-type", "unique"],
    mergeResult: ["primary", "new-for-deals", "new"],
    mergedVids: ["complete", "latest"],
    refreshRotation: ["same", "keep-old", "revoke-old"],
    legacyPaths: ["serve", "not-found"],
  },
  types: {
    tenSecondLimit: "number or null",
    dailyLimit: "number or null",
    associationTenSecondLimit: "number or null",
    maxSearchBodyCharacters: "number or null",
    indexLagMs: "delay",
  },
};

/**
 * The knobs among the members of `options`; other members are ignored.
 * Throws RangeError for a value of the wrong type or not among a knob's choices.
 */
export function pickKnobs(options: object): Partial<Knobs> {
  return readKnobs(options, rules);
}
