import type { IncomingMessage } from "node:http";
import type { FaultRule } from "./faults.ts";
import type { Fields } from "./fields.ts";
import { pickNumbers, pickTexts } from "./pick-fields.ts";

/** What any stand-in writes down of a request. */
export interface LoggedRequest {
  /** Position since the start, from 1. */
  readonly number: number;
  readonly timeMs: number;
  readonly method: string;
  readonly path: string;
  /** With the question mark; empty without a query. */
  readonly query: string;
  /** 0 when no answer was sent. */
  status: number;
  /** Rows of the request or in the answer, as the stand-in counts them. */
  rows: number;
  /** The connection ended before the answer was complete, from either side. */
  aborted: boolean;
  /** Kinds of the faults that hit the request. */
  readonly faults: readonly string[];
}

/** Which logged requests to show. */
export interface LogQuery {
  readonly method?: string;
  /** A regular expression. */
  readonly path?: string;
  /** Only requests with a number above this one. */
  readonly afterNumber?: number;
  readonly offset?: number;
  readonly limit?: number;
}

/** The latest requests, oldest first, at most as many as asked for. */
export class RequestLog<Entry extends LoggedRequest> {
  #entries: Entry[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts a request; answers what is known of it when it comes in. */
  begin(request: IncomingMessage, url: URL, timeMs: number, faults: readonly FaultRule[]): LoggedRequest {
    this.#count += 1;
    return {
      number: this.#count,
      timeMs,
      method: request.method ?? "GET",
      path: url.pathname,
      query: url.search,
      status: 0,
      rows: 0,
      aborted: false,
      faults: faults.map(({ kind }) => kind),
    };
  }

  add(entry: Entry, capacity: number): void {
    if (capacity === 0) return;
    this.#entries.push(entry);
    if (this.#entries.length > capacity * 2) this.#entries = this.#entries.slice(-capacity);
  }

  list(capacity: number): readonly Entry[] {
    return capacity === 0 ? [] : this.#entries.slice(-capacity);
  }

  clear(): void {
    this.#entries = [];
    this.#count = 0;
  }
}

/** A query from JSON; the page of it left out. */
export function readLogQuery(body: Fields): LogQuery {
  return { ...pickTexts(body, ["method", "path"]), ...pickNumbers(body, ["afterNumber"]) };
}

export function selectRequests<Entry extends LoggedRequest>(
  entries: readonly Entry[],
  query: LogQuery,
): readonly Entry[] {
  const pattern = query.path === undefined ? undefined : new RegExp(query.path);
  const first = query.offset ?? 0;
  return entries
    .filter((entry) => query.method === undefined || entry.method === query.method.toUpperCase())
    .filter((entry) => pattern === undefined || pattern.test(entry.path))
    .filter((entry) => entry.number > (query.afterNumber ?? 0))
    .slice(first, query.limit === undefined ? undefined : first + query.limit);
}
