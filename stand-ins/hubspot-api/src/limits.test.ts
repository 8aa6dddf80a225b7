import { describe, expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

const path = "/crm/v3/objects/contacts";
const names = [
  "max",
  "remaining",
  "interval-milliseconds",
  "secondly",
  "secondly-remaining",
  "daily",
  "daily-remaining",
];

function limitHeaders(headers: Headers): Record<string, string> {
  const found = names.map((name) => [name, headers.get(`x-hubspot-ratelimit-${name}`)] as const);
  return Object.fromEntries(found.flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
}

describe("ten seconds", () => {
  test("rolling: the call over the limit is 429 with its policy, and fits when the first has left", async () => {
    const { get, control } = await startTestApi({ rateLimits: true, tenSecondLimit: 5 });
    for (let call = 0; call < 5; call += 1) {
      expect((await get(path)).status).toBe(200);
      control.advanceClock(1000);
    }
    const refused = await get(path);
    expect(refused.status).toBe(429);
    expect(JSON.parse(refused.text)).toMatchObject({
      status: "error",
      message: "You have reached your ten_secondly_rolling limit.",
      errorType: "RATE_LIMIT",
      policyName: "TEN_SECONDLY_ROLLING",
      correlationId: expect.any(String),
      requestId: expect.any(String),
    });
    expect(refused.headers.get("retry-after")).toBeNull();
    expect(limitHeaders(refused.headers)["remaining"]).toBe("0");
    control.advanceClock(4999);
    expect((await get(path)).status).toBe(429);
    control.advanceClock(1);
    expect((await get(path)).status).toBe(200);
    expect(control.counts()).toMatchObject({
      rateLimited: { TEN_SECONDLY_ROLLING: 2 },
      limitsExceeded: { TEN_SECONDLY_ROLLING: 2, SECONDLY: 0, DAILY: 0 },
    });
  });

  test("each app has its own window", async () => {
    const apps = [{ token: "one" }, { token: "two" }];
    const { get } = await startTestApi({ rateLimits: true, tenSecondLimit: 1, apps });
    const as = async (token: string) => (await get(path, { Authorization: `Bearer ${token}` })).status;
    expect([await as("one"), await as("one"), await as("two")]).toEqual([200, 429, 200]);
  });

  test.each([
    ["free", 100],
    ["starter", 100],
    ["professional", 190],
    ["enterprise", 190],
  ] as const)("on %s a private app has %i", async (plan, max) => {
    const { get } = await startTestApi({ rateLimits: true, plan });
    expect(limitHeaders((await get(path)).headers)["max"]).toBe(String(max));
  });

  test("a refused call does not count, unless the knob says so; Retry-After likewise", async () => {
    const api = await startTestApi({ rateLimits: true, tenSecondLimit: 1, countRejected: true, retryAfterOn429: true });
    await api.get(path);
    api.control.advanceClock(9000);
    expect((await api.get(path)).headers.get("retry-after")).toBe("10");
    api.control.advanceClock(1000);
    expect((await api.get(path)).status).toBe(429);
  });

  test("association calls have a window of their own inside", async () => {
    const { post, get } = await startTestApi({ rateLimits: true, associationTenSecondLimit: 2 });
    const call = async () => (await post("/crm/v4/associations/contacts/deals/batch/read", { inputs: [] })).status;
    expect([await call(), await call(), await call()]).toEqual([200, 200, 429]);
    expect((await get(path)).status).toBe(200);
  });
});

describe("search", () => {
  test("five a second for the whole account, apart from the ten seconds", async () => {
    const apps = [{ token: "one" }, { token: "two" }];
    const { send, get, control } = await startTestApi({ rateLimits: true, tenSecondLimit: 1, apps });
    const search = (token: string) => send("POST", `${path}/search`, {}, { Authorization: `Bearer ${token}` });
    for (const token of ["one", "two", "one", "two", "one"]) expect((await search(token)).status).toBe(200);
    const refused = await search("two");
    expect([refused.status, refused.at("policyName")]).toEqual([429, "SECONDLY"]);
    expect(refused.at("message")).toBe("You have reached your secondly limit.");
    expect((await get(path, { Authorization: "Bearer one" })).status).toBe(200);
    control.advanceClock(1000);
    expect((await search("two")).status).toBe(200);
  });

  test("carries a correlation id and no rate headers", async () => {
    const { search } = await startTestApi({ rateLimits: true });
    const { headers } = await search({});
    expect(limitHeaders(headers)).toEqual({});
    expect(headers.get("x-hubspot-correlation-id")).not.toBeNull();
  });
});

describe("day", () => {
  test("is shared by all private apps, counts searches, and turns at midnight of the account", async () => {
    const apps = [{ token: "one" }, { token: "two" }];
    const { get, send, control } = await startTestApi({
      rateLimits: true,
      dailyLimit: 3,
      apps,
      timeZone: "Asia/Tokyo",
    });
    expect((await get(path, { Authorization: "Bearer one" })).status).toBe(200);
    expect((await get(path, { Authorization: "Bearer two" })).status).toBe(200);
    expect((await send("POST", `${path}/search`, {}, { Authorization: "Bearer one" })).status).toBe(200);
    const refused = await get(path, { Authorization: "Bearer two" });
    expect([refused.status, refused.at("policyName"), refused.at("message")]).toEqual([
      429,
      "DAILY",
      "You have reached your daily limit.",
    ]);
    // Noon in London is nine in the evening in Tokyo.
    control.advanceClock(3 * 3_600_000 - 1);
    expect((await get(path, { Authorization: "Bearer one" })).status).toBe(429);
    control.advanceClock(1);
    expect((await get(path, { Authorization: "Bearer one" })).status).toBe(200);
    expect(control.usage()).toMatchObject({ dailyCalls: 1, dailyLimit: 3 });
  });

  test("can be set, and is told by account info", async () => {
    const { get, control } = await startTestApi({ rateLimits: true });
    control.setUsage({ dailyCalls: 624_999 });
    const usage = await get("/account-info/v3/api-usage/daily/private-apps");
    expect(usage.at("results.0")).toMatchObject({
      usageLimit: 625_000,
      currentUsage: 625_000,
      resetsAt: "2026-11-23T00:00:00.000Z",
    });
    expect((await get(path)).at("policyName")).toBe("DAILY");
  });
});

test("private apps see all headers, OAuth apps no daily ones and 110", async () => {
  const { get, oauth } = await startTestApi({ rateLimits: true });
  expect(limitHeaders((await get(path)).headers)).toEqual({
    max: "190",
    remaining: "189",
    "interval-milliseconds": "10000",
    secondly: "19",
    "secondly-remaining": "18",
    daily: "625000",
    "daily-remaining": "624999",
  });
  const form = { grant_type: "refresh_token", refresh_token: "stand-in-refresh" };
  const token = String((await oauth("/oauth/v3/token", form)).at("access_token"));
  const asOauth = await get(path, { Authorization: `Bearer ${token}` });
  expect(limitHeaders(asOauth.headers)).toMatchObject({ max: "110", remaining: "109", secondly: "11" });
  expect(asOauth.headers.get("x-hubspot-ratelimit-daily")).toBeNull();
});

test("switched off, calls are counted and none refused", async () => {
  const { get, control } = await startTestApi({ rateLimits: false, tenSecondLimit: 2 });
  for (let call = 0; call < 4; call += 1) expect((await get(path)).status).toBe(200);
  expect(control.usage()).toMatchObject({ tenSecondCalls: 4, tenSecondLimit: 2 });
});

test("peaks are those of any sliding window", async () => {
  const { get, search, control } = await startTestApi();
  for (const pauseMs of [0, 400, 400, 5000]) {
    control.advanceClock(pauseMs);
    await search({});
    await get(path);
  }
  expect(control.peakCalls(1000, ["search"])).toBe(3);
  expect(control.peakCalls(10_000)).toBe(8);
  expect(control.counts().calls).toMatchObject({ search: 4, list: 4 });
});
