import { type DelayMs, type KnobRules, readKnobs } from "@acme/stand-in-kit";

/** Everything about the stand-in's behaviour that can be turned, at start or through Control. */
export interface Knobs {
  /** What a batch costs: its rows, its processing chunks (`chunkSize`), or one. */
  rateUnit: "row" | "chunk" | "call";
  /** Whether an authenticated request that is not a batch costs one unit (otherwise nothing). */
  countReads: boolean;
  /** Whether a request refused with 429 still costs its units. */
  countRejected: boolean;
  minuteWindow: "sliding" | "fixed";
  /** Length of the "minute"; shorter only to make a test by hand quicker. */
  minuteWindowMs: number;
  /** Whether a 429 carries the `Retry-After` header (seconds), when it carries `retryAfterSeconds`. */
  retryAfterHeader: boolean;
  /** Whether a per-minute 429 carries `retryAfterSeconds`. */
  retryAfterHint: boolean;
  /** Whether a per-month 429 carries `retryAfterSeconds`. */
  monthlyRetryAfterHint: boolean;
  /** Requests in flight per organization; null means as the plan says. */
  maxConcurrent: number | null;
  /** Rows per batch; null means as the plan says. */
  maxRowsPerBatch: number | null;
  /** Bytes of a request body; null means as the plan says. */
  maxBodyBytes: number | null;
  /** Characters of all mapped texts of one row. */
  maxRowCharacters: number;
  /** Requests per second from one address; null switches the check off. */
  ipBurstPerSecond: number | null;
  /** Which world this server is: keys whose prefix names the other one get 401. */
  environment: "test" | "live";
  /** Whether `X-Api-Key` is taken in place of `Authorization: Bearer`. */
  acceptApiKeyHeader: boolean;
  /** Whether `me` also carries `usage` and `rateLimits`. */
  meIncludesUsage: boolean;
  collectionsPageSize: number;
  collectionsMaxPageSize: number;
  /** Unknown collection in a mapping: refuse the batch, or accept it and store the value where no read finds it. */
  unknownCollection: "error" | "wrong-bucket";
  /** Unknown property of a known collection: drop its values without a word, or refuse the batch. */
  unknownProperty: "drop" | "error";
  /** Time from acceptance to landing of a batch or upsert. */
  landingDelayMs: DelayMs;
  /** The same for a single save; null means as `landingDelayMs`. */
  singleLandingDelayMs: DelayMs | null;
  /** How long reads lag behind an event that already says it is complete. */
  readLagMs: number;
  /** Which of the four published status vocabularies events speak. */
  eventVocabulary: "batch" | "prompt" | "context" | "managed";
  /** Whether GET /events lists; otherwise it answers 404. */
  eventListing: boolean;
  /** What an event tells about failed rows: each one, only how many, or nothing. */
  failureReport: "rows" | "counts" | "none";
  /** Status of an accepted write: 202, or 200. */
  acceptedStatus: number;
  /** Batch: accept and land later, or land at once and answer `memorized` and `errors`. */
  batchResult: "event" | "inline";
  /** Single save: answer an `eventId`, or the finished result. */
  singleResult: "event" | "inline";
  /** A row without identifier: fails inside the event, becomes an orphan memory, or refuses the whole batch. */
  missingIdentifier: "row-error" | "orphan" | "reject";
  /** Credits per row with at least one extracted text. */
  creditsPerRow: number;
  /** Credits per upserted item. */
  creditsPerUpsert: number;
  /** Credits run out: 402 before anything is accepted, or rows fail inside the event once the balance is gone. */
  creditsExhausted: "reject" | "partial";
  /** Whether `recall` without `type` answers 400. */
  recallRequiresType: boolean;
  /** Digest of a record nobody wrote: 404, or an empty digest. */
  digestUnknownRecord: "not-found" | "empty";
  /** `update` with a plain value on an append-only property. */
  appendOnlySet: "reject" | "overwrite";
  /** A row landing on a soft-deleted record: makes it visible again, or is lost. */
  writeToDeleted: "revive" | "stay-deleted";
  /** The v1 surface: served with sunset headers, 404, or 410. */
  v1: "serve" | "not-found" | "gone";
  /** The v1.1 surface. */
  v1_1: "serve" | "not-found";
  /** Paths the reference lists for v1 only (events, credits, usage, entity types, keys): also served under v1.1, or 404. */
  v1_1Unlisted: "serve" | "not-found";
  /** Value of the `Sunset` header of v1 answers. */
  v1Sunset: string;
  /** Whether POST /api/v1.1/memory/retrieve answers 403. */
  retrieveGated: boolean;
  /** Former values kept per property. */
  historyLimit: number;
  /** Requests kept for inspection; 0 keeps none. */
  requestLogSize: number;
  /** Seed of the landing jitter. */
  seed: number;
}

