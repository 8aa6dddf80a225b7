import { expect, test } from "vitest";
import { contacts, startTestApi } from "./__fixtures__/start-test-api.ts";

const rows = (count: number) => Array.from({ length: count }, (_, index) => ({ email: `user${index}@example.com` }));

test("the 61st row of a minute is refused with the documented body, and fits again after retryAfterSeconds", async () => {
  const { save, post, control } = await startTestApi();
  await save(rows(50));
  control.advanceClock(20_000);
  await save(rows(10));
  const refused = await post("/api/v1/batch-memorize", contacts(rows(11)));
  expect(refused.status).toBe(429);
  expect(JSON.parse(refused.text)).toEqual({
    success: false,
    error: "rate_limit_exceeded",
    message: expect.any(String),
    limit: 60,
    current: 60,
    window: "per_minute",
    retryAfterSeconds: 40,
  });
  expect(refused.headers.get("retry-after")).toBe("40");
  control.advanceClock(39_999);
  expect((await post("/api/v1/batch-memorize", contacts(rows(11)))).status).toBe(429);
  control.advanceClock(1);
  expect((await post("/api/v1/batch-memorize", contacts(rows(11)))).status).toBe(202);
  expect(control.peakUnitsInWindow()).toBe(60);
  expect(control.counts().rateLimited.perMinute).toBe(2);
});

test("a refused batch is refused whole: nothing of it lands and it costs nothing", async () => {
  const { post, get, control } = await startTestApi({ landingDelayMs: 0 });
  expect((await post("/api/v1/batch-memorize", contacts(rows(61)))).status).toBe(429);
  expect(control.counts()).toMatchObject({ records: 0, rowsReceived: 0, unitsAccepted: 0 });
  expect((await get("/api/v1/me")).status).toBe(200);
});

test("a refused request costs its units where the knob says so", async () => {
  const { post, get } = await startTestApi({ countRejected: true });
  expect((await post("/api/v1/batch-memorize", contacts(rows(61)))).status).toBe(429);
  expect((await get("/api/v1/me")).status).toBe(429);
});

test.each([
  ["row", 41],
  ["chunk", 5],
  ["call", 1],
] as const)("with rateUnit %s a batch of 41 rows in chunks of 10 costs %i", async (rateUnit, units) => {
  const { save, control } = await startTestApi({ rateUnit });
  await save(rows(41), { chunkSize: 10 });
  expect(control.counts().unitsAccepted).toBe(units);
});

test("any other request costs one, or nothing where reads are free", async () => {
  const { get, control } = await startTestApi();
  await get("/api/v1/me");
  await get("/api/v1/collections");
  expect(control.usage().minuteUnits).toBe(2);
  control.setKnobs({ countReads: false });
  await get("/api/v1/me");
  expect(control.usage().minuteUnits).toBe(2);
});

test("a fixed window lets twice the limit pass around its boundary, a sliding one does not", async () => {
  for (const [minuteWindow, status] of [
    ["fixed", 202],
    ["sliding", 429],
  ] as const) {
    const { save, post, control } = await startTestApi({ minuteWindow });
    control.advanceClock(59_999);
    await save(rows(60));
    control.advanceClock(1);
    expect((await post("/api/v1/batch-memorize", contacts(rows(60)))).status).toBe(status);
  }
});

test("the month is its own limit, without a hint, and ends with the calendar month in UTC", async () => {
  const { get, control } = await startTestApi();
  control.setUsage({ monthUnits: 9999 });
  expect((await get("/api/v1/me")).status).toBe(200);
  const refused = await get("/api/v1/me");
  expect(refused.status).toBe(429);
  expect(refused.at("window")).toBe("per_month");
  expect(refused.at("limit")).toBe(10_000);
  expect(refused.at("current")).toBe(10_000);
  expect(refused.at("retryAfterSeconds")).toBeUndefined();
  expect(refused.headers.get("retry-after")).toBeNull();
  control.advanceClock(8 * 86_400_000);
  expect((await get("/api/v1/me")).status).toBe(429);
  control.advanceClock(86_400_000);
  expect((await get("/api/v1/me")).status).toBe(200);
});

test("hint and header of a 429 can be switched", async () => {
  const { get, control } = await startTestApi({ organizations: [{ plan: { perMinute: 0, perMonth: 10 } }] });
  control.setKnobs({ retryAfterHeader: false });
  const withoutHeader = await get("/api/v1/me");
  expect(withoutHeader.headers.get("retry-after")).toBeNull();
  expect(withoutHeader.at("retryAfterSeconds")).toBe(60);
  control.setKnobs({ retryAfterHint: false });
  expect((await get("/api/v1/me")).at("retryAfterSeconds")).toBeUndefined();
});

test("more than five requests in flight get 429, whatever the minute allows", async () => {
  const { get, control } = await startTestApi();
  control.addFault({ kind: "slow-headers", delayMs: 100, times: 5 });
  const slow = Array.from({ length: 5 }, () => get("/api/v1/me"));
  await expect.poll(() => control.usage().inFlight).toBe(5);
  const refused = await get("/api/v1/me");
  expect(refused.status).toBe(429);
  expect(refused.at("limit")).toBe(5);
  expect((await Promise.all(slow)).map((answer) => answer.status)).toEqual([200, 200, 200, 200, 200]);
  expect((await get("/api/v1/me")).status).toBe(200);
  expect(control.counts().rateLimited).toEqual({ perMinute: 0, perMonth: 0, concurrent: 1 });
  expect(control.usage().inFlight).toBe(0);
});

test("a burst from one address is refused where the knob says so", async () => {
  const { get, control } = await startTestApi({ ipBurstPerSecond: 2 });
  expect((await get("/api/v1/me")).status).toBe(200);
  expect((await get("/api/v1/me")).status).toBe(200);
  expect((await get("/api/v1/me")).status).toBe(429);
  control.advanceClock(1000);
  expect((await get("/api/v1/me")).status).toBe(200);
});

test("a batch takes at most 500 rows, 5,000 on enterprise", async () => {
  const { post, control } = await startTestApi({ rateUnit: "call" });
  const send = async (count: number) => (await post("/api/v1/batch-memorize", contacts(rows(count)))).status;
  expect(await send(500)).toBe(202);
  expect(await send(501)).toBe(400);
  control.setPlan("enterprise");
  expect(await send(5000)).toBe(202);
  expect(await send(5001)).toBe(400);
});

test("a body over the limit gets 413 and the connection stays usable", async () => {
  const { post, get, control } = await startTestApi({ maxBodyBytes: 2000 });
  const refused = await post("/api/v1/batch-memorize", contacts([{ email: "a@b.c", notes: "x".repeat(3_000_000) }]));
  expect(refused.status).toBe(413);
  expect((await get("/api/v1/me")).status).toBe(200);
  expect(control.counts().rowsReceived).toBe(0);
});

test("a row over 100,000 characters is CONTENT_TOO_LARGE", async () => {
  const { post } = await startTestApi();
  const send = (length: number) =>
    post("/api/v1/batch-memorize", contacts([{ email: "a@b.c" }, { email: "b@b.c", notes: "x".repeat(length) }]));
  expect((await send(100_000)).status).toBe(202);
  const refused = await send(100_001);
  expect(refused.status).toBe(400);
  expect(refused.at("error")).toBe("CONTENT_TOO_LARGE");
  expect(refused.at("details.0.field")).toBe("rows[1]");
});

test("a header block over 8,192 bytes is refused", async () => {
  const { send } = await startTestApi();
  expect((await send("GET", "/api/v1/me", undefined, { "X-Long": "x".repeat(9000) })).status).toBe(431);
});
