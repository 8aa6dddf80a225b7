import { expect, test } from "vitest";
import { contacts, startTestApi } from "./__fixtures__/start-test-api.ts";
import type { Fault } from "./faults.ts";

const batchPath = "/api/v1/batch-memorize";
const ada = contacts([{ email: "ada@example.com", tags: ["a"], notes: "Likes tea." }]);

test.each([
  ["rate-limit-minute", 429, "rate_limit_exceeded", { window: "per_minute", retryAfterSeconds: 1 }],
  ["rate-limit-month", 429, "rate_limit_exceeded", { window: "per_month", retryAfterSeconds: undefined }],
  ["rate-limit-no-hint", 429, "rate_limit_exceeded", { window: "per_minute", retryAfterSeconds: undefined }],
  ["unauthorized", 401, "authentication_error", {}],
  ["insufficient-credits", 402, "INSUFFICIENT_CREDITS", {}],
  ["forbidden", 403, "permission_error", {}],
  ["validation", 400, "validation_error", {}],
  ["not-found", 404, "not_found_error", {}],
  ["payload-too-large", 413, "payload_too_large", {}],
  ["server-error", 500, "server_error", { requestId: "req_fault" }],
  ["success-false", 200, "server_error", { success: false }],
] as const)(
  "the fault %s answers in place of the request, which is not carried out",
  async (kind, status, error, members) => {
    const { post, control } = await startTestApi({ landingDelayMs: 0 });
    control.addFault({ kind });
    const answer = await post(batchPath, ada);
    expect([answer.status, answer.at("error")]).toEqual([status, error]);
    for (const [name, value] of Object.entries(members)) expect(answer.at(name)).toEqual(value);
    expect(control.counts()).toMatchObject({ rowsReceived: 0, unitsAccepted: 0 });
    expect((await post(batchPath, ada)).status).toBe(202);
  },
);

test("an answer fault may come after the request was carried out", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  control.addFault({ kind: "server-error", status: 503, applied: true });
  expect((await post(batchPath, ada)).status).toBe(503);
  expect(control.counts()).toMatchObject({ records: 1, unitsAccepted: 1 });
  expect(control.requests()[0]).toMatchObject({
    status: 503,
    applied: true,
    units: 1,
    rows: 1,
    faults: ["server-error"],
  });
});

test("error may be an object, the body no JSON, or anything at all", async () => {
  const { get, control } = await startTestApi();
  control.addFault({ kind: "error-object" });
  const objectError = await get("/api/v1/me");
  expect([objectError.status, objectError.at("error.code")]).toEqual([400, "validation_error"]);
  control.addFault({ kind: "non-json", status: 502 });
  const html = await get("/api/v1/me");
  expect([html.status, html.headers.get("content-type"), html.text[0]]).toEqual([502, "text/html; charset=utf-8", "<"]);
  control.addFault({ kind: "custom", status: 418, body: { teapot: true }, headers: { "X-Tea": "green" } });
  const custom = await get("/api/v1/me");
  expect([custom.status, custom.at("teapot"), custom.headers.get("x-tea")]).toEqual([418, true, "green"]);
});

test("a fault is scoped by method and path, by nth matching request and by count", async () => {
  const { get, post, control } = await startTestApi();
  control.addFault({ kind: "server-error", method: "GET", path: "/me$", nth: 2, times: 2 });
  expect((await post(batchPath, ada)).status).toBe(202);
  const statuses = [];
  for (let index = 0; index < 5; index += 1) statuses.push((await get("/api/v1/me")).status);
  expect(statuses).toEqual([200, 500, 500, 200, 200]);
  expect(control.faults()).toMatchObject([{ id: 1, matched: 5, hits: 2 }]);
});

test("a fault by probability hits the same requests for the same seed", async () => {
  const run = async (seed: number) => {
    const { get, control } = await startTestApi();
    control.addFault({ kind: "server-error", probability: 0.5, seed });
    const statuses = [];
    for (let index = 0; index < 30; index += 1) statuses.push((await get("/api/v1/me")).status);
    return statuses;
  };
  const statuses = await run(11);
  expect(new Set(statuses)).toEqual(new Set([200, 500]));
  expect(await run(11)).toEqual(statuses);
  expect(await run(12)).not.toEqual(statuses);
});

test.each([
  ["reset-before", 0],
  ["reset-after", 1],
  ["truncated-body", 1],
] as const)("%s loses the answer; the write is applied %i times", async (kind, applied) => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  control.addFault({ kind });
  await expect(post(batchPath, ada)).rejects.toThrow();
  expect(control.counts().records).toBe(applied);
  expect(control.requests()[0]).toMatchObject({ aborted: true, applied: applied === 1 });
  expect((await post(batchPath, ada)).status).toBe(202);
});

