import { onTestFinished } from "vitest";
import { readPath } from "@acme/stand-in-kit/testing";
import type { Control } from "../control.ts";
import type { PersonizeApiOptions } from "../options.ts";
import { startPersonizeApi } from "../start-personize-api.ts";

/** Sunday noon; the clock stands still until a test advances it. */
export const START_MS = Date.UTC(2026, 10, 22, 12);

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** A member of the body by its path, such as `data.eventId`; undefined when it is not there. */
  at(path: string): unknown;
}

export interface TestApi {
  readonly url: string;
  readonly control: Control;
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;
  readonly get: (path: string) => Promise<Answer>;
  readonly post: (path: string, body: unknown) => Promise<Answer>;
  /** Sends a batch of contacts and answers its event id. */
  readonly save: (rows: readonly object[], extra?: object) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** A server of its own for one test, on a clock that stands still, closed when the test ends. */
export async function startTestApi(options: PersonizeApiOptions = {}): Promise<TestApi> {
  const api = await startPersonizeApi({ now: () => START_MS, ...options });
  onTestFinished(() => api.close());
  const send: TestApi["send"] = async (method, path, body, headers = {}) => {
    const response = await fetch(`${api.url}${path}`, {
      method,
      headers: { Authorization: "Bearer sk_test_demo", ...headers },
      ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return toAnswer(response.status, response.headers, await response.text());
  };
  const post: TestApi["post"] = (path, body) => send("POST", path, body);
  return {
    url: api.url,
    control: api.control,
    send,
    get: (path) => send("GET", path),
    post,
    save: async (rows, extra = {}) => {
      const answer = await post("/api/v1/batch-memorize", { ...contacts(rows), ...extra });
      const eventId = answer.at("data.eventId");
      if (typeof eventId !== "string") throw new Error(`No event: ${answer.status} ${answer.text}`);
      return eventId;
    },
    close: () => api.close(),
  };
}

/** A batch body that maps every field a test row may have. */
export function contacts(rows: readonly object[]): { source: string; mapping: Mapping; rows: readonly object[] } {
  return {
    source: "test",
    mapping: {
      entityType: "contact",
      email: "email",
      runName: "run",
      properties: {
        first_name: { sourceField: "first_name", collectionName: "Contacts Standard Schema" },
        tags: { sourceField: "tags", collectionName: "Contacts Standard Schema" },
        notes: { sourceField: "notes", collectionName: "Generated Content", extractMemories: true },
      },
    },
    rows,
  };
}

interface Mapping {
  entityType: string;
  email: string;
  runName: string;
  properties: Record<string, object>;
}

function toAnswer(status: number, headers: Headers, text: string): Answer {
  return {
    status,
    headers,
    text,
    at: (path) => readPath(JSON.parse(text), path),
  };
}
