import { expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

async function admin(api: TestApi, name: string, body: object = {}) {
  const response = await fetch(`${api.url}/__admin/${name}`, { method: "POST", body: JSON.stringify(body) });
  const answer: { ok: boolean; result?: unknown; message?: string } = JSON.parse(await response.text());
  return { status: response.status, ...answer };
}

test("a separate process can change a portal without a token", async () => {
  const api = await startTestApi();
  const run = async (name: string, body: object = {}) => {
    const answer = await admin(api, name, body);
    if (!answer.ok) throw new Error(answer.message);
    return answer.result;
  };
  const id = await run("create", { type: "contacts", properties: { city: "Aarhus", num_associated_deals: 3 } });
  const other = await run("create", { type: "contacts", properties: {}, id: "77", atMs: 1000 });
  expect(other).toBe("77");
  await run("advance-clock", { durationMs: 500 });
  await run("update", { type: "contacts", id, properties: { city: null }, touch: false });
  expect(await run("record", { type: "contacts", id })).toMatchObject({
    properties: { num_associated_deals: "3" },
    modifiedAtMs: api.control.now() - 500,
  });
  const company = await run("create", { type: "companies", properties: {} });
  const link = { fromType: "contacts", fromId: id, toType: "companies", toId: company };
  await run("associate", { ...link, label: "Adviser" });
  expect(await run("associated", { ...link })).toEqual([company]);
  await run("dissociate", link);
  expect(await run("associated", { ...link })).toEqual([]);
  expect(await run("update-many", { type: "contacts", properties: { city: "x" } })).toBe(2);
  await run("archive", { type: "contacts", id });
  expect(await run("records", { type: "contacts", archived: true })).toMatchObject({ items: [{ id }] });
  await run("restore", { type: "contacts", id });
  expect(await run("merge", { type: "contacts", primaryId: id, loserId: "77" })).toBe(id);
  expect(await run("survivor-of", { type: "contacts", id: "77" })).toBe(id);
  await run("gdpr-delete", { type: "contacts", id });
  expect(await run("record", { type: "contacts", id })).toBeNull();
  await run("define-property", { type: "deals", name: "shoe_size", property: "x" });
  await run("archive-property", { type: "deals", name: "shoe_size" });
  await run("restore-property", { type: "deals", name: "shoe_size" });
  expect(await run("define-custom-object", { name: "boat", properties: ["colour"] })).toBe("p4242_boat");
  await run("archive-owner", { id: "41100001" });
  expect(api.control.counts().records).toEqual({ companies: { live: 1, archived: 0 } });
});

test("and steer clock, knobs, faults, apps and usage", async () => {
  const api = await startTestApi();
  const run = async (name: string, body: object = {}) => (await admin(api, name, body)).result;
  await run("set-knobs", { indexLagMs: { minMs: 5, maxMs: 9 } });
  await run("create", { type: "contacts", properties: {} });
  expect(await run("counts")).toMatchObject({ pendingIndexChanges: 1 });
  await run("settle-index");
  expect(await run("counts")).toMatchObject({ pendingIndexChanges: 0 });
  expect(await run("add-fault", { kind: "server-error", path: "/owners", status: 502 })).toBe(1);
  expect((await api.get("/crm/v3/owners")).status).toBe(502);
  expect(await run("faults")).toMatchObject([{ hits: 1 }]);
  await run("add-app", { name: "second", token: "second-token", scopes: ["tickets"] });
  await run("set-scopes", { app: "second", scopes: ["crm.objects.owners.read"] });
  expect((await api.get("/crm/v3/owners", { Authorization: "Bearer second-token" })).status).toBe(200);
  await run("revoke-token", { token: "second-token" });
  expect((await api.get("/crm/v3/owners", { Authorization: "Bearer second-token" })).status).toBe(401);
  await run("set-usage", { dailyCalls: 42 });
  expect(await run("usage")).toMatchObject({ dailyCalls: 42 });
  expect(await run("peak-calls", { windowMs: 1000 })).toBe(3);
  expect(await run("requests", { family: "owners", method: "get" })).toMatchObject({ items: [{}, {}, {}] });
  await run("set-disconnected");
  const refused = await api.oauth("/oauth/v3/token", {
    grant_type: "refresh_token",
    refresh_token: "stand-in-refresh",
  });
  expect(refused.at("status")).toBe("BAD_HUB");
  await run("set-clock-offset", { offsetMs: 60_000 });
  expect(await run("now")).toBe(api.control.now());
  await run("reset");
  const { requests, records, statuses, pendingIndexChanges } = api.control.counts();
  expect({ requests, records, statuses, pendingIndexChanges }).toEqual({
    requests: 0,
    records: {},
    statuses: {},
    pendingIndexChanges: 0,
  });
  expect(await run("knobs")).toMatchObject({ indexLagMs: 0 });
});

test("dumps page by 1,000, and stream as JSON lines", async () => {
  const api = await startTestApi({ portal: { contacts: 2500 } });
  const ids: string[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const { result } = await admin(api, "records", { type: "contacts", properties: ["email"], offset });
    const page: { items: { id: string; properties: object }[]; nextOffset: number | null } = JSON.parse(
      JSON.stringify(result),
    );
    expect(page.items.length).toBeLessThanOrEqual(1000);
    expect(Object.keys(page.items[0]?.properties ?? {})).toEqual(["email"]);
    ids.push(...page.items.map((item) => item.id));
    offset = page.nextOffset;
  }
  expect(new Set(ids).size).toBe(2500);
  const stream = await fetch(`${api.url}/__admin/records`, { method: "POST", body: JSON.stringify({ stream: true }) });
  const lines = (await stream.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(ids);
});

test.each([
  ["an unknown route", "dance", {}],
  ["an unknown knob", "set-knobs", { warpFactor: 9 }],
  ["an unknown knob value", "set-knobs", { tieOrder: "random" }],
  ["a knob of the wrong type", "set-knobs", { searchPerSecond: "5" }],
  ["an unknown fault", "add-fault", { kind: "earthquake" }],
  ["an unknown type", "create", { type: "spaceships" }],
  ["a value that is no text", "create", { type: "contacts", properties: { city: {} } }],
  ["a missing number", "advance-clock", {}],
])("%s is refused with a message", async (_, name, body) => {
  const answer = await admin(await startTestApi(), name, body);
  expect(answer).toMatchObject({ status: 400, ok: false, message: expect.stringMatching(/\w/) });
});

test("the log tells family, rows, inputs and app; bodies only when asked for, and never those of OAuth", async () => {
  const { search, batchRead, get, post, control } = await startTestApi({ portal: { contacts: 5 }, logBodies: true });
  const ids = control.records({ type: "contacts" }).map(({ id }) => id);
  await search({ limit: 3 });
  await batchRead([...ids, "5"]);
  await get("/crm/v3/owners?limit=2");
  await post("/oauth/v3/token", { grant_type: "refresh_token", refresh_token: "x" });
  expect(control.requests()).toMatchObject([
    { family: "search", rows: 3, body: { limit: 3 }, app: "private-app-1", status: 200 },
    { family: "batch-read", rows: 5, inputs: 6, status: 207 },
    { family: "owners", rows: 2, query: "?limit=2" },
    { family: "oauth", status: 400, body: undefined },
  ]);
  expect(control.counts()).toMatchObject({
    rows: { search: 3, "batch-read": 5 },
    statuses: { 200: 2, 207: 1, 400: 1 },
  });
});

test("the log keeps the latest and can be switched off", async () => {
  const { get, control } = await startTestApi({ requestLogSize: 3 });
  for (let index = 0; index < 10; index += 1) await get("/crm/v3/owners");
  expect(control.requests().map((entry) => entry.number)).toEqual([8, 9, 10]);
  control.setKnobs({ requestLogSize: 0 });
  await get("/crm/v3/owners");
  expect(control.requests()).toEqual([]);
  expect(control.counts().requests).toBe(11);
});

test("answers are dated by the server's own clock, refusals and faults too", async () => {
  const { control, get } = await startTestApi();
  const dateOf = async (path: string): Promise<string | null> => (await get(path)).headers.get("date");
  expect(await dateOf("/crm/v3/objects/contacts")).toBe("Sun, 22 Nov 2026 12:00:00 GMT");
  control.advanceClock(90_000);
  expect(await dateOf("/crm/v3/nowhere")).toBe("Sun, 22 Nov 2026 12:01:30 GMT");
  control.addFault({ kind: "server-error" });
  expect(await dateOf("/crm/v3/objects/contacts")).toBe("Sun, 22 Nov 2026 12:01:30 GMT");
});
