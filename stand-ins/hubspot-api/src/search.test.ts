import { describe, expect, test } from "vitest";
import { START_MS, startTestApi, type TestApi, where } from "./__fixtures__/start-test-api.ts";

/** Names of the contacts that pass these filters. */
async function names(api: TestApi, ...filters: readonly object[]): Promise<unknown[]> {
  const answer = await api.search({ filterGroups: [{ filters }], properties: ["firstname"], limit: 200 });
  if (answer.status !== 200) throw new Error(answer.text);
  return answer.sorted("results", "properties.firstname");
}

async function startWithPeople(): Promise<TestApi> {
  const api = await startTestApi();
  const rows = [
    { firstname: "Ada", city: "Aarhus", legacy_score: "9", lifecyclestage: "lead", customer_since: "2020-02-29" },
    { firstname: "Bo", city: "Bologna", legacy_score: "10", lifecyclestage: "customer", customer_since: "2021-01-01" },
    { firstname: "Cy", city: "New Aarhus", legacy_score: "-1.5", lifecyclestage: "lead" },
    { firstname: "Di", city: "", email: "Di@Mail.example" },
  ];
  for (const [index, values] of rows.entries()) {
    api.control.create("contacts", values, { id: String([9, 100, 20, 3000][index]) });
    api.control.advanceClock(1000);
  }
  return api;
}

describe("operators", () => {
  test.each([
    [where("city", "EQ", "aarhus"), ["Ada"]],
    [where("city", "NEQ", "Aarhus"), ["Bo", "Cy", "Di"]],
    [where("legacy_score", "GT", "9"), ["Bo"]],
    [where("legacy_score", "GTE", "9"), ["Ada", "Bo"]],
    [where("legacy_score", "LT", "9"), ["Cy"]],
    [where("legacy_score", "LTE", "9"), ["Ada", "Cy"]],
    [where("legacy_score", "BETWEEN", "-1.5", "9"), ["Ada", "Cy"]],
    [where("city", "IN", ["aarhus", "bologna"]), ["Ada", "Bo"]],
    [where("city", "IN", ["Aarhus"]), []],
    [where("lifecyclestage", "EQ", "lead"), ["Ada", "Cy"]],
    [where("lifecyclestage", "EQ", "Lead"), []],
    [where("lifecyclestage", "NOT_IN", ["lead"]), ["Bo", "Di"]],
    [where("city", "HAS_PROPERTY"), ["Ada", "Bo", "Cy"]],
    [where("city", "NOT_HAS_PROPERTY"), ["Di"]],
    [where("city", "CONTAINS_TOKEN", "aarhus"), ["Ada", "Cy"]],
    [where("city", "CONTAINS_TOKEN", "bolo*"), ["Bo"]],
    [where("city", "NOT_CONTAINS_TOKEN", "aarhus"), ["Bo", "Di"]],
    [where("customer_since", "GTE", "2020-03-01"), ["Bo"]],
    [where("customer_since", "LT", String(Date.UTC(2020, 2, 1))), ["Ada"]],
    [where("lastmodifieddate", "GTE", START_MS + 2000), ["Cy", "Di"]],
    [where("lastmodifieddate", "GT", new Date(START_MS + 2000).toISOString()), ["Di"]],
    [where("lastmodifieddate", "BETWEEN", START_MS, START_MS + 1000), ["Ada", "Bo"]],
    [where("lastmodifieddate", "GTE", `${START_MS + 2000}.9`), ["Cy", "Di"]],
    [where("hs_object_id", "GT", "20"), ["Bo", "Di"]],
    [where("hs_object_id", "IN", ["9", "3000"]), ["Ada", "Di"]],
  ])("%j finds %j", async (filter, expected) => {
    expect(await names(await startWithPeople(), filter)).toEqual(expected);
  });

  test("filters of a group must all hold, groups are alternatives, a bare list of filters is one group", async () => {
    const api = await startWithPeople();
    expect(await names(api, where("lifecyclestage", "EQ", "lead"), where("city", "EQ", "Aarhus"))).toEqual(["Ada"]);
    const groups = [{ filters: [where("city", "EQ", "Aarhus")] }, { filters: [where("city", "EQ", "Bologna")] }];
    expect((await api.search({ filterGroups: groups })).at("total")).toBe(2);
    expect((await api.search({ filters: [where("city", "EQ", "Aarhus")] })).at("total")).toBe(1);
    expect((await api.search({})).at("total")).toBe(4);
  });

  test("query looks into names and addresses", async () => {
    const api = await startWithPeople();
    expect((await api.search({ query: "mail.EXAMPLE" })).at("total")).toBe(1);
    expect((await api.search({ query: "x".repeat(3001) })).status).toBe(400);
  });

  test("by association with a standard type", async () => {
    const { search, control } = await startTestApi();
    const [contact, company] = [control.create("contacts", {}), control.create("companies", {})];
    control.create("contacts", {});
    control.associate("contacts", contact, "companies", company);
    const found = await search({ filters: [where("associations.companies", "EQ", company)] });
    expect(found.each("results", "id")).toEqual([contact]);
    control.dissociate("contacts", contact, "companies", company);
    expect((await search({ filters: [where("associations.companies", "EQ", company)] })).at("total")).toBe(0);
  });
});

