import { onTestFinished } from "vitest";
import { readPath } from "@acme/stand-in-kit/testing";
import type { Control } from "../control.ts";
import type { HubspotApiOptions } from "../options.ts";
import { startHubspotApi } from "../start-hubspot-api.ts";

/** Sunday noon; the clock stands still until a test advances it. */
export const START_MS = Date.UTC(2026, 10, 22, 12);
export const TOKEN = "pat-eu1-stand-in";

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** A member of the body by its path, such as `results.0.id`; undefined when it is not there. */
  at(path: string): unknown;
  /** The same of every member of a list. */
  each(list: string, path: string): unknown[];
  /** The same as texts, sorted. */
  sorted(list: string, path: string): string[];
}

export interface TestApi {
  readonly url: string;
  readonly control: Control;
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly get: (path: string, headers?: Record<string, string>) => Promise<Answer>;
  readonly post: (path: string, body: unknown) => Promise<Answer>;
  /** Searches one type, by default contacts. */
  readonly search: (body: object, type?: string) => Promise<Answer>;
  readonly batchRead: (ids: readonly string[], extra?: object, type?: string) => Promise<Answer>;
  /** A form to an OAuth path, with the right client unless `form` says otherwise. */
  readonly oauth: (path: string, form: Record<string, string>) => Promise<Answer>;
}

/** A server of its own for one test, on a clock that stands still, closed when the test ends. */
export async function startTestApi(options: HubspotApiOptions = {}): Promise<TestApi> {
  const api = await startHubspotApi({ now: () => START_MS, rateLimits: false, ...options });
  onTestFinished(() => api.close());
  const send: TestApi["send"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${TOKEN}`, ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return toAnswer(response.status, response.headers, await response.text());
  };
  const post: TestApi["post"] = (path, body) => send("POST", path, body);
  return {
    url: api.url,
    control: api.control,
    send,
    get: (path, headers) => send("GET", path, undefined, headers),
    post,
    search: (body, type = "contacts") => post(`/crm/v3/objects/${type}/search`, body),
    batchRead: (ids, extra = {}, type = "contacts") =>
      post(`/crm/v3/objects/${type}/batch/read`, { inputs: ids.map((id) => ({ id })), properties: [], ...extra }),
    oauth: (path, form) => {
      const client = { client_id: "stand-in-client", client_secret: "stand-in-secret" };
      return send("POST", path, new URLSearchParams({ ...client, ...form }).toString(), {
        "Content-Type": "application/x-www-form-urlencoded",
      });
    },
  };
}

/** All pages of a list, by `after`. */
export async function listAll(api: TestApi, path: string): Promise<{ ids: string[]; calls: number; sizes: number[] }> {
  const ids: string[] = [];
  const sizes: number[] = [];
  let after: unknown;
  let calls = 0;
  do {
    const page = await api.get(typeof after === "string" ? `${path}&after=${after}` : path);
    calls += 1;
    const found = page.each("results", "id").map(String);
    ids.push(...found);
    sizes.push(found.length);
    after = page.at("paging.next.after");
  } while (after !== undefined);
  return { ids, calls, sizes };
}

/** A search filter. */
export function where(
  propertyName: string,
  operator: string,
  value?: string | number | readonly string[],
  highValue?: string | number,
): object {
  const isText = typeof value === "string" || typeof value === "number";
  const values = isText ? { value: String(value) } : value === undefined ? {} : { values: value };
  return { propertyName, operator, ...values, ...(highValue === undefined ? {} : { highValue: String(highValue) }) };
}

function toAnswer(status: number, headers: Headers, text: string): Answer {
  const each = (list: string, path: string): unknown[] => {
    const items = readPath(JSON.parse(text), list);
    return Array.isArray(items) ? items.map((item) => readPath(item, path)) : [];
  };
  return {
    status,
    headers,
    text,
    at: (path) => readPath(JSON.parse(text), path),
    each,
    sorted: (list, path) => each(list, path).map(String).toSorted(),
  };
}
