import { startPersonizeApi } from "@acme/personize-api";
import { expect, onTestFinished, test } from "vitest";
import { Personize } from "./index.ts";

type Options = Parameters<typeof startPersonizeApi>[0];

async function start(options: Options = {}) {
  const api = await startPersonizeApi({
    landingDelayMs: 0,
    organizations: [{ id: "org_test", plan: "unlimited" }],
    ...options,
  });
  onTestFinished(() => api.close());
  return { api, client: new Personize({ secretKey: "sk_test_demo", baseURL: api.url, retryDelay: 1 }) };
}

const properties = {
  first_name: { sourceField: "name", collectionName: "Contacts Standard Schema" },
  notes: { sourceField: "notes", collectionName: "Generated Content", extractMemories: true },
};
const ada = {
  source: "test",
  mapping: { entityType: "contact", email: "email", properties },
  rows: [{ email: "ada@example.com", name: "Ada", notes: "Likes tea." }],
};

test("me and test resolve to the envelope", async () => {
  const { client } = await start({ organizations: [{ id: "org_test", plan: "free" }] });
  const me = await client.me();
  expect(me.success).toBe(true);
  expect(me.data.plan.limits).toEqual({ maxApiCallsPerMinute: 60, maxApiCallsPerMonth: 10_000 });
  expect((await client.test()).data.organizationId).toBe("org_test");
});

test("collections.list is an array of flat items that also carries actions, count and nextToken", async () => {
  const { client } = await start();
  const first = (await client.collections.list()).data;
  expect(Array.isArray(first)).toBe(true);
  expect(first.map((item) => item.id)).toEqual(first.actions.map((action) => action.payload.collectionId));
  expect(first[0]).toMatchObject({ name: first.actions[0]?.payload.collectionName, slug: expect.any(String) });
  expect(first[0]?.properties?.[0]?.systemName).toBeTypeOf("string");
  expect([first.length, first.count]).toEqual([25, 25]);
  const nextToken = first.nextToken ?? "";
  const second = (await client.collections.list({ nextToken })).data;
  expect(second.nextToken).toBeUndefined();
  const names = [...first, ...second].map((item) => item.name);
  expect(names).toContain("Generated Content");
  expect(new Set(names).size).toBe(names.length);
});

test("collections can be created, changed, looked back on and deleted", async () => {
  const { client } = await start();
  const created = await client.collections.create({
    collectionName: "Deals",
    entityType: "deal",
    properties: [{ propertyName: "Stage" }],
  });
  const id = created.data.payload.collectionId;
  await client.collections.update(id, { properties: [{ propertyName: "Amount", type: "number" }] });
  expect((await client.collections.history(id)).success).toBe(true);
  expect((await client.entityTypes.list()).data.map((type) => type.entityType)).toContain("deal");
  expect((await client.collections.delete(id)).success).toBe(true);
});

test("a batch is written, followed by its event, and read back every way", async () => {
  const { client } = await start();
  const accepted = await client.memory.memorizeBatch(ada);
  const event = await client.client.get(`/api/v1/events/${accepted.data.eventId ?? ""}`);
  expect(event.data.data.status).toBe("completed");
  expect(event.headers["sunset"]).toBeTypeOf("string");

  const found = (await client.memory.search({ type: "Contact", returnRecords: true })).data;
  expect(found.totalMatched).toBe(1);
  expect(found.map((item) => item.recordId)).toEqual(found.recordIds);
  expect(found[0]).toMatchObject({ email: "ada@example.com", properties: { first_name: { value: "Ada" } } });

  const recalled = (await client.memory.recall({ query: "tea", limit: 3 })).data;
  expect(recalled.map((memory) => memory.text)).toEqual(["Likes tea."]);
  expect(recalled.memories).toHaveLength(1);
  expect(recalled.memoryCount).toBe(1);

  expect((await client.memory.smartRecall({ query: "tea" })).data.results[0]?.score).toBe(1);
  const digest = await client.memory.smartDigest({ email: "ada@example.com", type: "contact" });
  expect(digest.data.properties["first_name"]).toBe("Ada");
  expect((await client.memory.retrieveDigest({ email: "ada@example.com" })).data.recordId).toBe(digest.data.recordId);
  expect((await client.analytics.credits()).data).toEqual({ balance: 99_999, included: 100_000 });
});

