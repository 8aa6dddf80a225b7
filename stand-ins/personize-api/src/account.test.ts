import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

test.each([
  ["no key", {}],
  ["an unknown key", { Authorization: "Bearer sk_test_nobody" }],
  ["another scheme", { Authorization: "Basic sk_test_demo" }],
  ["X-Api-Key without its knob", { "X-Api-Key": "sk_test_demo" }],
])("%s is refused with 401 authentication_error", async (_, headers) => {
  const { url } = await startTestApi();
  const response = await fetch(`${url}/api/v1/me`, { headers });
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ success: false, error: "authentication_error" });
});

test("X-Api-Key is taken behind its knob", async () => {
  const { url } = await startTestApi({ acceptApiKeyHeader: true });
  expect((await fetch(`${url}/api/v1/me`, { headers: { "X-Api-Key": "sk_test_demo" } })).status).toBe(200);
});

test("test keys and live keys live in separate worlds", async () => {
  const { send, control } = await startTestApi({ organizations: [{ keys: ["sk_test_a", "sk_live_a"] }] });
  const me = async (key: string) =>
    (await send("GET", "/api/v1/me", undefined, { Authorization: `Bearer ${key}` })).status;
  expect(await me("sk_test_a")).toBe(200);
  expect(await me("sk_live_a")).toBe(401);
  control.setKnobs({ environment: "live" });
  expect(await me("sk_test_a")).toBe(401);
  expect(await me("sk_live_a")).toBe(200);
});

test("a revoked key gets 401", async () => {
  const { get, control } = await startTestApi();
  expect((await get("/api/v1/me")).status).toBe(200);
  control.revokeKey("sk_test_demo");
  expect((await get("/api/v1/me")).status).toBe(401);
});

test("a key sees its own organization only", async () => {
  const { save, send, control } = await startTestApi({
    landingDelayMs: 0,
    organizations: [{ id: "one" }, { id: "two", keys: ["sk_test_two"] }],
  });
  const eventId = await save([{ email: "ada@example.com" }]);
  const two = { Authorization: "Bearer sk_test_two" };
  expect((await send("POST", "/api/v1/search", {}, two)).at("data.totalMatched")).toBe(0);
  expect((await send("GET", `/api/v1/events/${eventId}`, undefined, two)).status).toBe(404);
  expect(control.records({ organizationId: "one" })).toHaveLength(1);
  expect(control.records({ organizationId: "two" })).toHaveLength(0);
});

test.each([
  ["free", 60, 10_000],
  ["starter", 120, 50_000],
  ["pro", 300, 250_000],
  ["enterprise", 1000, 2_000_000],
] as const)("me tells the limits of the %s plan", async (plan, perMinute, perMonth) => {
  const { get } = await startTestApi({ organizations: [{ id: "org", plan }] });
  const answer = await get("/api/v1/me");
  expect(answer.at("data.plan.id")).toBe(plan);
  expect(answer.at("data.plan.limits")).toEqual({ maxApiCallsPerMinute: perMinute, maxApiCallsPerMonth: perMonth });
  expect(answer.at("data.organization")).toEqual({ id: "org" });
  expect(answer.at("data.key.scope")).toBeTypeOf("string");
  expect(answer.at("data.usage")).toBeUndefined();
});

test("a plan may have figures of its own, and change while running", async () => {
  const { get, control } = await startTestApi({ organizations: [{ plan: { perMinute: 7, perMonth: 70 } }] });
  expect((await get("/api/v1/me")).at("data.plan.limits.maxApiCallsPerMinute")).toBe(7);
  control.setPlan("pro");
  expect((await get("/api/v1/me")).at("data.plan.limits.maxApiCallsPerMinute")).toBe(300);
});

test("me carries usage only behind its knob", async () => {
  const { get } = await startTestApi({ meIncludesUsage: true });
  expect((await get("/api/v1/me")).at("data.usage.month.used")).toBe(1);
});

test("test, credits, usage and entity types answer", async () => {
  const { get, send } = await startTestApi({ organizations: [{ id: "org", credits: 5 }] });
  expect((await get("/api/v1/test")).at("data.organizationId")).toBe("org");
  expect((await get("/api/v1/analytics/credits")).at("data")).toEqual({ balance: 5, included: 5 });
  expect((await send("POST", "/api/v1/analytics/credits")).at("data.balance")).toBe(5);
  expect((await get("/api/v1/usage/current")).at("data.month")).toEqual({ used: 4, limit: 10_000 });
  expect((await get("/api/v1/entity-types")).at("data.0.entityType")).toBe("company");
  expect((await get("/api/v1/entities")).status).toBe(200);
});

test("entity types answer 404 when the organization has none", async () => {
  const { get } = await startTestApi({ organizations: [{ collections: [] }] });
  expect((await get("/api/v1/entity-types")).status).toBe(404);
});
