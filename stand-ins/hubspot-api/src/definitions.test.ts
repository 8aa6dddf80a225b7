import { describe, expect, test } from "vitest";
import { startTestApi, where } from "./__fixtures__/start-test-api.ts";

describe("properties", () => {
  test("come all at once, as many as a real portal has", async () => {
    const { get } = await startTestApi();
    const contacts = await get("/crm/v3/properties/contacts");
    expect(contacts.each("results", "name").length).toBeGreaterThan(360);
    expect(contacts.at("paging")).toBeUndefined();
    const names = contacts.each("results", "name");
    expect(new Set(names).size).toBe(names.length);
    expect((await get("/crm/v3/properties/companies")).each("results", "name")).toHaveLength(247);
  });

  test("say their type, field type, options and quirks", async () => {
    const { get } = await startTestApi();
    const property = async (name: string) => JSON.parse((await get(`/crm/v3/properties/contacts/${name}`)).text);
    expect(await property("favourite_tools")).toMatchObject({
      type: "enumeration",
      fieldType: "checkbox",
      options: [{ label: "slack", value: "slack", displayOrder: 0, hidden: false }, {}, {}, {}],
      modificationMetadata: { archivable: true, readOnlyDefinition: false, readOnlyValue: false },
    });
    expect(await property("favourite_tools")).not.toHaveProperty("hubspotDefined");
    expect(await property("email")).toMatchObject({ hubspotDefined: true, hasUniqueValue: true });
    expect(await property("hubspot_owner_id")).toMatchObject({ referencedObjectType: "OWNER", options: [] });
    expect(await property("hs_lastmodifieddate")).toMatchObject({ type: "datetime", hidden: true });
    // Computed, and says it is not.
    expect(await property("num_associated_deals")).toMatchObject({
      fieldType: "calculation_rollup",
      calculated: false,
    });
    expect(await property("hs_created_by_user_id")).toMatchObject({ createdAt: "1970-01-01T00:00:00Z" });
    expect((await get("/crm/v3/properties/contacts/nope")).status).toBe(404);
  });

  test("the modified date of contacts has a name of its own", async () => {
    const { get } = await startTestApi();
    const names = async (type: string) => (await get(`/crm/v3/properties/${type}`)).each("results", "name");
    expect(await names("contacts")).toContain("lastmodifieddate");
    for (const type of ["companies", "deals", "tickets", "notes"]) {
      expect(await names(type)).toContain("hs_lastmodifieddate");
      expect(await names(type)).not.toContain("lastmodifieddate");
    }
  });

  test("one can be added, archived and restored while records have values; definitions do not touch records", async () => {
    const { get, search, control } = await startTestApi();
    control.defineProperty("contacts", { name: "shoe_size", type: "number" });
    const id = control.create("contacts", { shoe_size: "42" });
    const shown = async () =>
      (await get(`/crm/v3/objects/contacts/${id}?properties=shoe_size`)).at("properties.shoe_size");
    expect(await shown()).toBe("42");
    control.advanceClock(1000);
    control.archiveProperty("contacts", "shoe_size");
    expect(await shown()).toBeUndefined();
    expect((await search({ filters: [where("shoe_size", "EQ", "42")] })).status).toBe(400);
    expect((await get("/crm/v3/properties/contacts")).each("results", "name")).not.toContain("shoe_size");
    const archived = await get("/crm/v3/properties/contacts?archived=true");
    expect(archived.each("results", "name")).toEqual(["shoe_size"]);
    expect(archived.at("results.0.archivedAt")).toBe("2026-11-22T12:00:01.000Z");
    control.restoreProperty("contacts", "shoe_size");
    expect(await shown()).toBe("42");
    expect(control.record("contacts", id)?.modifiedAtMs).toBe(control.now() - 1000);
  });

  test("small schemas, where a test wants them", async () => {
    const { get } = await startTestApi({ portal: { fullSchemas: false } });
    expect((await get("/crm/v3/properties/contacts")).each("results", "name").length).toBeLessThan(50);
  });

  test.each([{ name: "Shoe Size" }, { name: "9lives" }])("%j is no property", async (property) => {
    const { control } = await startTestApi();
    expect(() => control.defineProperty("contacts", property)).toThrow(RangeError);
  });
});

