import { Connection } from "jsforce";
import { StreamPromise } from "jsforce/lib/util/promise.js";
import { AuthError, type Json, type QuotaStop, type Runtime, SyncError, TransientError } from "@acme/sync-core";
import { PassThrough } from "node:stream";
import type { z } from "zod";
import { signAssertion } from "./assertion.ts";
import { type SalesforceConfig, toOrigin } from "./config.ts";
import { createCredentials, type Granted, type Session } from "./credentials.ts";
import {
  type ErrorContext,
  isHopeless401,
  isLocatorLost,
  type Refusal,
  toCutOffError,
  toLoginError,
  toShapeError,
  toSyncError,
} from "./errors.ts";
import { type HttpAnswer, type HttpRequest, send } from "./http.ts";
import { type ApiUsage, ApiShareUsed, isShareUsed, parseLimitInfo } from "./limits.ts";
import {
  batchAnswer,
  type DeletedAnswer,
  deletedAnswer,
  type JobAnswer,
  jobAnswer,
  objectDescription,
  type ObjectDescription,
  objectList,
  queryAnswer,
  type RestRecord,
  sessionAnswer,
  toLoginRefusal,
  toRefusal,
} from "./responses.ts";
import { retryWaitMs } from "./retry.ts";
import { parseJson } from "./values.ts";

export interface QueryPage {
  /** Rows that the whole query has. */
  readonly totalSize: number;
  readonly records: readonly RestRecord[];
  /** Where the next page is, for as long as the session lives; null: this was the last. */
  readonly next: string | null;
}

/** One download of a Bulk result. */
export interface ResultPage {
  /** False: it has more bytes than were wanted. */
  readonly isWhole: boolean;
  /** null: this was the last. */
  readonly next: string | null;
  /** Rows that the page should have; null: not said. */
  readonly rows: number | null;
}

export interface JobRequest {
  readonly soql: string;
  /** Deleted and archived rows too. */
  readonly all: boolean;
}

/**
 * Salesforce's calls, each with bounded retries, one new login at most, and the org's limit watched.
 * They throw the signal's reason as soon as it is aborted; one of the five errors; QuotaStop when requests are used up.
 */
export interface SalesforceClient {
  query(soql: string, all: boolean, doing: string, signal: AbortSignal): Promise<QueryPage>;
  /** @returns null when the query has to be asked again: its locator is gone, or the session that it belonged to. */
  queryMore(next: string, doing: string, signal: AbortSignal): Promise<QueryPage | null>;
  describe(object: string, signal: AbortSignal): Promise<ObjectDescription>;
  /** Several at once, 25 a call; null for those that cannot be described. */
  describeMany(objects: readonly string[], signal: AbortSignal): Promise<readonly (ObjectDescription | null)[]>;
  listObjects(signal: AbortSignal): Promise<z.output<typeof objectList>["sobjects"]>;
  /** @returns `purged` when the log does not go back so far, `many` when it is about too many records for one answer. */
  readDeleted(
    object: string,
    startMs: number,
    endMs: number,
    signal: AbortSignal,
  ): Promise<DeletedAnswer | "purged" | "many">;
  createJob(request: JobRequest, doing: string, signal: AbortSignal): Promise<JobAnswer>;
  /** @returns null when there is no such job (any more), or it is somebody else's. */
  readJob(id: string, doing: string, signal: AbortSignal): Promise<JobAnswer | null>;
  /** Never throws: a job that cannot be deleted goes by itself after seven days. */
  deleteJob(id: string, isOver: boolean, signal: AbortSignal): Promise<void>;
  /** @param begin called at every try; what it returns gets the page in pieces, as they come. */
  downloadResult(
    id: string,
    locator: string | null,
    maxRows: number,
    maxBytes: number,
    begin: () => (piece: Buffer) => void,
    doing: string,
    signal: AbortSignal,
  ): Promise<ResultPage>;
  /** Salesforce's clock, never ahead of it by more than the way of an answer; this machine's before the first answer. */
  serverNow(): number;
}

