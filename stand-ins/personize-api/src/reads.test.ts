import { expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

const people = [
  { email: "ada@example.com", first_name: "Ada", tags: ["vip", "math"], notes: "Likes strong tea. Hates spam." },
  { email: "bob@example.com", first_name: "Bob", tags: ["vip"], notes: "Likes coffee." },
  { email: "eve@example.org", first_name: null, tags: null },
];

async function startWithPeople(): Promise<TestApi> {
  const api = await startTestApi({ landingDelayMs: 0, organizations: [{ plan: "pro" }] });
  await api.save(people);
  return api;
}

async function find(api: TestApi, condition: object, extra: object = {}): Promise<string[]> {
  const answer = await api.post("/api/v1/search", { groups: [{ conditions: [condition] }], ...extra });
  const keys = answer.at("data.crmKeys");
  return Object.values(keys ?? {}).map((value: { email: string }) => value.email.slice(0, 3));
}

test.each([
  ["EQ", "first_name", "Ada", ["ada"]],
  ["EQUALS", "First Name", "Ada", ["ada"]],
  ["NEQ", "first_name", "Ada", ["bob", "eve"]],
  ["NOT_EQUALS", "first_name", "Ada", ["bob", "eve"]],
  ["CONTAINS", "tags", "math", ["ada"]],
  ["CONTAINS", "first_name", "O", ["bob"]],
  ["NOT_CONTAINS", "tags", "math", ["bob", "eve"]],
  ["STARTS_WITH", "first_name", "a", ["ada"]],
  ["GT", "first_name", "Ada", ["bob"]],
  ["GTE", "first_name", "Ada", ["ada", "bob"]],
  ["LT", "first_name", "Bob", ["ada"]],
  ["LTE", "first_name", "Bob", ["ada", "bob"]],
  ["IS_SET", "first_name", undefined, ["ada", "bob"]],
  ["IS_NOT_SET", "tags", undefined, ["eve"]],
  ["IN", "first_name", ["Ada", "Zoe"], ["ada"]],
  ["EQ", "email", "bob@example.com", ["bob"]],
] as const)("search %s on %s", async (operator, property, value, expected) => {
  const api = await startWithPeople();
  for (const name of ["property", "field", "propertyName"]) {
    expect(await find(api, { [name]: property, operator, value })).toEqual(expected);
  }
});

test.each(["equals", "eq", "BETWEEN", "like"])(
  "search refuses the operator %s of another dialect",
  async (operator) => {
    const { post } = await startTestApi();
    const refused = await post("/api/v1/search", { groups: [{ conditions: [{ property: "x", operator, value: 1 }] }] });
    expect([refused.status, refused.at("error")]).toEqual([400, "INVALID_CONDITION"]);
  },
);

test("numbers and dates are compared as what they are", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const entry = (sourceField: string) => ({ sourceField, collectionName: "Contacts Standard Schema" });
  await post("/api/v1/batch-memorize", {
    mapping: {
      email: "email",
      properties: { lifetime_value: entry("value"), signed_up_at: entry("at") },
    },
    rows: [
      { email: "a@example.com", value: 9, at: "2026-01-01T00:00:00+02:00" },
      { email: "b@example.com", value: "10.5", at: "2026-01-01T00:00:00Z" },
    ],
  });
  const count = async (property: string, operator: string, value: unknown) =>
    (await post("/api/v1/search", { countOnly: true, groups: [{ conditions: [{ property, operator, value }] }] })).at(
      "data.totalMatched",
    );
  expect(await count("lifetime_value", "GT", 9)).toBe(1);
  expect(await count("signed_up_at", "GTE", "2025-12-31T23:00:00Z")).toBe(1);
  expect(control.counts().records).toBe(2);
});

