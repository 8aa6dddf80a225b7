import { expect, test } from "vitest";
import { listAll, startTestApi } from "./__fixtures__/start-test-api.ts";

const path = "/crm/v3/objects/contacts";

test("pages of 100 by ascending id reach every record once; the end has no paging", async () => {
  const api = await startTestApi({ portal: { contacts: 1050 } });
  const { ids, calls } = await listAll(api, `${path}?limit=100`);
  expect(calls).toBe(11);
  expect(new Set(ids).size).toBe(1050);
  expect(ids).toEqual(ids.toSorted((left, right) => Number(left) - Number(right)));
  expect(ids).toEqual(api.control.records({ type: "contacts" }).map(({ id }) => id));
});

test("ids differ in length and do not follow the order of creation", async () => {
  const api = await startTestApi({ portal: { contacts: 500 } });
  const records = api.control.records({ type: "contacts", properties: [] });
  expect(new Set(records.map(({ id }) => id.length)).size).toBeGreaterThan(2);
  const created = records.map(({ createdAtMs }) => createdAtMs);
  expect(created).not.toEqual(created.toSorted((left, right) => left - right));
  const largest = Math.max(...records.map(({ id }) => Number(id)));
  const newer = Array.from({ length: 40 }, () => Number(api.control.create("contacts", {})));
  expect(newer.some((id) => id < largest)).toBe(true);
});

test("a record created behind the cursor of a running list is not seen by it", async () => {
  const { get, control } = await startTestApi();
  for (const id of ["100", "200", "300"]) control.create("contacts", {}, { id });
  const first = await get(`${path}?limit=2`);
  expect(first.at("paging.next.after")).toBe("300");
  control.create("contacts", {}, { id: "150" });
  expect((await get(`${path}?limit=2&after=300`)).each("results", "id")).toEqual(["300"]);
});

test("the default limit is 10; more than 100 is 400, or clamped", async () => {
  const { get, control } = await startTestApi({ portal: { contacts: 150 } });
  expect((await get(path)).each("results", "id")).toHaveLength(10);
  const refused = await get(`${path}?limit=101`);
  expect([refused.status, refused.at("category")]).toEqual([400, "VALIDATION_ERROR"]);
  control.setKnobs({ overLimit: "clamp" });
  expect((await get(`${path}?limit=101`)).each("results", "id")).toHaveLength(100);
});

test("with history the limit is 50", async () => {
  const { get } = await startTestApi({ portal: { contacts: 60 } });
  expect((await get(`${path}?limit=51&propertiesWithHistory=email`)).status).toBe(400);
  const page = await get(`${path}?limit=50&propertiesWithHistory=email`);
  expect(page.each("results", "propertiesWithHistory.email.0.sourceType")).toHaveLength(50);
});

test("properties as a comma list or repeated; the id and both dates come unasked, undefined names are dropped", async () => {
  const { get } = await startTestApi({ portal: { contacts: 1 } });
  for (const query of ["properties=email,city,nope", "properties=email&properties=city&properties=nope"]) {
    const page = await get(`${path}?${query}`);
    expect(Object.keys(page.at("results.0.properties") ?? {}).toSorted()).toEqual([
      "city",
      "createdate",
      "email",
      "hs_object_id",
      "lastmodifieddate",
    ]);
  }
  const page = await get(path);
  expect(page.at("results.0.properties.hs_object_id")).toBe(page.at("results.0.id"));
  expect(page.at("results.0.properties.lastmodifieddate")).toBe(page.at("results.0.updatedAt"));
  expect(page.at("results.0.url")).toMatch(/\/4242\/record\/0-1\/\d+$/);
  expect(page.at("results.0.properties")).toHaveProperty("firstname");
});

test("archived=true lists the archived ones only, with archivedAt, until 90 days have passed", async () => {
  const api = await startTestApi({ portal: { contacts: 40 } });
  const { get, control } = api;
  const [first, second] = control.records({ type: "contacts" }).map(({ id }) => id);
  control.archive("contacts", first ?? "");
  control.advanceClock(86_400_000);
  control.archive("contacts", second ?? "");
  const { ids } = await listAll(api, `${path}?limit=1&archived=true`);
  expect(ids).toEqual([first, second]);
  expect((await listAll(api, `${path}?limit=100`)).ids).toHaveLength(38);
  const page = await get(`${path}?archived=true`);
  expect([page.at("results.0.archived"), page.at("results.0.archivedAt")]).toEqual([true, "2026-11-22T12:00:00.000Z"]);
  control.advanceClock(89 * 86_400_000);
  expect((await listAll(api, `${path}?limit=100&archived=true`)).ids).toEqual([second]);
});

test("engagements may refuse to list archived ones", async () => {
  const { get } = await startTestApi({ engagementArchivedList: "reject" });
  expect((await get("/crm/v3/objects/notes?archived=true")).status).toBe(400);
  expect((await get("/crm/v3/objects/deals?archived=true")).status).toBe(200);
});

test("thinned pages hold fewer records, even none, and go on all the same", async () => {
  const api = await startTestApi({ listPages: "thinned" });
  for (let id = 1; id <= 30; id += 1) api.control.create("contacts", {}, { id: String(id) });
  for (let id = 11; id <= 25; id += 1) api.control.archive("contacts", String(id));
  const { ids, sizes } = await listAll(api, `${path}?limit=10`);
  expect(sizes).toEqual([10, 0, 5]);
  expect(ids).toHaveLength(15);
});

test("the link names the production host and forgets the query", async () => {
  const { get } = await startTestApi({ portal: { contacts: 20 } });
  const link = String((await get(`${path}?limit=10&properties=email`)).at("paging.next.link"));
  expect(link).toMatch(/^https:\/\/api\.hubapi\.com\/crm\/v3\/objects\/contacts\?after=\d+$/);
});

test.each(["abc", "-1", "1.5"])("after=%s is 400", async (after) => {
  const { get } = await startTestApi();
  expect((await get(`${path}?after=${after}`)).status).toBe(400);
});