describe("order", () => {
  const order = async (api: TestApi, sort: unknown) =>
    (await api.search({ sorts: [sort], properties: ["firstname"] })).each("results", "properties.firstname");

  test("by default oldest creation first, which is not the order of ids", async () => {
    const api = await startWithPeople();
    const answer = await api.search({ properties: ["firstname"] });
    expect(answer.each("results", "properties.firstname")).toEqual(["Ada", "Bo", "Cy", "Di"]);
  });

  test.each([
    [{ propertyName: "legacy_score", direction: "ASCENDING" }, ["Cy", "Ada", "Bo", "Di"]],
    [{ propertyName: "legacy_score", direction: "DESCENDING" }, ["Bo", "Ada", "Cy", "Di"]],
    ["-createdate", ["Di", "Cy", "Bo", "Ada"]],
    ["lastmodifieddate", ["Ada", "Bo", "Cy", "Di"]],
    [{ propertyName: "lastmodifieddate", direction: "DESCENDING" }, ["Di", "Cy", "Bo", "Ada"]],
    [{ propertyName: "hs_object_id", direction: "ASCENDING" }, ["Ada", "Cy", "Bo", "Di"]],
  ])("%j gives %j", async (sort, expected) => {
    expect(await order(await startWithPeople(), sort)).toEqual(expected);
  });

  test("ids may compare as text", async () => {
    const api = await startWithPeople();
    api.control.setKnobs({ idOrder: "text" });
    expect(await order(api, "hs_object_id")).toEqual(["Bo", "Cy", "Di", "Ada"]);
    expect(await names(api, where("hs_object_id", "GT", "3000"))).toEqual(["Ada"]);
  });

  test("a narrow window sorted by id is the same records in another order", async () => {
    const api = await startTestApi({ portal: { contacts: 400 } });
    const all = api.control.records({ type: "contacts", properties: [] });
    const times = all.map(({ modifiedAtMs }) => modifiedAtMs).toSorted((left, right) => left - right);
    const window = where("lastmodifieddate", "BETWEEN", times[10], times[39]);
    const answer = await api.search({ filters: [window], sorts: ["hs_object_id"], limit: 200 });
    const ids = answer.each("results", "id").map(Number);
    expect(ids).toHaveLength(30);
    expect(ids).toEqual(ids.toSorted((left, right) => left - right));
  });
});

describe("pages", () => {
  test("after is an offset, total counts all, the end has no paging", async () => {
    const { search } = await startTestApi({ portal: { contacts: 450 } });
    const first = await search({ limit: 200 });
    expect([first.at("total"), first.at("paging")]).toEqual([450, { next: { after: "200" } }]);
    expect((await search({ limit: 150, after: "300" })).at("paging")).toBeUndefined();
    const last = await search({ limit: 200, after: "400" });
    expect(last.each("results", "id")).toHaveLength(50);
    expect(last.at("paging")).toBeUndefined();
  });

  test("beyond 10,000 is 400, though total counts on", async () => {
    const { search } = await startTestApi({ portal: { contacts: 10_500 } });
    const last = await search({ limit: 200, after: 9800 });
    expect([last.status, last.at("total"), last.at("paging.next.after")]).toEqual([200, 10_500, "10000"]);
    for (const body of [
      { limit: 200, after: "10000" },
      { limit: 200, after: "9801" },
    ]) {
      const refused = await search(body);
      expect([refused.status, refused.at("category")]).toEqual([400, "VALIDATION_ERROR"]);
    }
  });

  test("the default limit is 10; more than 200 is 400, or clamped", async () => {
    const { search, control } = await startTestApi({ portal: { contacts: 300 } });
    expect((await search({})).each("results", "id")).toHaveLength(10);
    expect((await search({ limit: 201 })).status).toBe(400);
    control.setKnobs({ overLimit: "clamp" });
    expect((await search({ limit: 201 })).each("results", "id")).toHaveLength(200);
  });
});