test("conditions of a group are ANDed unless it says OR; groups are ORed", async () => {
  const { post } = await startWithPeople();
  const ada = { property: "first_name", operator: "EQ", value: "Ada" };
  const bob = { property: "first_name", operator: "EQ", value: "Bob" };
  const count = async (groups: object[]) => (await post("/api/v1/search", { groups })).at("data.totalMatched");
  expect(await count([{ conditions: [ada, bob] }])).toBe(0);
  expect(await count([{ logic: "OR", conditions: [ada, bob] }])).toBe(2);
  expect(await count([{ conditions: [ada] }, { conditions: [bob] }])).toBe(2);
});

test("search ignores the case of type, spans all types without one, and takes any identifier", async () => {
  const { post } = await startWithPeople();
  const count = async (body: object) => (await post("/api/v1/search", body)).at("data.totalMatched");
  expect(await count({ type: "CONTACT" })).toBe(3);
  expect(await count({ type: "company" })).toBe(0);
  expect(await count({})).toBe(3);
  expect(await count({ email: " ADA@example.com" })).toBe(1);
  expect(await count({ email: "ada@example.com", type: "company" })).toBe(0);
  const ids = (await post("/api/v1/search", { email: "ada@example.com" })).at("data.recordIds.0");
  expect(await count({ recordId: ids })).toBe(1);
});

test("search pages, counts, and returns records and memories when asked", async () => {
  const { post, get } = await startWithPeople();
  const second = await post("/api/v1/search", { page: 2, pageSize: 2 });
  expect(second.at("data")).toMatchObject({ totalMatched: 3, page: 2, pageSize: 2, totalPages: 2 });
  expect(second.at("data.recordIds")).toHaveLength(1);
  expect(second.at("data.records")).toBeUndefined();
  expect((await post("/api/v1/search", { countOnly: true })).at("data.recordIds")).toEqual([]);
  expect((await post("/api/v1/search", { pageSize: 5000 })).at("data.pageSize")).toBe(200);
  expect((await post("/api/v1/search", { page: 0 })).status).toBe(400);

  const full = await post("/api/v1/search", { email: "ada@example.com", returnRecords: true, includeMemories: true });
  const id = String(full.at("data.recordIds.0"));
  expect(full.at(`data.crmKeys.${id}`)).toEqual({ type: "contact", email: "ada@example.com" });
  expect(full.at(`data.records.${id}.first_name.value`)).toBe("Ada");
  expect(full.at(`data.memories.${id}`)).toHaveLength(2);

  const collections = await get("/api/v1/collections?limit=100");
  const actions = collections.at("data.actions");
  const generated = JSON.stringify(actions).match(/"collectionId":"([^"]+)","collectionName":"Generated Content"/)?.[1];
  expect((await post("/api/v1/search", { collectionIds: [generated] })).at("data.totalMatched")).toBe(3);
  expect((await post("/api/v1/search", { collectionIds: ["elsewhere"] })).at("data.totalMatched")).toBe(0);
});

test("filterByProperty has operators of its own", async () => {
  const { post } = await startWithPeople();
  const filter = (conditions: object[], extra: object = {}) =>
    post("/api/v1/memory/filter-by-property", { conditions, ...extra });
  const answer = await filter([{ propertyName: "first_name", operator: "equals", value: "Ada" }]);
  expect(answer.at("data.records.0.matchedProperties")).toEqual({ first_name: "Ada" });
  const first = await filter([{ propertyName: "email", operator: "exists" }], { limit: 2 });
  expect(first.at("data.totalMatched")).toBe(3);
  const rest = await filter([{ propertyName: "email", operator: "exists" }], {
    limit: 2,
    nextToken: first.at("data.nextToken"),
  });
  expect(rest.at("data.records")).toHaveLength(1);
  expect((await filter([{ propertyName: "first_name", operator: "EQ", value: "Ada" }])).status).toBe(400);
});

