import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

test("reads any number of properties, which no GET could name", async () => {
  const { get, batchRead, control } = await startTestApi({ portal: { contacts: 3 } });
  const properties = (await get("/crm/v3/properties/contacts")).each("results", "name").map(String);
  const ids = control.records({ type: "contacts" }).map(({ id }) => id);
  const answer = await batchRead(ids, { properties });
  expect([answer.status, answer.at("status")]).toEqual([200, "COMPLETE"]);
  expect(Object.keys(answer.at("results.0.properties") ?? {}).toSorted()).toEqual(properties.toSorted());
  expect(answer.at("results.0.properties.date_of_birth")).toBeNull();
});

test("missing and archived ids are named together in one entry of a 207", async () => {
  const { batchRead, control, post } = await startTestApi({ portal: { contacts: 3 } });
  const [first = "", second = "", third = ""] = control.records({ type: "contacts" }).map(({ id }) => id);
  control.archive("contacts", second);
  control.gdprDelete("contacts", third);
  const answer = await batchRead([first, second, third, "5", "x"]);
  expect([answer.status, answer.at("numErrors")]).toEqual([207, 1]);
  expect(answer.each("results", "id")).toEqual([first]);
  expect(answer.at("errors")).toEqual([
    {
      status: "error",
      category: "OBJECT_NOT_FOUND",
      message: "Could not get some CONTACT objects, they may be deleted or not exist. Check that ids are valid.",
      context: { ids: [second, third, "5", "x"] },
    },
  ]);
  const archived = await post("/crm/v3/objects/contacts/batch/read?archived=true", { inputs: [{ id: second }] });
  expect([archived.status, archived.at("results.0.archived")]).toEqual([200, true]);
});

test("100 inputs are the most, 50 with history", async () => {
  const { batchRead, control } = await startTestApi({ portal: { contacts: 101 } });
  const ids = control.records({ type: "contacts" }).map(({ id }) => id);
  expect((await batchRead(ids)).status).toBe(400);
  expect((await batchRead(ids.slice(1))).each("results", "id")).toHaveLength(100);
  const history = { propertiesWithHistory: ["email"] };
  const refused = await batchRead(ids.slice(0, 51), history);
  expect(refused.status).toBe(400);
  expect(refused.at("message")).toMatch(/^The maximum number of inputs supported in a batch request for property hist/);
  expect((await batchRead(ids.slice(0, 50), history)).status).toBe(200);
});

test("answers are not in the order of the inputs, unless the knob says so, and repeated ids come once", async () => {
  const { batchRead, control } = await startTestApi({ portal: { contacts: 50 } });
  const ids = control.records({ type: "contacts" }).map(({ id }) => id);
  const arbitrary = await batchRead(ids);
  expect(arbitrary.each("results", "id")).not.toEqual(ids);
  expect(arbitrary.sorted("results", "id")).toEqual(ids.toSorted());
  control.setKnobs({ batchReadOrder: "input" });
  expect((await batchRead(ids.toReversed())).each("results", "id")).toEqual(ids.toReversed());
  expect((await batchRead([...ids, ...ids])).each("results", "id")).toEqual(ids);
  control.setKnobs({ batchReadOrder: "id" });
  expect((await batchRead(ids.toReversed())).each("results", "id")).toEqual(ids);
});

test("by a unique property instead of the id, without regard to case", async () => {
  const { batchRead, control } = await startTestApi({ portal: { contacts: 20 } });
  const record = control.records({ type: "contacts" })[3];
  const email = record?.properties["email"] ?? "";
  expect((await batchRead([email.toUpperCase()], { idProperty: "email" })).each("results", "id")).toEqual([record?.id]);
  control.update("contacts", record?.id ?? "", { email: "new@mail.example" });
  expect((await batchRead([email, "new@mail.example"], { idProperty: "email" })).each("results", "id")).toEqual([
    record?.id,
  ]);
  expect((await batchRead(["x"], { idProperty: "city" })).status).toBe(400);
});

test("history goes back through the changes, newest first", async () => {
  const { batchRead, control } = await startTestApi();
  const id = control.create("contacts", { city: "Aarhus" });
  control.advanceClock(1000);
  control.update("contacts", id, { city: "Bologna" });
  control.advanceClock(1000);
  control.update("contacts", id, { phone: "1" });
  const answer = await batchRead([id], { propertiesWithHistory: ["city"] });
  expect(answer.at("results.0.propertiesWithHistory.city")).toEqual([
    { value: "Bologna", timestamp: "2026-11-22T12:00:01.000Z", sourceType: "CRM_UI" },
    { value: "Aarhus", timestamp: "2026-11-22T12:00:00.000Z", sourceType: "CRM_UI" },
  ]);
});

test("it reads what is true now, not what the index knows", async () => {
  const { batchRead, search, control } = await startTestApi({ indexLagMs: 60_000 });
  const id = control.create("contacts", { city: "Aarhus" });
  expect((await batchRead([id], { properties: ["city"] })).at("results.0.properties.city")).toBe("Aarhus");
  expect((await search({})).at("total")).toBe(0);
});

test.each([[{ inputs: [{}] }], [{ inputs: ["1"] }]])("%j is 400", async (body) => {
  const { post } = await startTestApi();
  expect((await post("/crm/v3/objects/contacts/batch/read", body)).status).toBe(400);
});