test("single writes, upserts and changes of a record work end to end", async () => {
  const { client, api } = await start();
  const email = "ada@example.com";
  await client.memory.memorize({ email, content: "Likes tea." });
  await client.memory.upsert({
    email,
    type: "contact",
    collectionName: "Contacts Standard Schema",
    properties: { first_name: "Ada" },
  });
  const recordId = api.control.record({ email })?.recordId ?? "";
  const updated = await client.memory.update({ recordId, propertyName: "first_name", propertyValue: "A" });
  expect(updated.data).toMatchObject({ previousValue: "Ada", newValue: "A", version: 2 });
  await client.memory.bulkUpdate({ updates: [{ recordId, propertyName: "city", propertyValue: "London" }] });
  expect((await client.memory.properties({ recordId })).data.properties["city"]?.value).toBe("London");
  expect((await client.memory.propertyHistory({ recordId, propertyName: "first_name" })).success).toBe(true);
  const filtered = await client.memory.filterByProperty({
    conditions: [{ propertyName: "first_name", operator: "equals", value: "A" }],
  });
  expect(filtered.data.totalMatched).toBe(1);
  await client.memory.updateKeys({ recordId, keys: { crm_id: "7" } });
  await client.memory.updateKeysBatch({ records: [{ recordId, keys: [{ keyName: "erp_id", keyValue: "8" }] }] });
  await client.memory.deleteKeys({ recordId, keys: { erp_id: "8" } });
  expect((await client.memory.listKeys({ recordId })).success).toBe(true);
  expect(api.control.record({ recordId })?.keys).toEqual({ email, crm_id: "7" });
  await client.memory.delete({ recordId });
  expect(api.control.record({ recordId })?.memories).toEqual([]);
  await client.memory.deleteRecord({ recordId, type: "contact" });
  expect(api.control.counts().records).toBe(0);
  await client.memory.cancelDeletion({ recordId });
  expect(api.control.counts().records).toBe(1);
  expect((await client.retrieve({ filters: { crmFilter: { recordId } } })).success).toBe(true);
});

test("v1_1.memory speaks the newer paths only", async () => {
  const { client, api } = await start({ v1: "gone" });
  const { memory } = client.v1_1;
  await memory.saveBatch(ada);
  const flagged = { notes: { sourceField: "notes", collectionName: "Generated Content", extract: true } };
  await memory.import({
    mapping: { entityType: "contact", email: "email", properties: flagged },
    rows: [{ email: "bob@example.com", notes: "Likes coffee." }],
  });
  await memory.save({ email: "eve@example.com", content: "Likes water.", shape: "shortform" });
  expect(api.control.counts().memories).toBe(3);
  expect((await memory.search({})).data).toHaveLength(3);
  expect((await memory.smartDigest({ email: "ada@example.com" })).data.properties["first_name"]).toBe("Ada");
  const { recordId } = (await memory.retrieveDigest({ email: "ada@example.com" })).data;
  const id = recordId ?? "";
  await memory.upsert({
    type: "contact",
    matchKeys: { email: "ada@example.com" },
    properties: { city: { value: "London", collectionName: "Contacts Standard Schema" } },
  });
  await memory.update({ recordId: id, propertyName: "first_name", propertyValue: "A" });
  await memory.bulkUpdate({ updates: [{ recordId: id, propertyName: "country", propertyValue: "GB" }] });
  expect((await memory.properties({ recordId: id })).data.properties["city"]?.value).toBe("London");
  const filter = { conditions: [{ propertyName: "country", operator: "equals", value: "GB" }] };
  expect((await memory.filterByProperty(filter)).data.totalMatched).toBe(1);
  expect((await memory.manage.get(id)).success).toBe(true);
  expect((await memory.propertyHistory(id, "first_name")).success).toBe(true);
  expect((await memory.retrieve({ query: "tea" })).success).toBe(true);
  await memory.deleteRecord({ recordId: id, type: "contact" });
  await memory.cancelDeletion({ recordId: id });
  await memory.delete({ recordId: id });
  expect(api.control.requests().every((entry) => entry.path.startsWith("/api/v1.1/") && entry.status < 300)).toBe(true);
});

test("rows go out in one call whatever their number; records are cut into calls of 500", async () => {
  const { client, api } = await start();
  const rows = Array.from({ length: 1200 }, (_, index) => ({ email: `user${index}@example.com` }));
  await client.memory.memorizeBatch({ mapping: { entityType: "contact", email: "email", properties: {} }, rows });
  expect(api.control.requests().map((entry) => entry.rows)).toEqual([1200]);
  await client.memory.memorizeBatch({ records: rows.map((row) => ({ ...row, content: "Text." })) });
  expect(api.control.requests().map((entry) => entry.rows)).toEqual([1200, 500, 500, 200]);
});

test("defaults are the documented ones, and the environment is not read", async () => {
  process.env["PERSONIZE_SECRET_KEY"] = "sk_test_environment";
  onTestFinished(() => {
    delete process.env["PERSONIZE_SECRET_KEY"];
  });
  const { client } = new Personize({ secretKey: "sk_test_mine" });
  expect(client.defaults.baseURL).toBe("https://agent.personize.ai");
  expect(client.defaults.timeout).toBe(30_000);
  expect(JSON.stringify(client.defaults.headers)).toContain("Bearer sk_test_mine");
  expect(() => new Personize({ secretKey: "" })).toThrow("secretKey is required");
});

test("connections are kept open between calls", async () => {
  const { client, api } = await start();
  const startedMs = performance.now();
  for (let index = 0; index < 300; index += 1) await client.me();
  expect(api.control.counts().requests).toBe(300);
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