test.each([
  ["hang-before", 0],
  ["hang-after", 1],
] as const)("%s never answers, keeps its place in flight, and the write is applied %i times", async (kind, applied) => {
  const { url, control } = await startTestApi({ landingDelayMs: 0 });
  control.addFault({ kind });
  const abort = new AbortController();
  const hanging = fetch(`${url}${batchPath}`, {
    method: "POST",
    headers: { Authorization: "Bearer sk_test_demo" },
    body: JSON.stringify(ada),
    signal: abort.signal,
  });
  const outcome = expect(hanging).rejects.toThrow();
  await expect.poll(() => control.requests().length).toBe(1);
  await expect.poll(() => control.counts().records).toBe(applied);
  expect(control.usage().inFlight).toBe(1);
  abort.abort();
  await outcome;
  await expect.poll(() => control.usage().inFlight).toBe(0);
  expect(control.requests()[0]?.aborted).toBe(true);
});

test.each(["slow-headers", "slow-body"] as const)("%s delays a whole and correct answer", async (kind) => {
  const { get, control } = await startTestApi();
  control.addFault({ kind, delayMs: 150 });
  const startedMs = performance.now();
  expect((await get("/api/v1/me")).at("success")).toBe(true);
  expect(performance.now() - startedMs).toBeGreaterThan(140);
});

test("a batch may land late, and twice", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 100 });
  control.addFault({ kind: "late-landing", delayMs: 5000 });
  control.addFault({ kind: "duplicate-landing", delayMs: 1000 });
  const eventId = await save(ada.rows);
  control.advanceClock(5099);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("processing");
  control.advanceClock(1);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("completed");
  expect(control.record({ email: "ada@example.com" })?.values).toMatchObject({ tags: ["a"] });
  control.advanceClock(1000);
  expect(control.record({ email: "ada@example.com" })).toMatchObject({ values: { tags: ["a", "a"] }, landedRows: 2 });
  expect(control.counts()).toMatchObject({ creditsCharged: 2, rowsLanded: 2, rowsReceived: 1, memories: 1 });
});

test("a late batch overwrites what was sent after it", async () => {
  const { save, control } = await startTestApi({ landingDelayMs: 100 });
  control.addFault({ kind: "late-landing", delayMs: 5000 });
  await save([{ email: "ada@example.com", first_name: "old" }]);
  await save([{ email: "ada@example.com", first_name: "new" }]);
  control.advanceClock(1000);
  expect(control.record({ email: "ada@example.com" })?.values).toMatchObject({ first_name: "new" });
  control.advanceClock(5000);
  expect(control.record({ email: "ada@example.com" })?.values).toMatchObject({ first_name: "old" });
});

test.each([
  [{ kind: "event-stuck" }, "processing", 0],
  [{ kind: "event-stuck", applied: true }, "processing", 1],
  [{ kind: "event-failed" }, "failed", 0],
  [{ kind: "event-failed-stale" }, "failed_stale", 0],
  [{ kind: "event-failed-stale", applied: true }, "failed_stale", 1],
] satisfies readonly (readonly [Fault, string, number])[])(
  "%j ends %s with %i records",
  async (fault, status, records) => {
    const { save, get, control } = await startTestApi({ landingDelayMs: 100 });
    control.addFault(fault);
    const eventId = await save(ada.rows);
    control.advanceClock(10_000);
    expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe(status);
    expect(control.counts().records).toBe(records);
    control.settleAll();
    expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe(status);
  },
);

test("an event may vanish although its rows land", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0 });
  control.addFault({ kind: "event-vanishes" });
  const eventId = await save(ada.rows);
  expect((await get(`/api/v1/events/${eventId}`)).status).toBe(404);
  expect((await get("/api/v1/events")).at("data")).toEqual([]);
  expect(control.counts().records).toBe(1);
});

test("given rows of one batch may fail", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0 });
  control.addFault({ kind: "partial-failure", rows: { index: [1] } });
  const eventId = await save([{ email: "a@example.com" }, { email: "b@example.com" }]);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.responsePayload.errors.0.index")).toBe(1);
  expect(control.records().map((record) => record.key)).toEqual(["a@example.com"]);
});

test("reads may be stale for one batch: complete says the event, not yet says the search", async () => {
  const { save, get, post, control } = await startTestApi({ landingDelayMs: 0 });
  await save([{ email: "ada@example.com", first_name: "old" }]);
  control.addFault({ kind: "stale-reads", delayMs: 300_000 });
  const eventId = await save([{ email: "ada@example.com", first_name: "new" }]);
  const name = async () =>
    (await post("/api/v1/smart-memory-digest", { email: "ada@example.com" })).at("data.properties.first_name");
  expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("completed");
  expect(await name()).toBe("old");
  control.advanceClock(300_000);
  expect(await name()).toBe("new");
});

test("cleared faults hit nothing, unknown ones are refused", async () => {
  const { get, control } = await startTestApi();
  control.addFault({ kind: "server-error", times: 100 });
  const id = control.addFault({ kind: "unauthorized", times: 100 });
  expect((await get("/api/v1/me")).status).toBe(500);
  control.clearFaults();
  control.removeFault(id);
  expect((await get("/api/v1/me")).status).toBe(200);
});