test("recall needs nothing, or a type where the knob says so", async () => {
  const { post, control } = await startWithPeople();
  const open = await post("/api/v1/recall", { query: "tea", limit: 5 });
  expect(open.at("data.memories.0.text")).toBe("Likes strong tea.");
  expect(open.at("data.memoryCount")).toBe(1);
  control.setKnobs({ recallRequiresType: true });
  expect((await post("/api/v1/recall", { query: "tea" })).status).toBe(400);
  expect((await post("/api/v1/recall", { query: "tea", type: "Contact" })).at("data.memoryCount")).toBe(1);
  expect((await post("/api/v1/recall", { query: "tea", type: "company" })).at("data.memoryCount")).toBe(0);
  const one = await post("/api/v1/recall", { query: "likes", type: "contact", email: "bob@example.com" });
  expect(one.at("data.memories")).toHaveLength(1);
  expect(one.at("data.recordId")).toMatch(/^REC#/);
});

test("smartRecall scores by shared words, and type alone narrows nothing", async () => {
  const { post } = await startWithPeople();
  const deep = await post("/api/v1/smart-recall", { query: "likes strong tea", type: "company" });
  expect(deep.at("data.results.0")).toMatchObject({ text: "Likes strong tea.", score: 1 });
  expect(deep.at("data.results.1")).toMatchObject({ text: "Likes coffee.", score: 0.3333 });
  expect((await post("/api/v1/smart-recall", { query: "likes a b c" })).at("data.results")).toHaveLength(2);
  expect((await post("/api/v1/smart-recall", { query: "likes a b c", mode: "fast" })).at("data.results")).toEqual([]);
  const rich = await post("/api/v1/smart-recall", {
    query: "tea",
    include_property_values: true,
    generate_answer: true,
    limit: 1,
  });
  expect(rich.at("data.results.0.properties.first_name")).toBe("Ada");
  expect(rich.at("data.answer")).toBe("Likes strong tea.");
  expect((await post("/api/v1/smart-recall", {})).status).toBe(400);
});

test("smartDigest keeps to its budget and needs an identifier of a record that is there", async () => {
  const { post, control } = await startWithPeople();
  const digest = (body: object) => post("/api/v1/smart-memory-digest", body);
  const full = await digest({ email: "ADA@example.com", type: "Contact" });
  expect(full.at("data.properties")).toMatchObject({ first_name: "Ada", tags: ["vip", "math"] });
  expect(full.at("data.memories")).toMatchObject([{ text: "Likes strong tea." }, { text: "Hates spam." }]);
  expect(full.at("data.tokenBudget")).toBe(1000);
  expect(full.at("data.compiledContext")).toContain("Likes strong tea.");
  const small = await digest({ email: "ada@example.com", token_budget: 12, max_memories: 1 });
  expect(small.at("data.memories")).toHaveLength(1);
  expect(Number(small.at("data.tokenEstimate"))).toBeLessThanOrEqual(12);
  const bare = await digest({ email: "ada@example.com", include_properties: false, include_memories: false });
  expect(bare.at("data")).toMatchObject({ properties: {}, memories: [] });
  expect((await digest({ type: "contact" })).at("message")).toBe("could not resolve recordId");
  expect((await digest({ email: "nobody@example.com" })).at("error")).toBe("RECORD_NOT_FOUND");
  control.setKnobs({ digestUnknownRecord: "empty" });
  expect((await digest({ email: "nobody@example.com" })).at("data.recordId")).toBeNull();
});

test("unified retrieve filters with its wider operators and its own shape", async () => {
  const { post } = await startWithPeople();
  const answer = await post("/api/v1/retrieve", {
    filters: {
      crmFilter: { type: "contact" },
      groups: [{ conditions: [{ field: "first_name", operator: "ENDS_WITH", value: "da" }] }],
      returnRecords: true,
    },
  });
  expect(answer.at("data.pagination.totalMatched")).toBe(1);
  expect(answer.at("data.records.0")).toMatchObject({
    entity_type: "contact",
    crm_keys: { email: "ada@example.com" },
    properties: { first_name: { Result: "Ada" }, tags: { History: [{ Value: "vip" }, { Value: "math" }] } },
  });
  const semantic = await post("/api/v1/retrieve", { query: "coffee" });
  expect(semantic.at("data.results.0.text")).toBe("Likes coffee.");
});
