import { describe, expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

async function property(api: TestApi, id: string, name: string): Promise<unknown> {
  return (await api.get(`/crm/v3/objects/contacts/${id}?properties=${name}`)).at(`properties.${name}`);
}

test("every value of a seeded portal is a text or null, and every kind of oddity occurs", async () => {
  const { get, batchRead, control } = await startTestApi({ portal: { contacts: 100 } });
  const properties = (await get("/crm/v3/properties/contacts")).each("results", "name");
  const ids = control.records({ type: "contacts", properties: [] }).map(({ id }) => id);
  const answer = await batchRead(ids, { properties });
  const rows = answer.each("results", "properties").map((row) => new Map(Object.entries(row ?? {})));
  const values = rows.flatMap((row) => [...row.values()]);
  expect(values.every((value) => value === null || typeof value === "string")).toBe(true);
  const column = (name: string) => rows.map((row) => row.get(name));
  expect(column("phone")).toEqual(expect.arrayContaining([null, "", expect.stringMatching(/^\+45/)]));
  expect(column("favourite_tools")).toEqual(expect.arrayContaining([null, expect.stringContaining(";")]));
  expect(column("legacy_score")).toEqual(expect.arrayContaining(["N/A", "3092727991;3881228353"]));
  expect(column("external_reference")).toEqual(expect.arrayContaining([expect.stringMatching(/^\d{19}$/)]));
  expect(column("customer_since")).toEqual(expect.arrayContaining([expect.stringMatching(/^\d{4}-\d\d-\d\d$/)]));
  expect(column("closedate")).toEqual(expect.arrayContaining([expect.stringMatching(/T.*\.\d{3}Z$/)]));
  expect(new Set(column("email")).size).toBe(100);
});

test('"" and null are kept apart', async () => {
  const api = await startTestApi();
  const id = api.control.create("contacts", { city: "", phone: null });
  expect([await property(api, id, "city"), await property(api, id, "phone")]).toEqual(["", null]);
});

test.each([
  ["null", null],
  ["empty-text", ""],
  ["omitted", undefined],
] as const)("a property without value is %s", async (emptyValue, expected) => {
  const api = await startTestApi({ emptyValue });
  expect(await property(api, api.control.create("contacts", {}), "city")).toBe(expected);
});

describe("dates", () => {
  const values = { customer_since: "2020-02-29", closedate: "2024-08-15T17:09:13.000Z" };
  test.each([
    [{ dateForm: "day" }, "customer_since", "2020-02-29"],
    [{ dateForm: "milliseconds" }, "customer_since", String(Date.UTC(2020, 1, 29))],
    [{ datetimeForm: "iso" }, "closedate", "2024-08-15T17:09:13.000Z"],
    [{ datetimeForm: "iso-seconds" }, "closedate", "2024-08-15T17:09:13Z"],
    [{ datetimeForm: "milliseconds" }, "closedate", String(Date.UTC(2024, 7, 15, 17, 9, 13))],
  ] as const)("%j shows %s as %s", async (knobs, name, expected) => {
    const api = await startTestApi(knobs);
    expect(await property(api, api.control.create("contacts", values), name)).toBe(expected);
  });

  test("mixed forms occur side by side, and what is no date stays as it is", async () => {
    const api = await startTestApi({ dateForm: "mixed", datetimeForm: "mixed" });
    const shown = new Set<unknown>();
    for (let id = 1; id <= 6; id += 1) {
      api.control.create("contacts", { ...values, createdate: "x" }, { id: String(id) });
      shown.add(await property(api, String(id), "customer_since")).add(await property(api, String(id), "closedate"));
    }
    expect(shown.size).toBe(5);
    const odd = api.control.create("contacts", { closedate: "", customer_since: "soon" });
    expect([await property(api, odd, "closedate"), await property(api, odd, "customer_since")]).toEqual(["", "soon"]);
  });
});

test("notes carry text with line breaks", async () => {
  const { get } = await startTestApi({ portal: { notes: 20, calls: 3, emails: 3, meetings: 3, tasks: 3 } });
  const bodies = (await get("/crm/v3/objects/notes?properties=hs_note_body&limit=20")).each(
    "results",
    "properties.hs_note_body",
  );
  expect(bodies.every((body) => typeof body === "string" && body.startsWith("<div>"))).toBe(true);
  expect(bodies.some((body) => String(body).includes("\n"))).toBe(true);
  for (const type of ["calls", "emails", "meetings", "tasks"]) {
    expect(
      (await get(`/crm/v3/objects/${type}?properties=hs_timestamp`)).at("results.0.properties.hs_timestamp"),
    ).toMatch(/Z$/);
  }
});
