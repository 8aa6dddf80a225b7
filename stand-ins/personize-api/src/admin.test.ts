import { expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

async function admin(api: TestApi, name: string, body: object = {}) {
  const response = await fetch(`${api.url}/__admin/${name}`, { method: "POST", body: JSON.stringify(body) });
  const answer: { ok: boolean; result?: unknown; message?: string } = JSON.parse(await response.text());
  return { status: response.status, ...answer };
}

test("a separate process can steer clock, knobs, faults, usage and credits without a key", async () => {
  const api = await startTestApi();
  await admin(api, "set-knobs", { landingDelayMs: 5000 });
  await admin(api, "fail-rows", { key: "bob@example.com", code: "NOPE" });
  const eventId = await api.save([{ email: "ada@example.com" }, { email: "bob@example.com" }]);
  await admin(api, "advance-clock", { durationMs: 5000 });
  expect((await api.get(`/api/v1/events/${eventId}`)).at("data.responsePayload.errors.0.code")).toBe("NOPE");
  expect(
    (await admin(api, "add-fault", { kind: "server-error", method: "GET", path: "/me$", status: 502 })).result,
  ).toBe(1);
  expect((await api.get("/api/v1/me")).status).toBe(502);
  expect((await admin(api, "faults")).result).toMatchObject([{ hits: 1 }]);
  await admin(api, "set-usage", { monthUnits: 10_000 });
  expect((await api.get("/api/v1/me")).at("window")).toBe("per_month");
  await admin(api, "set-credits", { credits: 3 });
  await admin(api, "set-plan", { plan: "pro" });
  expect((await admin(api, "usage")).result).toMatchObject({ credits: 3, minuteLimit: 300, monthUnits: 10_000 });
  expect((await admin(api, "counts")).result).toMatchObject({ records: 1, rowsFailed: 1 });
  expect((await admin(api, "peak-units-in-window", { windowMs: 60_000 })).result).toBe(2 + 1);
  expect((await admin(api, "record", { email: "ada@example.com" })).result).toMatchObject({ key: "ada@example.com" });
  await admin(api, "set-clock-offset", { offsetMs: 0 });
  await admin(api, "reset");
  expect((await admin(api, "counts")).result).toMatchObject({ records: 0, requests: 0, unitsAccepted: 0 });
  expect((await admin(api, "knobs")).result).toMatchObject({ landingDelayMs: 1000 });
});

test("dumps page, and stream as JSON lines", async () => {
  const api = await startTestApi({ landingDelayMs: 0, organizations: [{ plan: "unlimited" }] });
  for (let first = 0; first < 2500; first += 500) {
    await api.save(Array.from({ length: 500 }, (_, index) => ({ email: `user${first + index}@example.com` })));
  }
  const keys: unknown[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const page: { items: { key: string }[]; nextOffset: number | null } = JSON.parse(
      JSON.stringify((await admin(api, "records", { offset })).result),
    );
    expect(page.items.length).toBeLessThanOrEqual(1000);
    keys.push(...page.items.map((item) => item.key));
    offset = page.nextOffset;
  }
  expect(new Set(keys).size).toBe(2500);
  const stream = await fetch(`${api.url}/__admin/records`, { method: "POST", body: JSON.stringify({ stream: true }) });
  const lines = (await stream.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).key)).toEqual(keys);
  expect((await admin(api, "requests", { method: "POST", path: "batch" })).result).toMatchObject({
    items: [{ number: 1, rows: 500, units: 500, status: 202, applied: true }, {}, {}, {}, {}],
    nextOffset: null,
  });
  expect((await admin(api, "events", { limit: 2 })).result).toMatchObject({ nextOffset: 2 });
});

test.each([
  ["an unknown route", "dance", {}],
  ["an unknown knob", "set-knobs", { warpFactor: 9 }],
  ["an unknown knob value", "set-knobs", { rateUnit: "byte" }],
  ["an unknown fault", "add-fault", { kind: "earthquake" }],
  ["an unknown organization", "usage", { organizationId: "org_x" }],
  ["a missing number", "advance-clock", {}],
])("%s is refused with a message", async (_, name, body) => {
  const answer = await admin(await startTestApi(), name, body);
  expect(answer).toMatchObject({ status: 400, ok: false, message: expect.stringMatching(/\w/) });
});

test("the request log keeps the latest and can be switched off", async () => {
  const { get, control } = await startTestApi({ requestLogSize: 3 });
  for (let index = 0; index < 10; index += 1) await get("/api/v1/me");
  expect(control.requests().map((entry) => entry.number)).toEqual([8, 9, 10]);
  control.setKnobs({ requestLogSize: 0 });
  await get("/api/v1/me");
  expect(control.requests()).toEqual([]);
  expect(control.counts().requests).toBe(11);
});

test("refused requests are logged too, with their status and no organization when unknown", async () => {
  const { send, control } = await startTestApi();
  await send("GET", "/api/v1/me?x=1", undefined, { Authorization: "Bearer nobody" });
  expect(control.requests()).toMatchObject([
    { method: "GET", path: "/api/v1/me", query: "?x=1", status: 401, units: 0, organizationId: undefined },
  ]);
});