describe("refusals", () => {
  const many = (count: number) => Array.from({ length: count }, () => where("city", "EQ", "x"));
  test.each([
    [{ filterGroups: Array.from({ length: 6 }, () => ({ filters: many(1) })) }],
    [{ filterGroups: [{ filters: many(7) }] }],
    [{ filterGroups: Array.from({ length: 4 }, () => ({ filters: many(5) })) }],
    [{ sorts: ["createdate", "email"] }],
    [{ sorts: ["nope"] }],
    [{ filters: [where("nope", "EQ", "1")] }],
    [{ filters: [where("city", "LIKE", "1")] }],
    [{ filters: [where("city", "HAS_PROPERTY", "x")] }],
    [{ filters: [where("city", "EQ")] }],
    [{ filters: [where("city", "IN", [])] }],
    [{ filters: [where("createdate", "BETWEEN", "5000")] }],
    [{ filters: [where("legacy_score", "GT", "N/A")] }],
    [{ filters: [where("createdate", "GT", "yesterday")] }],
    [{ limit: -1 }],
  ])("%j is 400 VALIDATION_ERROR", async (body) => {
    const { search } = await startTestApi();
    const answer = await search(body);
    expect([answer.status, answer.at("category")]).toEqual([400, "VALIDATION_ERROR"]);
  });

  test("six filters in a group and eighteen in all are fine", async () => {
    const { search } = await startTestApi();
    const filterGroups = Array.from({ length: 3 }, () => ({ filters: many(6) }));
    expect((await search({ filterGroups })).status).toBe(200);
  });

  test.each(["713492963559", "abc", "1.5"])(
    "after %s, not an offset, is a bad shape without category",
    async (after) => {
      const { search } = await startTestApi();
      const answer = await search({ after });
      expect([answer.status, answer.at("category")]).toEqual([400, undefined]);
      expect(answer.at("message")).toMatch(/^Invalid input JSON .*Cannot deserialize value of type/);
    },
  );

  test.each(["{", "[]", '{"filterGroups":[1]}'])("body %s is 'Invalid input JSON' without category", async (body) => {
    const { send } = await startTestApi();
    const answer = await send("POST", "/crm/v3/objects/contacts/search", body);
    expect([answer.status, answer.at("category")]).toEqual([400, undefined]);
    expect(answer.at("message")).toMatch(/^Invalid input JSON on line 1, column/);
  });

  test("a date filter at the epoch is 500, from one second on it is fine", async () => {
    const { search, control } = await startTestApi();
    const at = (value: string | number) => search({ filters: [where("lastmodifieddate", "GTE", value)] });
    expect((await at(0)).status).toBe(500);
    expect((await at("1970-01-01T00:00:00Z")).status).toBe(500);
    expect((await at(1000)).status).toBe(200);
    control.setKnobs({ epochFilter: "accept" });
    expect((await at(0)).status).toBe(200);
  });

  test("a body over 3,000 characters only where the knob says so", async () => {
    const { search, control } = await startTestApi();
    const body = { properties: Array.from({ length: 400 }, (_, index) => `property_${index}`) };
    expect((await search(body)).status).toBe(200);
    control.setKnobs({ maxSearchBodyCharacters: 3000 });
    expect((await search(body)).status).toBe(400);
  });
});

test("contacts go by lastmodifieddate: hs_lastmodifieddate exists and finds nothing", async () => {
  const { search } = await startTestApi({ portal: { contacts: 10, companies: 10 } });
  const since = (name: string) => ({ filters: [where(name, "GTE", "5000")] });
  expect((await search(since("hs_lastmodifieddate"))).at("total")).toBe(0);
  expect((await search(since("lastmodifieddate"))).at("total")).toBe(10);
  expect((await search(since("hs_lastmodifieddate"), "companies")).at("total")).toBe(10);
  expect((await search(since("lastmodifieddate"), "companies")).status).toBe(400);
});

test("associations are not in the answer, archived records neither", async () => {
  const { search, control } = await startTestApi({ portal: { contacts: 20, companies: 4 } });
  expect((await search({ limit: 1, associations: ["companies"] })).at("results.0.associations")).toBeUndefined();
  const [first = ""] = control.records({ type: "contacts" }).map(({ id }) => id);
  control.archive("contacts", first);
  expect((await search({ limit: 200 })).each("results", "id")).not.toContain(first);
});
