import { expect, test } from "vitest";
import { startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

const DAY_MS = 86_400_000;

async function startWithAda(): Promise<TestApi & { recordId: string }> {
  const api = await startTestApi({ landingDelayMs: 0 });
  await api.save([{ email: "ada@example.com", first_name: "Ada", tags: ["a"], notes: "Likes tea. Hates spam." }]);
  return { ...api, recordId: api.control.record({ email: "ada@example.com" })?.recordId ?? "" };
}

test("a deleted record is invisible to every read, and comes back when the deletion is cancelled", async () => {
  const { post, control, recordId } = await startWithAda();
  const deleted = await post("/api/v1/memory/delete-record", { recordId, type: "contact" });
  expect(deleted.at("data")).toMatchObject({ deletedCount: 1, hardDeleteAt: "2026-12-22T12:00:00.000Z" });
  expect((await post("/api/v1/search", {})).at("data.totalMatched")).toBe(0);
  expect((await post("/api/v1/smart-memory-digest", { recordId })).status).toBe(404);
  expect((await post("/api/v1/smart-recall", { query: "tea" })).at("data.results")).toEqual([]);
  expect((await post("/api/v1/recall", { query: "tea" })).at("data.memories")).toEqual([]);
  expect((await post("/api/v1/memory/delete-record", { recordId })).status).toBe(404);
  expect(control.records()).toEqual([]);
  expect(control.records({ includeDeleted: true })[0]?.deleted).toBe(true);

  control.advanceClock(30 * DAY_MS - 1);
  const restored = await post("/api/v1/memory/cancel-deletion", { recordId });
  expect(restored.at("data.restoredCounts")).toEqual({ properties: 3, memories: 2 });
  expect((await post("/api/v1/smart-memory-digest", { recordId })).at("data.properties.first_name")).toBe("Ada");
  expect((await post("/api/v1/memory/cancel-deletion", { recordId })).status).toBe(404);
});

test("after 30 days a deletion is final, and a later write starts afresh", async () => {
  const { post, save, control, recordId } = await startWithAda();
  await post("/api/v1/memory/delete-record", { recordId, type: "contact" });
  control.advanceClock(30 * DAY_MS);
  const refused = await post("/api/v1/memory/cancel-deletion", { recordId });
  expect([refused.status, refused.at("error")]).toEqual([409, "DELETION_FINALIZED"]);
  await save([{ email: "ada@example.com", tags: ["b"] }]);
  const record = control.record({ email: "ada@example.com" });
  expect(record).toMatchObject({ recordId, deleted: false, memories: [], values: { tags: ["b"] } });
});

test("a row landing on a deleted record revives it with its past, or is lost", async () => {
  const { post, save, control, recordId } = await startWithAda();
  await post("/api/v1/memory/delete-record", { recordId });
  control.setKnobs({ writeToDeleted: "stay-deleted" });
  await save([{ email: "ada@example.com", tags: ["b"] }]);
  expect(control.counts().records).toBe(0);
  control.setKnobs({ writeToDeleted: "revive" });
  await save([{ email: "ada@example.com", tags: ["c"] }]);
  expect(control.record({ recordId })?.values).toMatchObject({ tags: ["a", "c"] });
});

test("memories can be deleted by id, by record and by age", async () => {
  const { post, send, control, recordId } = await startWithAda();
  const found = await post("/api/v1/recall", { query: "tea" });
  const id = found.at("data.memories.0.id");
  expect((await post("/api/v1/memory/delete", { ids: [id] })).at("data.deletedCount")).toBe(1);
  expect((await post("/api/v1/memory/delete", { ids: [id] })).at("error")).toBe("MEMORY_NOT_FOUND");
  expect(control.record({ recordId })?.memories).toEqual(["Hates spam."]);
  const old = await post("/api/v1/memory/delete", { recordId, olderThan: "2026-01-01" });
  expect(old.at("data.deletedCount")).toBe(0);
  expect((await send("DELETE", "/api/v1.1/memory/manage", { recordId, olderThan: "2027-01-01" })).status).toBe(200);
  expect(control.record({ recordId })?.memories).toEqual([]);
  expect((await post("/api/v1/memory/delete", {})).status).toBe(400);
});

test("update changes one property at once, with version check and array changes", async () => {
  const { post, control, recordId } = await startWithAda();
  const update = (change: object) => post("/api/v1/memory/update", { recordId, ...change });
  const first = await update({ propertyName: "first_name", propertyValue: "Ada L.", expectedVersion: 1 });
  expect(first.at("data")).toMatchObject({ previousValue: "Ada", newValue: "Ada L.", version: 2 });
  const conflict = await update({ propertyName: "first_name", propertyValue: "X", expectedVersion: 1 });
  expect([conflict.status, conflict.at("error"), conflict.at("currentVersion")]).toEqual([409, "VERSION_CONFLICT", 2]);
  const pushed = await update({ propertyName: "tags", arrayPush: { items: ["a", "b"], unique: true } });
  expect(pushed.at("data.newValue")).toEqual(["a", "b"]);
  expect((await update({ propertyName: "tags", arrayRemove: { indices: [0] } })).at("data.newValue")).toEqual(["b"]);
  expect((await update({ propertyName: "tags", propertyValue: ["c"] })).status).toBe(400);
  control.setKnobs({ appendOnlySet: "overwrite" });
  expect((await update({ propertyName: "tags", propertyValue: ["c"] })).at("data.newValue")).toEqual(["c"]);
  expect((await update({ propertyName: "shoe_size", propertyValue: 1 })).status).toBe(404);
  const missing = await post("/api/v1/memory/update", {
    email: "x@example.com",
    propertyName: "first_name",
    propertyValue: 1,
  });
  expect([missing.status, missing.at("error")]).toEqual([404, "RECORD_NOT_FOUND"]);
});

test("bulk update reports each change", async () => {
  const { post, recordId } = await startWithAda();
  const answer = await post("/api/v1/memory/bulk-update", {
    updates: [
      { recordId, propertyName: "first_name", propertyValue: "A" },
      { recordId: "REC#nobody", propertyName: "first_name", propertyValue: "B" },
    ],
  });
  expect(answer.at("data.updatedCount")).toBe(1);
  expect(answer.at("data.results.1.error")).toBe("RECORD_NOT_FOUND");
});

test("properties and their history are readable", async () => {
  const { post, save, recordId } = await startWithAda();
  await save([{ email: "ada@example.com", first_name: "Ada L." }]);
  expect((await post("/api/v1/memory/properties", { recordId })).at("data.properties.first_name.value")).toBe("Ada L.");
  const history = await post("/api/v1/memory/property-history", { recordId, propertyName: "First Name" });
  expect(history.at("data.history")).toMatchObject([
    { value: "Ada L.", current: true },
    { value: "Ada", current: false },
  ]);
});

test("keys can be registered, found by, listed and taken away, and never move between records", async () => {
  const { post, save, control, recordId } = await startWithAda();
  await save([{ email: "bob@example.com" }]);
  const bob = control.record({ email: "bob@example.com" })?.recordId;
  const registered = await post("/api/v1/memory/update-keys", {
    email: "ada@example.com",
    type: "contact",
    keys: { email: "ada@work.example", crm_id: "7" },
  });
  expect(registered.at("data")).toMatchObject({ recordId, conflicts: [] });
  expect((await post("/api/v1/search", { email: "ada@work.example" })).at("data.recordIds")).toEqual([recordId]);
  await save([{ email: "ada@work.example", first_name: "Work" }]);
  expect(control.record({ recordId })?.values).toMatchObject({ first_name: "Work" });
  expect(control.counts().records).toBe(2);

  const conflict = await post("/api/v1/memory/update-keys", {
    email: "ada@example.com",
    type: "contact",
    keys: [{ keyName: "email", keyValue: "bob@example.com" }],
  });
  expect(conflict.at("data.conflicts.0.existingRecordId")).toBe(bob);
  const list = await post("/api/v1/memory/list-keys", { recordId });
  expect(list.at("data.keys")).toContainEqual({ keyName: "crm_id", keyValue: "7" });
  const blocked = await post("/api/v1/memory/delete-keys", {
    recordId,
    keys: { email: "ada@example.com", crm_id: "7" },
  });
  expect(blocked.at("data.blocked")).toEqual([{ keyName: "email", keyValue: "ada@example.com" }]);
  expect((await post("/api/v1/search", { customKeyName: "crm_id", customKeyValue: "7" })).at("data.totalMatched")).toBe(
    0,
  );
  const tooMany = { records: Array.from({ length: 101 }, () => ({ recordId, keys: { a: "1" } })) };
  expect((await post("/api/v1/memory/update-keys-batch", tooMany)).status).toBe(400);
});

test("every key on a row becomes searchable", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  await post("/api/v1/batch-memorize", {
    mapping: { entityType: "contact", email: "email", customKeyName: "crm_id", customKey: "id", properties: {} },
    rows: [{ email: "ada@example.com", id: 42 }],
  });
  const found = await post("/api/v1/search", { customKeyName: "crm_id", customKeyValue: "42" });
  expect(found.at("data.totalMatched")).toBe(1);
  expect(control.record({ email: "ada@example.com" })?.keys).toEqual({ email: "ada@example.com", crm_id: "42" });
});
