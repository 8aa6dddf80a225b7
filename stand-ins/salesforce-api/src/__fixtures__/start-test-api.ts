import { onTestFinished } from "vitest";
import { readPath } from "@acme/stand-in-kit/testing";
import type { Control } from "../control.ts";
import type { SalesforceApiOptions } from "../options.ts";
import { startSalesforceApi } from "../start-salesforce-api.ts";

/** Sunday noon; the clock stands still until a test advances it. */
export const START_MS = Date.UTC(2026, 10, 22, 12);
export const VERSION = "66.0";
export const DATA = `/services/data/v${VERSION}`;

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** A member of the body by its path, such as `records.0.Id`; undefined when it is not there. */
  at(path: string): unknown;
  /** The same of every member of a list. */
  each(list: string, path: string): unknown[];
  /** `errorCode` of an error. */
  readonly code: unknown;
}

export interface TestApi {
  readonly url: string;
  readonly port: number;
  readonly control: Control;
  /** A token of its own for the default client. */
  readonly login: () => Promise<string>;
  readonly oauth: (form: Record<string, string>) => Promise<Answer>;
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  /** `path` begins behind the version, unless it begins with `/services` or `/id`. */
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly query: (soql: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly queryAll: (soql: string) => Promise<Answer>;
  /** Makes a job; answers its body. */
  readonly createJob: (soql: string, extra?: object) => Promise<Answer>;
}

/** A server of its own for one test, on a clock that stands still, closed when the test ends. */
export async function startTestApi(options: SalesforceApiOptions = {}): Promise<TestApi> {
  const api = await startSalesforceApi({ now: () => START_MS, ...options });
  onTestFinished(() => api.close());
  let token: string | undefined;

  const oauth: TestApi["oauth"] = async (form) => {
    const client = { client_id: "stand-in-client", client_secret: "stand-in-secret" };
    const response = await fetch(`${api.url}/services/oauth2/token`, {
      method: "POST",
      body: new URLSearchParams({ ...client, ...form }),
    });
    return toAnswer(response.status, response.headers, await response.text());
  };
  const login = async () => String((await oauth({ grant_type: "client_credentials" })).at("access_token"));
  const send: TestApi["send"] = async (method, path, body, headers = {}) => {
    token ??= await login();
    const target = /^\/(services|id)\//.test(path) ? path : `${DATA}${path}`;
    const response = await fetch(`${api.url}${target}`, {
      method,
      redirect: "manual",
      headers: { Authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return toAnswer(response.status, response.headers, await response.text());
  };
  const get: TestApi["get"] = (path, headers) => send("GET", path, undefined, headers);
  return {
    url: api.url,
    port: api.port,
    control: api.control,
    login,
    oauth,
    send,
    get,
    query: (soql, headers) => get(`/query?q=${encodeURIComponent(soql)}`, headers),
    queryAll: (soql) => get(`/queryAll?q=${encodeURIComponent(soql)}`),
    createJob: (soql, extra = {}) => send("POST", "/jobs/query", { operation: "query", query: soql, ...extra }),
  };
}

/** All pages of a query that has begun. */
export async function allPages(api: TestApi, first: Answer): Promise<{ ids: string[]; sizes: number[] }> {
  const ids: string[] = [];
  const sizes: number[] = [];
  let page = first;
  for (;;) {
    const found = page.each("records", "Id").map(String);
    ids.push(...found);
    sizes.push(found.length);
    const next = page.at("nextRecordsUrl");
    if (typeof next !== "string") return { ids, sizes };
    page = await api.get(next);
  }
}

/** All pages of a finished job: the rows without headers, and how many each page said it held. */
export async function allResults(api: TestApi, id: unknown, maxRecords: number) {
  const rows: string[] = [];
  const headers = new Set<string>();
  const counts: number[] = [];
  let locator = "";
  do {
    const page = await api.get(
      `/jobs/query/${String(id)}/results?maxRecords=${maxRecords}${locator === "" ? "" : `&locator=${locator}`}`,
    );
    const [header = "", ...lines] = page.text.trimEnd().split("\n");
    headers.add(header);
    for (const line of lines) rows.push(line);
    counts.push(Number(page.headers.get("sforce-numberofrecords")));
    locator = page.headers.get("sforce-locator") ?? "null";
  } while (locator !== "null");
  return { rows, headers: [...headers], counts };
}

function toAnswer(status: number, headers: Headers, text: string): Answer {
  const parsed = (): unknown => JSON.parse(text);
  return {
    status,
    headers,
    text,
    at: (path) => readPath(parsed(), path),
    each(list, path) {
      const items = readPath(parsed(), list);
      return Array.isArray(items) ? items.map((item) => readPath(item, path)) : [];
    },
    get code() {
      return readPath(parsed(), "0.errorCode");
    },
  };
}
