import type { Runtime } from "@acme/sync-core";
import type { z } from "zod";
import type { SalesforceConfig } from "./config.ts";
import { createCredentials, type Credentials, type Session } from "./credentials.ts";
import { type ErrorContext, isLocatorLost } from "./errors.ts";
import { createConnect, type JsonRequest, parseAnswer, parseShape, requestText, whole } from "./client.ts";
import { createLogin } from "./log-in.ts";
import type { Machine } from "./machine.ts";
import { createPerform } from "./perform.ts";
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
} from "./responses.ts";
import { createWire } from "./wire.ts";

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
  /**
   * @param begin called at every try; what it returns gets the page in pieces, as they come.
   * @returns null when the job, its result or the place in it is not there (any more).
   */
  downloadResult(
    id: string,
    locator: string | null,
    maxRows: number,
    maxBytes: number,
    begin: () => (piece: Buffer) => void,
    doing: string,
    signal: AbortSignal,
  ): Promise<ResultPage | null>;
  /** Salesforce's clock, never ahead of it by more than the way of an answer; this machine's before the first answer. */
  serverNow(): number;
}

const DESCRIBES_A_CALL = 25;

export function createSalesforceClient(config: SalesforceConfig, runtime: Runtime, machine: Machine): SalesforceClient {
  const contextOf = (doing: string, url: string): ErrorContext => ({
    doing,
    host: new URL(url).host,
    way: credentials.way,
    secrets: credentials.secrets(),
  });
  const wire = createWire(config, runtime, machine.transport);
  const connect = createConnect(config, wire);
  const logIn = createLogin(config, runtime, connect, () => wire.serverNow(), contextOf);
  const credentials: Credentials = createCredentials(config, runtime, machine.files, logIn);
  const perform = createPerform(runtime, credentials, wire, contextOf);

  /** A call whose answer is JSON. */
  const callFor =
    <Schema extends z.ZodType>(schema: Schema, doing: string, signal: AbortSignal, request: JsonRequest) =>
    async (session: Session): Promise<z.output<Schema>> =>
      parseShape(parseAnswer(await requestText(connect(session, doing, signal), request), doing), schema, doing);

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
    serverNow: () => wire.serverNow(),
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
        if (!isOver) await requestText(connection, { method: "PATCH", url: jobPath(id), body: { state: "Aborted" } });
        await requestText(connection, { method: "DELETE", url: jobPath(id) });
      } catch {
        signal.throwIfAborted();
      }
    },
    downloadResult(id, locator, maxRows, maxBytes, begin, doing, signal) {
      const parameters = new URLSearchParams({ maxRecords: String(maxRows), ...(locator === null ? {} : { locator }) });
      return perform<ResultPage | null>(
        doing,
        async (session) => {
          const { header, isWhole } = await wire.exchange(
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
        // What was aborted or deleted meanwhile, by whomever: codes are not documented.
        ({ status }) => (status === 400 || status === 404 ? null : undefined),
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
