import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

test.each([
  ["/crm/v3/objects/contacts", "/crm/objects/2026-03/contacts"],
  ["/crm/v3/properties/deals", "/crm/properties/2026-09/deals"],
  ["/crm/v3/owners", "/crm/owners/2026-03/"],
  ["/crm/v3/owners/", "/crm/owners/2025-09"],
  ["/crm-object-schemas/v3/schemas", "/crm-object-schemas/2026-03/schemas"],
  ["/crm-object-schemas/v3/schemas", "/crm/v3/schemas"],
  ["/crm/v3/pipelines/deals", "/crm/pipelines/2026-03/deals"],
  ["/crm/v4/associations/contacts/companies/labels", "/crm/associations/2026-03/contacts/companies/labels"],
  ["/account-info/v3/details", "/account-info/2026-03/details"],
])("%s and %s answer the same", async (old, dated) => {
  const { get } = await startTestApi({ portal: { contacts: 3, customObjects: [{ name: "car" }] } });
  const [left, right] = [await get(old), await get(dated)];
  expect([left.status, right.status]).toEqual([200, 200]);
  expect(JSON.parse(right.text)).toEqual(JSON.parse(left.text));
});

test("associations of one record have a dated path too", async () => {
  const { get, control } = await startTestApi({ portal: { contacts: 1, companies: 1 } });
  const [id] = control.records({ type: "contacts" }).map((record) => record.id);
  for (const path of ["/crm/v4/objects/contacts", "/crm/objects/2026-03/contacts"]) {
    expect((await get(`${path}/${id}/associations/companies`)).each("results", "toObjectId")).toHaveLength(1);
  }
});

test.each(["contacts", "contact", "CONTACT", "Contacts", "0-1"])("%s names contacts", async (name) => {
  const { get } = await startTestApi({ portal: { contacts: 2 } });
  expect((await get(`/crm/v3/objects/${name}`)).each("results", "id")).toHaveLength(2);
});

test.each(["2-4101", "p_car", "p4242_car"])("%s names the custom object", async (name) => {
  const { get } = await startTestApi({ portal: { customObjects: [{ name: "car", records: 3 }] } });
  expect((await get(`/crm/v3/objects/${name}`)).each("results", "id")).toHaveLength(3);
});

test("an unknown type is 400 without a category", async () => {
  const { get } = await startTestApi();
  const answer = await get("/crm/v3/objects/spaceships");
  expect([answer.status, answer.at("message"), answer.at("category")]).toEqual([
    400,
    "Unable to infer object type from: spaceships",
    undefined,
  ]);
});

test("unknown paths and unknown versions are 404", async () => {
  const { get } = await startTestApi();
  for (const path of ["/crm/v3/nothing", "/crm/objects/2031-03/contacts", "/"]) {
    expect((await get(path)).status).toBe(404);
  }
});

test("once the old paths have ended, only the dated ones answer", async () => {
  const { get, oauth } = await startTestApi({ legacyPaths: "not-found" });
  expect((await get("/crm/v3/objects/contacts")).status).toBe(404);
  expect((await get("/crm/objects/2026-03/contacts")).status).toBe(200);
  const form = { grant_type: "refresh_token", refresh_token: "stand-in-refresh" };
  expect((await oauth("/oauth/v1/token", form)).status).toBe(404);
  expect((await oauth("/oauth/2026-03/token", form)).status).toBe(200);
});

test("an address longer than 8,000 characters is 414 in HTML, however long", async () => {
  const { get, control } = await startTestApi({ portal: { contacts: 1 } });
  const names = (await get("/crm/v3/properties/contacts")).each("results", "name").map(String);
  expect(names.join(",").length).toBeGreaterThan(9000);
  for (const query of [names.join(","), "x".repeat(100_000)]) {
    const answer = await get(`/crm/v3/objects/contacts?properties=${query}`);
    expect(answer.status).toBe(414);
    expect(answer.headers.get("content-type")).toMatch(/^text\/html/);
    expect(answer.text).toContain("414 Request-URI Too Large");
  }
  control.setKnobs({ maxUrlCharacters: 15_000 });
  expect((await get(`/crm/v3/objects/contacts?properties=${names.join(",")}`)).status).toBe(200);
});

test("every answer of the API carries a correlation id", async () => {
  const { get } = await startTestApi();
  for (const path of ["/crm/v3/objects/contacts", "/crm/v3/objects/x", "/nothing"]) {
    expect((await get(path)).headers.get("x-hubspot-correlation-id")).toMatch(/^[0-9a-f-]{36}$/);
  }
});