/** Defaults; where the reference is silent or contradicts itself, the README says why. */
export const defaultKnobs: Readonly<Knobs> = {
  rateUnit: "row",
  countReads: true,
  countRejected: false,
  minuteWindow: "sliding",
  minuteWindowMs: 60_000,
  retryAfterHeader: true,
  retryAfterHint: true,
  monthlyRetryAfterHint: false,
  maxConcurrent: null,
  maxRowsPerBatch: null,
  maxBodyBytes: null,
  maxRowCharacters: 100_000,
  ipBurstPerSecond: null,
  environment: "test",
  acceptApiKeyHeader: false,
  meIncludesUsage: false,
  collectionsPageSize: 25,
  collectionsMaxPageSize: 100,
  unknownCollection: "error",
  unknownProperty: "drop",
  landingDelayMs: 1000,
  singleLandingDelayMs: null,
  readLagMs: 0,
  eventVocabulary: "batch",
  eventListing: true,
  failureReport: "rows",
  acceptedStatus: 202,
  batchResult: "event",
  singleResult: "event",
  missingIdentifier: "row-error",
  creditsPerRow: 1,
  creditsPerUpsert: 1,
  creditsExhausted: "partial",
  recallRequiresType: false,
  digestUnknownRecord: "not-found",
  appendOnlySet: "reject",
  writeToDeleted: "revive",
  v1: "serve",
  v1_1: "serve",
  v1_1Unlisted: "serve",
  v1Sunset: "Wed, 15 Jul 2026 00:00:00 GMT",
  retrieveGated: false,
  historyLimit: 20,
  requestLogSize: 10_000,
  seed: 1,
};

const rules: KnobRules<Knobs> = {
  defaults: defaultKnobs,
  choices: {
    rateUnit: ["row", "chunk", "call"],
    minuteWindow: ["sliding", "fixed"],
    environment: ["test", "live"],
    unknownCollection: ["error", "wrong-bucket"],
    unknownProperty: ["drop", "error"],
    eventVocabulary: ["batch", "prompt", "context", "managed"],
    failureReport: ["rows", "counts", "none"],
    batchResult: ["event", "inline"],
    singleResult: ["event", "inline"],
    missingIdentifier: ["row-error", "orphan", "reject"],
    creditsExhausted: ["reject", "partial"],
    digestUnknownRecord: ["not-found", "empty"],
    appendOnlySet: ["reject", "overwrite"],
    writeToDeleted: ["revive", "stay-deleted"],
    v1: ["serve", "not-found", "gone"],
    v1_1: ["serve", "not-found"],
    v1_1Unlisted: ["serve", "not-found"],
  },
  types: {
    maxConcurrent: "number or null",
    maxRowsPerBatch: "number or null",
    maxBodyBytes: "number or null",
    ipBurstPerSecond: "number or null",
    landingDelayMs: "delay",
    singleLandingDelayMs: "delay or null",
  },
};

/**
 * The knobs among the members of `options`; other members are ignored.
 * Throws RangeError for a value of the wrong type or not among a knob's choices.
 */
export function pickKnobs(options: object): Partial<Knobs> {
  return readKnobs(options, rules);
}
