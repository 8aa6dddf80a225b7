import { expect, test } from "vitest";
import { START_MS, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

async function admin(api: TestApi, name: string, body: object = {}) {
  const response = await fetch(`${api.url}/__admin/${name}`, { method: "POST", body: JSON.stringify(body) });
  const answer: { ok: boolean; result?: unknown; message?: string } = JSON.parse(await response.text());
  return { status: response.status, ...answer };
}

function runner(api: TestApi) {
  return async (name: string, body: object = {}) => {
    const answer = await admin(api, name, body);
    if (!answer.ok) throw new Error(answer.message);
    return answer.result;
  };
}

test("a separate process can change an org without a token", async () => {
  const api = await startTestApi();
  const run = runner(api);
  const id = await run("create", { object: "Account", values: { Name: "a", AnnualRevenue: 5 } });
  const old = await run("create", { object: "Account", values: { Name: "b" }, atMs: 1_600_000_000_500 });
  const late = await run("create", { object: "Account", values: { Name: "c" }, delayMs: 5000 });
  expect(await run("row", { id: late })).toMatchObject({ state: "gone" });
  await run("settle-commits");
  expect(await run("row", { id: late })).toMatchObject({ state: "live" });
  expect(await run("row", { id: old })).toMatchObject({ stampMs: 1_600_000_000_000 });
  await run("advance-clock", { durationMs: 1000 });
  await run("update", { id, values: { Phone: "1" }, touch: "system" });
  expect(await run("row", { id })).toMatchObject({
    stampMs: START_MS + 1000,
    modifiedMs: START_MS,
    values: { Phone: "1", AnnualRevenue: 5 },
  });
  expect(await run("update-many", { object: "Account", values: { Phone: "2" } })).toBe(3);
  expect(await run("update-many", { object: "Account", ids: [id], values: { Phone: null }, touch: "none" })).toBe(1);
  await run("delete", { id });
  expect(await run("rows", { object: "Account", state: "deleted", fields: ["Name"] })).toMatchObject({
    items: [{ id, values: { Name: "a" } }],
    nextOffset: null,
  });
  await run("undelete", { id });
  await run("merge", { winnerId: id, loserIds: [old] });
  expect(await run("row", { id: old })).toMatchObject({ masterId: id, state: "deleted" });
  await run("purge", { id: late });
  expect(await run("row", { id: "001000000000000AAA" })).toBeNull();
  await run("trim-deleted-log", { object: "Account", beforeMs: START_MS + 10_000 });
  await run("define-field", {
    object: "Account",
    name: "Tier__c",
    type: "picklist",
    picklistValues: ["Gold"],
    values: ["Gold"],
  });
  await run("deactivate-picklist-value", { object: "Account", field: "Tier__c", value: "Gold" });
  await run("remove-field", { object: "Account", field: "Tier__c" });
  expect(
    await run("define-object", { name: "Boat", rows: 2, fields: ["Colour__c", { name: "Size__c", type: "double" }] }),
  ).toBe("Boat__c");
  expect(api.control.counts().objects).toMatchObject({
    Account: { live: 1, deleted: 1 },
    Boat__c: { live: 2, deleted: 0 },
  });
});

test("and steer clock, knobs, faults, apps, users and usage", async () => {
  const api = await startTestApi();
  const run = runner(api);
  await run("set-knobs", { commitDelayMs: { minMs: 5, maxMs: 9 } });
  await run("create", { object: "Account", values: {} });
  expect(await run("counts")).toMatchObject({ pendingCommits: 1 });
  const fault = await run("add-fault", { kind: "server-error", path: "/limits", status: 502 });
  expect((await api.get("/limits")).status).toBe(502);
  expect(await run("faults")).toMatchObject([{ id: fault, hits: 1 }]);
  await run("remove-fault", { id: fault });
  await run("add-fault", { kind: "job-fails", errorMessage: null });
  await run("clear-faults");
  await run("add-app", { clientId: "second", clientSecret: "s", refreshToken: "r" });
  const second = await api.oauth({
    grant_type: "refresh_token",
    client_id: "second",
    client_secret: "s",
    refresh_token: "r",
  });
  expect(second.status).toBe(200);
  await run("revoke-token", { token: "r" });
  await run("set-user", { hiddenObjects: ["Lead"], viewAllData: false });
  expect((await api.get("/sobjects/Lead/describe")).status).toBe(404);
  await run("set-usage", { requests: 42 });
  expect(await run("usage")).toMatchObject({ requests: 42 });
  expect(await run("requests", { family: "limits" })).toMatchObject({
    items: [{ status: 502, user: "sync@acme.example", faults: ["server-error"] }],
  });
  await run("forget-locators");
  await run("expire-sessions");
  expect((await api.get("/limits")).status).toBe(401);
  await run("revoke-all");
  await run("set-clock-offset", { offsetMs: 60_000 });
  expect(await run("now")).toBe(START_MS + 60_000);
  await run("reset");
  expect(api.control.counts()).toMatchObject({
    requests: 0,
    objects: { User: { live: 5 } },
    statuses: {},
    pendingCommits: 0,
  });
  expect(await run("knobs")).toMatchObject({ commitDelayMs: 0 });
  expect(await run("now")).toBe(START_MS);
  expect((await api.oauth({ grant_type: "client_credentials" })).status).toBe(200);
});

test("dumps page by 1,000, and stream as JSON lines", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 2500 } } });
  const ids: string[] = [];
  let offset: number | null = 0;
  while (offset !== null) {
    const { result } = await admin(api, "rows", { object: "Contact", fields: ["Email"], offset });
    const page: { items: { id: string; values: object }[]; nextOffset: number | null } = JSON.parse(
      JSON.stringify(result),
    );
    expect(page.items.length).toBeLessThanOrEqual(1000);
    expect(Object.keys(page.items[0]?.values ?? {})).toEqual(["Email"]);
    ids.push(...page.items.map((item) => item.id));
    offset = page.nextOffset;
  }
  expect(new Set(ids).size).toBe(2500);
  const stream = await fetch(`${api.url}/__admin/rows`, {
    method: "POST",
    body: JSON.stringify({ stream: true, object: "Contact" }),
  });
  const lines = (await stream.text()).trim().split("\n");
  expect(lines.map((line) => JSON.parse(line).id)).toEqual(ids);
});