describe("custom objects", () => {
  test("schemas list them alone, with everything a reader needs", async () => {
    const portal = { customObjects: [{ name: "car" }, { name: "deal", typeNumber: 77 }] };
    const { get } = await startTestApi({ portal });
    const schemas = await get("/crm-object-schemas/v3/schemas");
    expect(schemas.each("results", "fullyQualifiedName")).toEqual(["p4242_car", "p4242_deal"]);
    expect(schemas.at("results.1")).toMatchObject({
      objectTypeId: "2-77",
      name: "deal",
      labels: { singular: "Deal", plural: "Deals" },
      primaryDisplayProperty: "name",
      archived: false,
    });
    expect(schemas.each("results.0.properties", "name")).toContain("hs_lastmodifieddate");
    expect((await get("/crm-object-schemas/v3/schemas/2-77")).at("name")).toBe("deal");
    expect((await get("/crm-object-schemas/v3/schemas/x")).status).toBe(404);
  });

  test("one named like a standard type is kept apart from it", async () => {
    const portal = { deals: 2, customObjects: [{ name: "deal", records: 5 }] };
    const { get } = await startTestApi({ portal });
    expect((await get("/crm/v3/objects/deals")).each("results", "id")).toHaveLength(2);
    expect((await get("/crm/v3/objects/p_deal")).each("results", "id")).toHaveLength(5);
    expect((await get("/crm/v3/objects/p_deal")).at("results.0.properties.hs_createdate")).toBeDefined();
  });

  test("can be made while running, and hold records, links and searches", async () => {
    const { get, search, control } = await startTestApi();
    const name = control.defineCustomObject({ name: "boat", properties: [{ name: "length_metres", type: "number" }] });
    expect(name).toBe("p4242_boat");
    const id = control.create(name, { name: "Dinghy", length_metres: "3.5" });
    const contact = control.create("contacts", {});
    control.associate(name, id, "contacts", contact);
    expect((await search({ filters: [where("length_metres", "LT", "4")] }, name)).each("results", "id")).toEqual([id]);
    const page = await get(`/crm/v3/objects/contacts?associations=${name}`);
    expect(page.at(`results.0.associations.${name}.results.0.id`)).toBe(id);
    expect(() => control.defineCustomObject({ name: "boat" })).toThrow(RangeError);
  });
});

describe("owners", () => {
  test("page, and match hubspot_owner_id by id", async () => {
    const { get, control } = await startTestApi({ portal: { owners: 12, contacts: 50 } });
    const first = await get("/crm/v3/owners/?limit=5");
    expect(first.each("results", "id")).toHaveLength(5);
    const after = String(first.at("paging.next.after"));
    expect((await get(`/crm/v3/owners?limit=100&after=${after}`)).each("results", "id")).toHaveLength(6);
    const all = (await get("/crm/v3/owners")).each("results", "id");
    const used = control
      .records({ type: "contacts" })
      .flatMap(({ properties }) => properties["hubspot_owner_id"] ?? []);
    expect(used.length).toBeGreaterThan(10);
    const archived = (await get("/crm/v3/owners?archived=true")).each("results", "id");
    expect([...all, ...archived]).toEqual(expect.arrayContaining(used));
    expect((await get("/crm/v3/owners?limit=501")).status).toBe(400);
    const email = String(first.at("results.2.email"));
    expect((await get(`/crm/v3/owners?email=${email}`)).each("results", "email")).toEqual([email]);
  });

  test("archived ones are a list of their own, without user and without archivedAt", async () => {
    const { get, control } = await startTestApi({ portal: { owners: 3 } });
    const [id] = (await get("/crm/v3/owners")).each("results", "id");
    expect((await get("/crm/v3/owners?archived=true")).at("results")).toEqual([]);
    control.archiveOwner(String(id));
    expect((await get("/crm/v3/owners")).each("results", "id")).toHaveLength(2);
    const archived = await get("/crm/v3/owners?archived=true");
    expect([archived.at("results.0.id"), archived.at("results.0.userId")]).toEqual([id, null]);
    expect(archived.at("results.0.userIdIncludingInactive")).toBeTypeOf("number");
    expect(archived.at("results.0.archivedAt")).toBeUndefined();
    expect((await get(`/crm/v3/owners/${String(id)}`)).status).toBe(404);
    expect((await get(`/crm/v3/owners/${String(id)}?archived=true`)).status).toBe(200);
  });
});

test("account details and pipelines", async () => {
  const { get } = await startTestApi({ timeZone: "Europe/Copenhagen", portal: { portalId: 77 } });
  expect(JSON.parse((await get("/account-info/v3/details")).text)).toMatchObject({
    portalId: 77,
    timeZone: "Europe/Copenhagen",
  });
  const deals = await get("/crm/v3/pipelines/deals");
  expect(deals.each("results.0.stages", "id")).toContain("closedwon");
  expect((await get("/crm/v3/pipelines/contacts")).at("results")).toEqual([]);
});