/** An answer that is no success, on its way through the library. */
class Refused extends Error {
  readonly answer: HttpAnswer;

  constructor(answer: HttpAnswer) {
    super(`status ${answer.status}`);
    this.answer = answer;
  }
}

const DESCRIBES_A_CALL = 25;
/** SOAP login is not in later versions. */
const SOAP_VERSION = "64.0";
/** How long it is believed that the limit stands where the last answer said: others' requests grow old and become free. */
const USAGE_GOOD_MS = 600_000;
/** Of any answer but a Bulk result: a page of 2,000 records has a few MB. */
const MAX_ANSWER_BYTES = 512 * 1024 * 1024;
const LIBRARY_OPTIONS = { responseType: "text/plain" } as const;

/**
 * The only place that touches jsforce: it logs in, knows the paths, and describes. Its own transport is replaced by `send`, since it
 * hides headers, retries by itself, cannot be aborted, and ends the process when an answer is cut off; its session refresh knows no
 * end and loses rotated tokens; its Bulk download loses rows. So each call has a connection of its own without any of these.
 */
export function createSalesforceClient(config: SalesforceConfig, runtime: Runtime): SalesforceClient {
  const loginUrl = toOrigin(config.loginUrl);
  let clock: { readonly serverMs: number; readonly localMs: number } | null = null;
  let usage: { readonly last: ApiUsage; readonly atMs: number } | null = null;

  const serverNow = (): number => (clock === null ? runtime.now() : clock.serverMs + (runtime.now() - clock.localMs));

  const contextOf = (doing: string, url: string): ErrorContext => ({
    doing,
    host: new URL(url).host,
    way: credentials.way,
    secrets: credentials.secrets(),
  });

  const exchange = async (
    request: HttpRequest,
    maxBytes: number,
    doing: string,
    signal: AbortSignal,
    take: ((piece: Buffer) => void) | null = null,
  ): Promise<HttpAnswer> => {
    const context = contextOf(doing, request.url);
    const answer = await send(request, maxBytes, config.requestTimeoutMs, context, signal, take);
    const serverMs = Date.parse(answer.header("date") ?? "");
    if (!Number.isNaN(serverMs)) clock = { serverMs, localMs: runtime.now() };
    const last = parseLimitInfo(answer.header("sforce-limit-info"));
    if (last !== null) usage = { last, atMs: runtime.now() };
    if (answer.status >= 300 && answer.status !== 304) throw new Refused(answer);
    return answer;
  };

  /** A connection of the library for one call. */
  const connect = (session: Session, doing: string, signal: AbortSignal, version = config.apiVersion): Connection => {
    const { clientId, clientSecret } = config.clientCredentials ?? config.oauth ?? {};
    const connection = new Connection({
      ...session,
      loginUrl,
      version,
      logLevel: "NONE",
      oauth2: {
        loginUrl,
        ...(clientId === undefined ? {} : { clientId }),
        ...(clientSecret === undefined ? {} : { clientSecret }),
      },
    });
    const transport: Connection["_transport"] = {
      httpRequest: ({ method, url, headers, body }) =>
        StreamPromise.create(() => ({
          stream: new PassThrough(),
          promise: exchange(
            { method, url, headers: headers ?? {}, ...(typeof body === "string" ? { body } : {}) },
            MAX_ANSWER_BYTES,
            doing,
            signal,
          ).then(({ status, header, bytes }) => ({
            statusCode: status,
            headers: { "content-type": header("content-type") ?? "" },
            body: bytes.toString("utf8"),
          })),
        })),
      getRequestStreamCreator: () => () => new PassThrough(),
    };
    Object.assign(connection, { _transport: transport, _refreshDelegate: undefined });
    Object.assign(connection.oauth2, { _transport: transport });
    return connection;
  };

  const logIn = async (refreshToken: string | null, signal: AbortSignal): Promise<Granted> => {
    const doing = "logging in";
    const connection = connect(
      { accessToken: "", instanceUrl: loginUrl },
      doing,
      signal,
      config.password === undefined ? config.apiVersion : SOAP_VERSION,
    );
    const ask = async (): Promise<unknown> => {
      if (config.password !== undefined) {
        const { username, password, securityToken = "" } = config.password;
        await connection.loginBySoap(username, password + securityToken);
        return { access_token: connection.accessToken, instance_url: connection.instanceUrl };
      }
      if (config.jwt !== undefined) {
        const assertion = await signAssertion(config.jwt, loginUrl, serverNow());
        return connection.oauth2.requestToken({ grant_type: "urn:ietf:params:oauth:grant-type:jwt-bearer", assertion });
      }
      if (refreshToken !== null) return connection.oauth2.refreshToken(refreshToken);
      return connection.oauth2.requestToken({ grant_type: "client_credentials" });
    };
    for (let tries = 1; ; tries += 1) {
      let refusal: Refusal | null = null;
      let failure: unknown;
      try {
        const answer = parseShape(await ask(), sessionAnswer, doing);
        return {
          accessToken: answer.access_token,
          instanceUrl: toInstanceUrl(answer.instance_url),
          refreshToken: answer.refresh_token ?? null,
        };
      } catch (error) {
        signal.throwIfAborted();
        failure = error;
        if (error instanceof Refused) {
          const { status, header, bytes } = error.answer;
          const login = toLoginRefusal(status, header, bytes.toString("utf8"));
          failure = toLoginError(login, contextOf(doing, loginUrl));
          if (!(failure instanceof TransientError)) throw failure;
          refusal = login;
        } else if (!SyncError.is(error)) {
          // The library's own words for an expired password; anything else it says may quote an answer.
          const isExpired = error instanceof Error && /password has expired/.test(error.message);
          throw new AuthError(
            isExpired ? "the password has expired" : "Salesforce's answer to the login is not understood",
            {
              hint: isExpired ? "Set a new one, and put it into password.password." : "Check loginUrl.",
            },
          );
        } else if (!(error instanceof TransientError)) throw error;
      }
      const waitMs = retryWaitMs(refusal, tries, runtime.random());
      if (waitMs === null) throw failure;
      await runtime.sleep(waitMs, signal);
    }
  };

  const credentials = createCredentials(config, runtime, logIn);

  /**
   * Tries until there is an answer that is final: the one retry loop around calls.
   * @param onRefusal what an answer that is no success means instead of an error; undefined: nothing.
   */
  const perform = async <Result>(
    doing: string,
    attempt: (session: Session) => Promise<Result>,
    signal: AbortSignal,
    onRefusal: (refusal: Refusal, isNewSession: boolean) => Result | undefined = () => undefined,
  ): Promise<Result> => {
    let session = await credentials.session(signal);
    let isReplaced = false;
    for (let tries = 1; ; tries += 1) {
      throwIfShareUsed(doing);
      let refusal: Refusal | null = null;
      let failure: SyncError | QuotaStop;
      try {
        return await attempt(session);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof Refused) {
          const { status, header, bytes } = error.answer;
          refusal = toRefusal(status, header, bytes.toString("utf8"));
          const isExpired = status === 401 && !isHopeless401(refusal) && !isReplaced;
          if (isExpired) {
            session = await credentials.replace(session, signal);
            isReplaced = true;
          }
          const meaning = onRefusal(refusal, isExpired);
          if (meaning !== undefined) return meaning;
          if (isExpired) continue;
          failure = toSyncError(refusal, contextOf(doing, session.instanceUrl));
        } else if (error instanceof TransientError) failure = error;
        else throw error;
      }
      const waitMs = retryWaitMs(refusal, tries, runtime.random());
      if (waitMs === null) throw failure;
      await runtime.sleep(waitMs, signal);
    }
  };

  const throwIfShareUsed = (doing: string): void => {
    if (usage === null || runtime.now() - usage.atMs > USAGE_GOOD_MS) return;
    if (isShareUsed(usage.last, config.apiShare)) throw new ApiShareUsed(usage.last, config.apiShare, doing);
  };

  /** A call whose answer is JSON, with every digit of its numbers. */
  const callFor =
    <Schema extends z.ZodType>(
      schema: Schema,
      doing: string,
      signal: AbortSignal,
      request: {
        readonly method: "GET" | "POST" | "PATCH" | "DELETE";
        readonly url: string;
        readonly body?: Json;
        readonly headers?: Readonly<Record<string, string>>;
      },
    ) =>
    async (session: Session): Promise<z.output<Schema>> => {
      const { body, headers = {}, ...rest } = request;
      const text: unknown = await connect(session, doing, signal).request(
        {
          ...rest,
          headers: { ...headers, ...(body === undefined ? {} : { "content-type": "application/json" }) },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        },
        LIBRARY_OPTIONS,
      );
      let json: unknown;
      try {
        json = parseJson(typeof text === "string" ? text : "");
      } catch {
        throw toCutOffError(doing);
      }
      return parseShape(json, schema, doing);
    };

  const toPage = ({ totalSize, records, done, nextRecordsUrl }: z.output<typeof queryAnswer>): QueryPage => ({
    totalSize,
    records,
    next: done ? null : (nextRecordsUrl ?? null),
  });

  const batchSize = String(Math.min(2000, Math.max(200, config.pageRows)));
  const queryHeaders = { "Sforce-Query-Options": `batchSize=${batchSize}` };
  const versionPath = `/services/data/v${config.apiVersion}`;
  const jobPath = (id: string): string => `/jobs/query/${encodeURIComponent(id)}`;

  return {
    serverNow,
    async query(soql, all, doing, signal) {
      const url = `/${all ? "queryAll" : "query"}?q=${encodeURIComponent(soql)}`;
      return toPage(
        await perform(
          doing,
          callFor(queryAnswer, doing, signal, { method: "GET", url, headers: queryHeaders }),
          signal,
        ),
      );
    },
    async queryMore(next, doing, signal) {
      const url = next.startsWith("/") ? next : new URL(next).pathname;
      const call = callFor(queryAnswer, doing, signal, { method: "GET", url, headers: queryHeaders });
      const page = await perform<z.output<typeof queryAnswer> | null>(doing, call, signal, (refusal, isNewSession) =>
        // A locator belongs to its session: under a new one it may be refused for ever.
        isNewSession || isLocatorLost(refusal) || refusal.status === 404 ? null : undefined,
      );
      return page === null ? null : toPage(page);
    },
    describe(object, signal) {
      const doing = `describing ${object}`;
      return perform(
        doing,
        async (session) =>
          parseShape(whole(await connect(session, doing, signal).describe(object), doing), objectDescription, doing),
        signal,
      );
    },
    async describeMany(objects, signal) {
      const found: (ObjectDescription | null)[] = [];
      for (let start = 0; start < objects.length; start += DESCRIBES_A_CALL) {
        const some = objects.slice(start, start + DESCRIBES_A_CALL);
        const doing = `describing ${some.length} objects`;
        const batchRequests = some.map((name) => ({
          method: "GET",
          url: `v${config.apiVersion}/sobjects/${encodeURIComponent(name)}/describe`,
        }));
        const { results } = await perform(
          doing,
          callFor(batchAnswer, doing, signal, { method: "POST", url: "/composite/batch", body: { batchRequests } }),
          signal,
        );
        for (const index of some.keys()) {
          const described = objectDescription.safeParse(results[index]?.result);
          found.push(results[index]?.statusCode === 200 && described.success ? described.data : null);
        }
      }
      return found;
    },
    async listObjects(signal) {
      const doing = "listing objects";
      const { sobjects } = await perform(
        doing,
        async (session) =>
          parseShape(whole(await connect(session, doing, signal).describeGlobal(), doing), objectList, doing),
        signal,
      );
      return sobjects;
    },
    readDeleted(object, startMs, endMs, signal) {
      const doing = `reading what was deleted of ${object}`;
      return perform<DeletedAnswer | "purged" | "many">(
        doing,
        async (session) =>
          parseShape(
            whole(await connect(session, doing, signal).deleted(object, new Date(startMs), new Date(endMs)), doing),
            deletedAnswer,
            doing,
          ),
        signal,
        ({ code }) => {
          if (code === "INVALID_REPLICATION_DATE") return "purged";
          return code === "EXCEEDED_ID_LIMIT" ? "many" : undefined;
        },
      );
    },
    createJob({ soql, all }, doing, signal) {
      const body = {
        operation: all ? "queryAll" : "query",
        query: soql,
        contentType: "CSV",
        columnDelimiter: "COMMA",
        lineEnding: "LF",
      };
      return perform(doing, callFor(jobAnswer, doing, signal, { method: "POST", url: "/jobs/query", body }), signal);
    },
    readJob(id, doing, signal) {
      const call = callFor(jobAnswer, doing, signal, { method: "GET", url: jobPath(id) });
      return perform<JobAnswer | null>(doing, call, signal, ({ status, code }) =>
        status === 404 || code === "INSUFFICIENT_ACCESS" || code === "INVALID_ID_FIELD" ? null : undefined,
      );
    },
    async deleteJob(id, isOver, signal) {
      try {
        const session = await credentials.session(signal);
        const connection = connect(session, "removing a job", signal);
        // A job that still runs can only be aborted first.
        if (!isOver) {
          await connection.request(
            {
              method: "PATCH",
              url: jobPath(id),
              body: JSON.stringify({ state: "Aborted" }),
              headers: { "content-type": "application/json" },
            },
            LIBRARY_OPTIONS,
          );
        }
        await connection.request({ method: "DELETE", url: jobPath(id) }, LIBRARY_OPTIONS);
      } catch {
        signal.throwIfAborted();
      }
    },
    downloadResult(id, locator, maxRows, maxBytes, begin, doing, signal) {
      const parameters = new URLSearchParams({ maxRecords: String(maxRows), ...(locator === null ? {} : { locator }) });
      return perform(
        doing,
        async (session) => {
          const { header, isWhole } = await exchange(
            {
              method: "GET",
              url: `${session.instanceUrl}${versionPath}${jobPath(id)}/results?${parameters.toString()}`,
              headers: { Authorization: `Bearer ${session.accessToken}`, Accept: "text/csv" },
            },
            maxBytes,
            doing,
            signal,
            begin(),
          );
          return {
            isWhole,
            next: toLocator(header("sforce-locator")),
            rows: toCount(header("sforce-numberofrecords")),
          };
        },
        signal,
      );
    },
  };
}

/** The end is told by the word `null`. A missing header is one, too: the first page would be read for ever. */
function toLocator(header: string | null): string | null {
  return header === null || header === "" || header === "null" ? null : header;
}

function toCount(header: string | null): number | null {
  const count = header === null || header.trim() === "" ? Number.NaN : Number(header);
  return Number.isInteger(count) && count >= 0 ? count : null;
}

/** Data is under the My Domain of an org whose user interface is under a Lightning one. */
export function toInstanceUrl(url: string): string {
  return new URL(url).origin.replace(/\.lightning\.force\.com$/, ".my.salesforce.com");
}

/** The library gives JSON that was cut off as a text. */
function whole(answer: unknown, doing: string): unknown {
  if (typeof answer === "string") throw toCutOffError(doing);
  return answer;
}

/** @throws BugError when an answer's shape is unknown. */
function parseShape<Schema extends z.ZodType>(json: unknown, schema: Schema, doing: string): z.output<Schema> {
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.slice(0, 3).map((issue) => issue.path.join(".") || "(top)");
  throw toShapeError(places.join(", "), doing);
}
