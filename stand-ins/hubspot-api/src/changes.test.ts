import { describe, expect, test } from "vitest";
import { listAll, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

const path = "/crm/v3/objects/contacts";

async function read(api: TestApi, id: string, query = "", type = "contacts") {
  return api.get(`/crm/v3/objects/${type}/${id}${query}`);
}

describe("archive and restore", () => {
  test("leave the modified date alone; archived records are read only when asked for as such", async () => {
    const api = await startTestApi();
    const id = api.control.create("contacts", { city: "Aarhus" });
    const modifiedAtMs = api.control.now();
    api.control.advanceClock(1000);
    api.control.archive("contacts", id);
    expect((await read(api, id)).status).toBe(404);
    const archived = await read(api, id, "?archived=true&properties=city");
    expect(archived.at("properties.city")).toBe("Aarhus");
    expect(Date.parse(String(archived.at("updatedAt")))).toBe(modifiedAtMs);
    expect(Date.parse(String(archived.at("archivedAt")))).toBe(modifiedAtMs + 1000);
    api.control.advanceClock(1000);
    api.control.restore("contacts", id);
    const restored = await read(api, id);
    expect([restored.at("archived"), restored.at("archivedAt")]).toEqual([false, undefined]);
    expect(Date.parse(String(restored.at("updatedAt")))).toBe(modifiedAtMs);
    expect((await api.search({})).each("results", "id")).toEqual([id]);
  });

  test("a restore may move the date", async () => {
    const api = await startTestApi({ restoreTouches: true });
    const id = api.control.create("contacts", {});
    api.control.archive("contacts", id);
    api.control.advanceClock(5000);
    api.control.restore("contacts", id);
    expect(api.control.record("contacts", id)?.modifiedAtMs).toBe(api.control.now());
  });
});

test("a GDPR delete leaves nothing: neither list, no read, no search", async () => {
  const api = await startTestApi();
  const id = api.control.create("contacts", { email: "ada@mail.example" });
  api.control.gdprDelete("contacts", id);
  for (const query of ["", "?archived=true"]) {
    expect((await read(api, id, query)).status).toBe(404);
    expect((await api.get(`${path}${query}`)).at("results")).toEqual([]);
  }
  expect((await api.search({})).at("total")).toBe(0);
  expect((await api.batchRead(["ada@mail.example"], { idProperty: "email" })).status).toBe(207);
});

describe("merge", () => {
  async function merged(options: Parameters<typeof startTestApi>[0] = {}, type = "contacts") {
    const api = await startTestApi(options);
    const primary = api.control.create(type, { city: "Aarhus", email: "a@mail.example" });
    const loser = api.control.create(type, { city: "Bologna", phone: "7", email: "b@mail.example" });
    api.control.advanceClock(1000);
    const survivor = api.control.merge(type, primary, loser);
    return { api, primary, loser, survivor };
  }

  test("keeps the primary, whose values win and gaps are filled; the loser is nowhere, not even archived", async () => {
    const { api, primary, loser, survivor } = await merged();
    expect(survivor).toBe(primary);
    const names = "city,phone,email,hs_merged_object_ids,hs_calculated_merged_vids,hs_additional_emails";
    const record = await read(api, primary, `?properties=${names}`);
    expect(record.at("properties")).toMatchObject({
      city: "Aarhus",
      phone: "7",
      email: "a@mail.example",
      hs_merged_object_ids: loser,
      hs_calculated_merged_vids: `${loser}:${api.control.now()}`,
      hs_additional_emails: "b@mail.example",
      lastmodifieddate: new Date(api.control.now()).toISOString(),
    });
    expect((await listAll(api, `${path}?limit=10`)).ids).toEqual([primary]);
    expect((await listAll(api, `${path}?limit=10&archived=true`)).ids).toEqual([]);
    expect((await api.search({})).each("results", "id")).toEqual([primary]);
  });

  test("reading the old id, alone or in a batch, answers the survivor under its own id", async () => {
    const { api, primary, loser } = await merged();
    expect((await read(api, loser)).at("id")).toBe(primary);
    const batch = await api.batchRead([loser]);
    expect([batch.status, batch.each("results", "id"), batch.at("errors")]).toEqual([200, [primary], undefined]);
    expect((await api.batchRead([loser, primary])).each("results", "id")).toEqual([primary]);
    expect(api.control.survivorOf("contacts", loser)).toBe(primary);
    expect(api.control.record("contacts", loser)).toBeUndefined();
  });

  test.each([
    ["missing", "contacts", 207],
    ["survivor-of-contacts", "contacts", 200],
    ["survivor-of-contacts", "companies", 207],
    ["survivor", "companies", 200],
  ] as const)("with mergedBatchRead %s a batch read of merged %s is %i", async (mergedBatchRead, type, status) => {
    const { api, loser } = await merged({ mergedBatchRead }, type);
    expect((await api.batchRead([loser], {}, type)).status).toBe(status);
  });

  test.each([
    ["new-for-deals", "deals", true],
    ["new-for-deals", "contacts", false],
    ["new", "contacts", true],
    ["primary", "deals", false],
  ] as const)("with mergeResult %s merged %s get a new id: %s", async (mergeResult, type, isNew) => {
    const { api, primary, loser, survivor } = await merged({ mergeResult }, type);
    expect(![primary, loser].includes(survivor)).toBe(isNew);
    for (const id of [primary, loser]) expect((await read(api, id, "", type)).at("id")).toBe(survivor);
    const answer = await read(api, survivor, "?properties=hs_merged_object_ids,phone", type);
    expect(answer.at("properties.hs_merged_object_ids")).toBe(isNew ? `${primary};${loser}` : loser);
  });

  test("chains lead to the last survivor, which names every loser; the vids may name the latest only", async () => {
    for (const mergedVids of ["complete", "latest"] as const) {
      const { api, primary, loser } = await merged({ mergedVids });
      const third = api.control.create("contacts", {});
      api.control.merge("contacts", third, primary);
      expect((await read(api, loser)).at("id")).toBe(third);
      const properties = api.control.record("contacts", third)?.properties;
      expect(properties?.["hs_merged_object_ids"]?.split(";").toSorted()).toEqual([primary, loser].toSorted());
      const fourth = api.control.create("contacts", {});
      api.control.merge("contacts", third, fourth);
      expect(api.control.record("contacts", third)?.properties["hs_merged_object_ids"]?.split(";")).toHaveLength(3);
      const vids = properties?.["hs_calculated_merged_vids"]?.split(";").map((part) => part.split(":")[0]);
      expect(vids).toHaveLength(mergedVids === "complete" ? 2 : 1);
    }
  });

  test("associations move to the survivor with their labels; by the old id there are none", async () => {
    const api = await startTestApi();
    const [primary, loser] = [api.control.create("contacts", {}), api.control.create("contacts", {})];
    const company = api.control.create("companies", {});
    api.control.associate("contacts", loser, "companies", company, "Adviser");
    api.control.merge("contacts", primary, loser);
    expect(api.control.associated("contacts", primary, "companies")).toEqual([company]);
    expect(api.control.associated("companies", company, "contacts")).toEqual([primary]);
    const old = await api.post("/crm/v4/associations/contacts/companies/batch/read", {
      inputs: [{ id: loser }, { id: primary }],
    });
    expect([old.status, old.each("results", "from.id")]).toEqual([207, [primary]]);
    expect(old.each("results.0.to.0.associationTypes", "label")).toContain("Adviser");
  });

  test("by itself, when a contact takes an address in use, where the knob says so", async () => {
    const api = await startTestApi({ autoMerge: true });
    const first = api.control.create("contacts", { email: "ada@mail.example" });
    const second = api.control.create("contacts", { email: "bo@mail.example" });
    expect(api.control.create("contacts", { email: "Ada@mail.example" })).toBe(first);
    api.control.update("contacts", second, { email: "ada@mail.example" });
    expect(api.control.survivorOf("contacts", second)).toBe(first);
    expect((await listAll(api, `${path}?limit=10`)).ids).toEqual([first]);
  });
});

test("a calculated value changes without moving the date; many records change in one millisecond", async () => {
  const api = await startTestApi({ portal: { contacts: 30 } });
  const [first] = api.control.records({ type: "contacts" });
  api.control.update("contacts", first?.id ?? "", { hubspotscore: "55" }, { touch: false });
  const after = api.control.record("contacts", first?.id ?? "");
  expect([after?.properties["hubspotscore"], after?.modifiedAtMs]).toEqual(["55", first?.modifiedAtMs]);
  expect(api.control.updateMany("contacts", undefined, { city: "Aarhus" }, { atMs: 1_790_000_000_000 })).toBe(30);
  const times = api.control.records({ type: "contacts", properties: [] }).map(({ modifiedAtMs }) => modifiedAtMs);
  expect(new Set(times)).toEqual(new Set([1_790_000_000_000]));
});

describe("over HTTP", () => {
  test("create, update, archive, merge and GDPR delete", async () => {
    const { send, post, get, control } = await startTestApi();
    const made = await post(path, { properties: { email: "ada@mail.example", city: "Aarhus" } });
    const id = String(made.at("id"));
    expect(made.status).toBe(201);
    const twin = await post(path, { properties: { email: "Ada@mail.example" } });
    expect([twin.status, twin.at("message")]).toEqual([409, `Contact already exists. Existing ID: ${id}`]);
    expect((await send("PATCH", `${path}/${id}`, { properties: { city: "", phone: "1" } })).status).toBe(200);
    expect(control.record("contacts", id)?.properties).not.toHaveProperty("city");
    expect((await send("PATCH", `${path}/${id}`, { properties: { nope: "1" } })).status).toBe(400);
    const other = String((await post(path, { properties: {} })).at("id"));
    const merged = await post(`${path}/merge`, { primaryObjectId: id, objectIdToMerge: other });
    expect([merged.status, merged.at("id")]).toEqual([200, id]);
    expect((await post(`${path}/merge`, { primaryObjectId: id, objectIdToMerge: id })).status).toBe(400);
    expect((await send("DELETE", `${path}/${id}`)).status).toBe(204);
    expect((await send("DELETE", `${path}/${id}`)).status).toBe(204);
    expect((await get(`${path}/${id}`)).status).toBe(404);
    const third = String((await post(path, { properties: { email: "c@mail.example" } })).at("id"));
    const body = { objectId: "c@mail.example", idProperty: "email" };
    expect((await post(`${path}/gdpr-delete`, body)).status).toBe(204);
    expect((await get(`${path}/${third}?archived=true`)).status).toBe(404);
    expect((await post(`${path}/gdpr-delete`, body)).status).toBe(404);
  });

  test("needs a scope of its own", async () => {
    const { post } = await startTestApi({ apps: [{ scopes: ["crm.objects.contacts.read"] }] });
    expect((await post(path, { properties: {} })).at("category")).toBe("MISSING_SCOPES");
  });
});

test.each([
  ["an unknown type", () => "spaceships", "5"],
  ["an unknown record", () => "contacts", "5"],
])("%s throws RangeError", async (_, type, id) => {
  const { control } = await startTestApi();
  expect(() => control.update(type(), id, {})).toThrow(RangeError);
  expect(() => control.archive(type(), id)).toThrow(RangeError);
});

test("an id that is taken or no id throws RangeError", async () => {
  const { control } = await startTestApi();
  control.create("contacts", {}, { id: "7" });
  for (const id of ["7", "0", "x", "1.5"]) expect(() => control.create("contacts", {}, { id })).toThrow(RangeError);
  expect(() => control.merge("contacts", "7", "7")).toThrow(RangeError);
});
