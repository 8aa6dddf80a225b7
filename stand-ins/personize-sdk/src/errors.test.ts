import { type Fault, startPersonizeApi } from "@acme/personize-api";
import { isAxiosError } from "axios";
import { expect, onTestFinished, test } from "vitest";
import {
  AuthenticationError,
  type ErrorShape,
  Personize,
  PersonizeError,
  RateLimitExceededError,
  type PersonizeConfig,
} from "./index.ts";

async function start(config: Partial<PersonizeConfig> = {}) {
  const api = await startPersonizeApi();
  onTestFinished(() => api.close());
  return { api, client: new Personize({ secretKey: "sk_test_demo", baseURL: api.url, maxRetries: 0, ...config }) };
}

async function fail(fault: Fault, config: Partial<PersonizeConfig> = {}): Promise<unknown> {
  const { api, client } = await start(config);
  api.control.addFault(fault);
  return client.me().then(
    () => undefined,
    (error: unknown) => error,
  );
}

const limited: Fault = { kind: "rate-limit-minute", retryAfterSeconds: 42 };

test("by default an error satisfies every documented reader", async () => {
  const error = await fail(limited);
  expect(error).toBeInstanceOf(RateLimitExceededError);
  expect(error).toBeInstanceOf(PersonizeError);
  expect(error).toMatchObject({
    name: "RateLimitExceededError",
    status: 429,
    method: "GET",
    endpoint: "/api/v1/me",
    code: "rate_limit_exceeded",
    retryAfterSeconds: 42,
    response: {
      status: 429,
      data: { window: "per_minute", retryAfterSeconds: 42, limit: 60 },
      headers: { "retry-after": "42" },
    },
    cause: { response: { status: 429 } },
  });
  expect(error).toMatchObject({ message: expect.stringMatching(/^GET \/api\/v1\/me failed with 429: Rate limit/) });
});

test("401 is an AuthenticationError whose message holds no key", async () => {
  const error = await fail({ kind: "unauthorized" });
  expect(error).toBeInstanceOf(AuthenticationError);
  expect(String(error)).not.toContain("sk_test");
});

test("errors of the seed's era are the axios error alone", async () => {
  const error = await fail(limited, { errorShape: "axios" });
  expect(isAxiosError(error)).toBe(true);
  expect(error).not.toBeInstanceOf(PersonizeError);
  expect(error).toMatchObject({ response: { status: 429, data: { retryAfterSeconds: 42 } } });
});

test("errors of 0.17 and later have status, method, endpoint and cause, and neither response nor hint", async () => {
  const error = await fail(limited, { errorShape: "wrapped" });
  expect(error).toMatchObject({ status: 429, method: "GET", endpoint: "/api/v1/me" });
  expect(error).toMatchObject({ cause: { response: { data: { retryAfterSeconds: 42 } } } });
  expect(error).not.toHaveProperty("response");
  expect(error).not.toHaveProperty("retryAfterSeconds");
  expect(error).not.toHaveProperty("code");
});

test("error as an object keeps a readable message", async () => {
  const error = await fail({ kind: "error-object" });
  expect(error).toMatchObject({
    status: 400,
    code: "validation_error",
    message: expect.stringContaining("Invalid request"),
  });
  expect(String(error)).not.toContain("[object Object]");
});

test.each(["all", "axios", "wrapped"] satisfies readonly ErrorShape[])(
  "a lost connection has no status and the network's code (%s)",
  async (errorShape) => {
    const error = await fail({ kind: "reset-before" }, { errorShape });
    expect(error).toBeInstanceOf(Error);
    const cause: unknown = isAxiosError(error) ? error : error instanceof Error ? error.cause : undefined;
    expect(cause).toMatchObject({ code: "ECONNRESET" });
    expect(Reflect.get(Object(error), "status")).toBeUndefined();
    if (errorShape === "all") expect(error).toMatchObject({ code: "ECONNRESET" });
  },
);

test("a timeout is an error without status", async () => {
  const error = await fail({ kind: "hang-after" }, { timeout: 100 });
  expect(error).toMatchObject({ code: "ECONNABORTED", cause: { code: "ECONNABORTED" } });
});

test("200 with success false is passed on as the envelope", async () => {
  const { api, client } = await start();
  api.control.addFault({ kind: "success-false" });
  expect(await client.me()).toMatchObject({ success: false, error: "server_error" });
});

test("a body that is no JSON is passed on as it came", async () => {
  const { api, client } = await start();
  api.control.addFault({ kind: "non-json", times: 2 });
  expect(await client.me()).toContain("<html>");
  expect(await client.collections.list()).toContain("<html>");
});

test.each([
  ["429", { kind: "rate-limit-minute", times: 2 }, 3],
  ["500", { kind: "server-error", times: 2 }, 3],
  ["503", { kind: "server-error", status: 503, times: 2 }, 3],
] satisfies readonly (readonly [string, Fault, number])[])(
  "%s is tried again, body and all",
  async (_, fault, requests) => {
    const { api, client } = await start({ maxRetries: 3, retryDelay: 1 });
    api.control.addFault(fault);
    const mapping = { entityType: "contact", email: "email", properties: {} };
    await client.memory.memorizeBatch({ source: "test", mapping, rows: [{ email: "ada@example.com" }] });
    expect(api.control.counts()).toMatchObject({ requests, rowsReceived: 1 });
  },
);

test.each([
  ["400", { kind: "validation", times: 9 }],
  ["401", { kind: "unauthorized", times: 9 }],
  ["404", { kind: "not-found", times: 9 }],
  ["a reset", { kind: "reset-before", times: 9 }],
] satisfies readonly (readonly [string, Fault])[])("%s is not tried again", async (_, fault) => {
  const { api, client } = await start({ maxRetries: 3, retryDelay: 1 });
  api.control.addFault(fault);
  await expect(client.me()).rejects.toThrow();
  expect(api.control.counts().requests).toBe(1);
});

test("tries end after maxRetries, each wait twice the one before", async () => {
  const { api, client } = await start({ maxRetries: 3, retryDelay: 40 });
  api.control.addFault({ kind: "server-error", times: 9 });
  await expect(client.me()).rejects.toMatchObject({ status: 500 });
  const times = api.control.requests().map((entry) => entry.timeMs);
  expect(times).toHaveLength(4);
  for (const [index, waitMs] of [40, 80, 160].entries()) {
    expect((times[index + 1] ?? 0) - (times[index] ?? 0)).toBeGreaterThanOrEqual(waitMs - 2);
  }
});

test("retries and error shape apply to the axios instance too", async () => {
  const { api, client } = await start({ maxRetries: 1, retryDelay: 1 });
  api.control.addFault({ kind: "server-error", times: 1 });
  expect((await client.client.get("/api/v1/me")).status).toBe(200);
  await expect(client.client.get("/api/v1/events/none")).rejects.toMatchObject({
    status: 404,
    endpoint: "/api/v1/events/none",
  });
});
