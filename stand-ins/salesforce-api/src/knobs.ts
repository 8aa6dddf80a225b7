import { type DelayMs, type KnobRules, readKnobs } from "@acme/stand-in-kit";

/** Everything about the stand-in's behaviour that can be turned, at start or through Control. */
export interface Knobs {
  /** API versions served; older ones are gone, newer ones not there. */
  oldestVersion: number;
  newestVersion: number;

  /** What token answers give as `instance_url`, and where SOAP sends its callers; null: the address that was called. */
  instanceUrl: string | null;
  /** A data call to another host than that of `instanceUrl`. */
  wrongHost: "serve" | "unauthorized" | "redirect";
  sessionSeconds: number;
  /** Whether use moves the end of a session. */
  sessionRenewal: boolean;
  /** Whether a refresh kills the refresh token it came with. */
  refreshRotation: boolean;
  /** Whether the org takes `grant_type=password`. */
  passwordFlow: boolean;
  /** Whether the org takes SOAP `login()` at all, up to version 64. */
  soapLogin: boolean;
  /** Whether client credentials are taken here, or refused as at a host that is no My Domain. */
  clientCredentialsHost: "any" | "refused";
  /** Clock skew in JWTs that is forgiven. */
  jwtSkewSeconds: number;
  /** How far ahead the end of a JWT may lie. */
  jwtMaxSeconds: number;
  /** A page of a query that another session began. */
  foreignLocator: "unauthorized" | "invalid-locator" | "serve";

  /** Largest page of a REST query. */
  maxPageRows: number;
  /** Whether pages hold at most 1,000 rows with long text and 250 with rich text. */
  adaptivePages: boolean;
  /** Rows without ORDER BY. */
  unordered: "scattered" | "id";
  /** Queries that match more rows end in QUERY_TIMEOUT, and so do Bulk jobs with ORDER BY or LIMIT. Null: none. */
  queryTimeoutRows: number | null;
  /** The same for Bulk jobs that are cut into chunks. */
  bulkTimeoutRows: number | null;
  /** Values of a page read later: as they were when the query ran, or as they are. */
  cursorValues: "snapshot" | "current";
  /** Large and small decimals in JSON: with all their digits, or as Java writes a double. */
  restNumbers: "plain" | "exponent";
  /** Bytes of path and query, and of those and the headers together. */
  maxUriBytes: number;
  maxHeadBytes: number;

  /** Requests in 24 hours. */
  dailyRequests: number;
  /** Whether requests are refused when they are used up; they are counted either way. */
  requestLimits: boolean;
  /** Requests that may have been running for 20 seconds or more at the same time. */
  concurrentLongRequests: number;
  limitInfo: "plain" | "bursts" | "per-app" | "absent";
  /** What `recordCount` answers, as a share of the rows there are: it is approximate. */
  recordCountShare: number;
  /** The requests of a batch count one by one, or the batch as one. */
  batchCounts: "each" | "once";
  gzip: boolean;

  /** From the stamp of a change to its being visible. */
  commitDelayMs: DelayMs;
  /** Whether the stamps of children move when a merge gives them another parent. */
  mergeTouchesChildren: boolean;
  /** Whether an undelete moves the stamp. */
  undeleteTouches: boolean;
  /** A replication window that begins before what the log knows. */
  replicationBeforeLog: "error" | "partial";
  /** A replication window that reaches into a change under way: `latestDateCovered` says so, or the call fails. */
  replicationUncovered: "value" | "error";
  /** Ids a replication answer can hold. */
  replicationMaxIds: number;

  /** A Bulk job waits, then runs, for so long. */
  bulkQueuedMs: DelayMs;
  bulkRunningMs: DelayMs;
  /** States go forward only, or now and then back to the one before. */
  bulkStates: "forward" | "back-and-forth";
  /** Rows of a page of Bulk results when the caller does not say. */
  bulkPageRows: number;
  /** A page never holds more, whatever the caller says. */
  bulkMaxPageRows: number;
  bulkNumbers: "exponent" | "plain";
  bulkNull: "quoted" | "bare";
  /** Results without rows: a header, or nothing at all. */
  bulkEmpty: "header" | "nothing";
  bulkJobsPerDay: number;
  bulkStorageMbPerDay: number;

  /** Requests kept for inspection; 0 keeps none. */
  requestLogSize: number;
  /** Whether the log keeps request bodies (never of the login routes). */
  logBodies: boolean;
  /** Seed of drawn delays. */
  seed: number;
}

/** Defaults; where the reference is silent, the README says why. */
export const defaultKnobs: Readonly<Knobs> = {
  oldestVersion: 31,
  newestVersion: 67,
  instanceUrl: null,
  wrongHost: "serve",
  sessionSeconds: 7200,
  sessionRenewal: true,
  refreshRotation: false,
  passwordFlow: false,
  soapLogin: false,
  clientCredentialsHost: "any",
  jwtSkewSeconds: 0,
  jwtMaxSeconds: 300,
  foreignLocator: "unauthorized",
  maxPageRows: 2000,
  adaptivePages: true,
  unordered: "scattered",
  queryTimeoutRows: null,
  bulkTimeoutRows: null,
  cursorValues: "snapshot",
  restNumbers: "plain",
  maxUriBytes: 16_384,
  maxHeadBytes: 16_384,
  dailyRequests: 100_000,
  requestLimits: true,
  concurrentLongRequests: 25,
  limitInfo: "plain",
  recordCountShare: 1,
  batchCounts: "each",
  gzip: true,
  commitDelayMs: 0,
  mergeTouchesChildren: true,
  undeleteTouches: true,
  replicationBeforeLog: "error",
  replicationUncovered: "value",
  replicationMaxIds: 600_000,
  bulkQueuedMs: 0,
  bulkRunningMs: 0,
  bulkStates: "forward",
  bulkPageRows: 250_000,
  bulkMaxPageRows: 250_000,
  bulkNumbers: "exponent",
  bulkNull: "quoted",
  bulkEmpty: "header",
  bulkJobsPerDay: 10_000,
  bulkStorageMbPerDay: 976_562,
  requestLogSize: 10_000,
  logBodies: false,
  seed: 1,
};

const rules: KnobRules<Knobs> = {
  defaults: defaultKnobs,
  choices: {
    wrongHost: ["serve", "unauthorized", "redirect"],
    clientCredentialsHost: ["any", "refused"],
    foreignLocator: ["unauthorized", "invalid-locator", "serve"],
    unordered: ["scattered", "id"],
    cursorValues: ["snapshot", "current"],
    restNumbers: ["plain", "exponent"],
    limitInfo: ["plain", "bursts", "per-app", "absent"],
    batchCounts: ["each", "once"],
    replicationBeforeLog: ["error", "partial"],
    replicationUncovered: ["value", "error"],
    bulkStates: ["forward", "back-and-forth"],
    bulkNumbers: ["exponent", "plain"],
    bulkNull: ["quoted", "bare"],
    bulkEmpty: ["header", "nothing"],
  },
  types: {
    instanceUrl: "string or null",
    queryTimeoutRows: "number or null",
    bulkTimeoutRows: "number or null",
    commitDelayMs: "delay",
    bulkQueuedMs: "delay",
    bulkRunningMs: "delay",
  },
};

/**
 * The knobs among the members of `options`; other members are ignored.
 * Throws RangeError for a value of the wrong type or not among a knob's choices.
 */
export function pickKnobs(options: object): Partial<Knobs> {
  return readKnobs(options, rules);
}