test.each([
  ["an unknown route", "dance", {}],
  ["an unknown knob", "set-knobs", { warpFactor: 9 }],
  ["an unknown knob value", "set-knobs", { unordered: "random" }],
  ["a knob of the wrong type", "set-knobs", { dailyRequests: "5" }],
  ["a delay that is none", "set-knobs", { commitDelayMs: { minMs: 5 } }],
  ["text for a number that may be null", "set-knobs", { queryTimeoutRows: "many" }],
  ["an unknown fault", "add-fault", { kind: "earthquake" }],
  ["an unknown object", "create", { object: "Spaceship" }],
  ["an unknown field", "create", { object: "Account", values: { Warp: 1 } }],
  ["a value that is no value", "create", { object: "Account", values: { Name: {} } }],
  ["an unknown row", "delete", { id: "001000000000000AAA" }],
  ["a row that cannot be merged", "merge", { winnerId: "005Hp00000a001T", loserIds: [] }],
  ["an unknown user", "set-user", { username: "nobody" }],
  ["an unknown field type", "define-field", { object: "Account", name: "X__c", type: "hologram" }],
  ["a missing number", "advance-clock", {}],
])("%s is refused with a message", async (_, name, body) => {
  const answer = await admin(await startTestApi(), name, body);
  expect(answer).toMatchObject({ status: 400, ok: false, message: expect.stringMatching(/\w/) });
});

test("the log tells family, rows, user and code; bodies only when asked for, and never those of logins", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 5 } }, logBodies: true });
  await api.query("SELECT Id FROM Contact LIMIT 3");
  await api.createJob("SELECT Id FROM Nope");
  expect(api.control.requests()).toMatchObject([
    { family: "login", status: 200, body: undefined, user: undefined },
    { family: "query", rows: 3, status: 200, user: "sync@acme.example", errorCode: undefined },
    { family: "bulk", rows: 0, status: 400, errorCode: "INVALID_TYPE", body: { operation: "query" } },
  ]);
  expect(api.control.counts()).toMatchObject({
    rows: { query: 3 },
    calls: { login: 1, query: 1, bulk: 1 },
    statuses: { 200: 2, 400: 1 },
    errorCodes: { INVALID_TYPE: 1 },
  });
});

test("the log keeps the latest and can be switched off", async () => {
  const api = await startTestApi({ requestLogSize: 3 });
  for (let index = 0; index < 10; index += 1) await api.get("/limits");
  expect(api.control.requests().map((entry) => entry.number)).toEqual([9, 10, 11]);
  expect(api.control.requests({ afterNumber: 9, limit: 1 }).map((entry) => entry.number)).toEqual([10]);
  api.control.setKnobs({ requestLogSize: 0 });
  await api.get("/limits");
  expect(api.control.requests()).toEqual([]);
  expect(api.control.counts().requests).toBe(12);
});

test("a method that a path does not have is 405, and says which it has", async () => {
  const api = await startTestApi();
  const refused = await api.send("POST", "/limits", {});
  expect([refused.status, refused.code, refused.headers.get("allow")]).toEqual([405, "METHOD_NOT_ALLOWED", "GET"]);
  const login = await fetch(`${api.url}/services/oauth2/token`);
  expect(login.status).toBe(405);
});
