import { expect, test } from "vitest";
import { contacts, startTestApi } from "./__fixtures__/start-test-api.ts";

test("v1 answers carry Deprecation and Sunset, v1.1 answers do not", async () => {
  const { get, control } = await startTestApi();
  const old = await get("/api/v1/me");
  expect(old.headers.get("deprecation")).toBe("true");
  expect(old.headers.get("sunset")).toBe("Wed, 15 Jul 2026 00:00:00 GMT");
  const recent = await get("/api/v1.1/me");
  expect([recent.status, recent.headers.get("deprecation"), recent.headers.get("sunset")]).toEqual([200, null, null]);
  control.setUsage({ minuteUnits: 60 });
  expect((await get("/api/v1/me")).headers.get("sunset")).not.toBeNull();
});

test.each([
  ["gone", 410],
  ["not-found", 404],
] as const)("v1 can be made to answer %s while v1.1 goes on", async (v1, status) => {
  const { get, post } = await startTestApi({ v1, landingDelayMs: 0 });
  expect((await get("/api/v1/me")).status).toBe(status);
  expect((await post("/api/v1/batch-memorize", contacts([{ email: "a@example.com" }]))).status).toBe(status);
  const saved = await post("/api/v1.1/memory/save/batch", contacts([{ email: "a@example.com" }]));
  expect(saved.status).toBe(202);
  expect((await get(`/api/v1.1/events/${String(saved.at("data.eventId"))}`)).at("data.status")).toBe("completed");
});

test("v1.1 can be absent, or serve only what the reference lists for it", async () => {
  const { get, control } = await startTestApi({ v1_1Unlisted: "not-found" });
  expect((await get("/api/v1.1/events")).status).toBe(404);
  expect((await get("/api/v1/events")).status).toBe(200);
  expect((await get("/api/v1.1/collections")).status).toBe(200);
  control.setKnobs({ v1_1: "not-found" });
  expect((await get("/api/v1.1/collections")).status).toBe(404);
});

test("import spells the flag extract, batch-memorize extractMemories, saveBatch either", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const send = async (path: string, flag: string, email: string) => {
    const notes = { sourceField: "notes", collectionName: "Generated Content", [flag]: true };
    const answer = await post(path, {
      source: "test",
      mapping: { entityType: "contact", email: "email", properties: { notes } },
      rows: [{ email, notes: "Likes tea." }],
    });
    expect(answer.status).toBe(202);
    return control.record({ email })?.memories.length;
  };
  expect(await send("/api/v1.1/memory/import", "extract", "a@example.com")).toBe(1);
  expect(await send("/api/v1.1/memory/import", "extractMemories", "b@example.com")).toBe(0);
  expect(await send("/api/v1/batch-memorize", "extractMemories", "c@example.com")).toBe(1);
  expect(await send("/api/v1/batch-memorize", "extract", "d@example.com")).toBe(0);
  expect(await send("/api/v1.1/memory/save/batch", "extract", "e@example.com")).toBe(1);
  expect(await send("/api/v1.1/memory/save/batch", "extractMemories", "f@example.com")).toBe(1);
});

test("every alias of a read answers the same", async () => {
  const { save, post, get, send, control } = await startTestApi({
    landingDelayMs: 0,
    organizations: [{ plan: "pro" }],
  });
  await save([{ email: "ada@example.com", first_name: "Ada", notes: "Likes tea." }]);
  const recordId = control.record({ email: "ada@example.com" })?.recordId ?? "";
  const id = encodeURIComponent(recordId);
  const same = async (paths: readonly string[], body: object) => {
    const answers = await Promise.all(paths.map((path) => post(path, body)));
    expect(answers.map((answer) => answer.status)).toEqual(paths.map(() => 200));
    expect(new Set(answers.map((answer) => answer.text)).size).toBe(1);
  };
  await same(["/api/v1/search", "/api/v1/export", "/api/v1.1/memory/search", "/api/v1.1/memory/manage/search"], {
    returnRecords: true,
  });
  await same(["/api/v1/smart-memory-digest", "/api/v1.1/memory/digest", "/api/v1.1/memory/retrieve/digest"], {
    recordId,
  });
  await same(["/api/v1/recall", "/api/v1/recall_pro"], { query: "tea" });
  await same(["/api/v1/smart-recall", "/api/v1/smart-recall-unified", "/api/v1.1/memory/retrieve"], { query: "tea" });
  await same(["/api/v1/memory/properties", "/api/v1/properties", "/api/v1.1/memory/manage/properties"], { recordId });
  expect((await get(`/api/v1.1/memory/manage/${id}`)).at("data.properties.first_name.value")).toBe("Ada");
  expect((await get(`/api/v1.1/memory/manage/${id}/history?propertyName=first_name`)).at("data.history.0.value")).toBe(
    "Ada",
  );

  const patched = await send("PATCH", `/api/v1.1/memory/manage/${id}`, {
    propertyName: "first_name",
    propertyValue: "A",
  });
  expect(patched.at("data.version")).toBe(2);
  const updates = [{ recordId, propertyName: "first_name", propertyValue: "B" }];
  expect((await send("PATCH", "/api/v1.1/memory/manage", { updates })).at("data.updatedCount")).toBe(1);
  expect((await send("DELETE", `/api/v1.1/memory/manage/${id}`, { type: "contact" })).status).toBe(200);
  expect((await post("/api/v1.1/memory/manage/cancel-deletion", { recordId })).status).toBe(200);
  expect((await send("DELETE", "/api/v1.1/memory/manage", { recordId })).status).toBe(200);
  expect(control.counts().records).toBe(0);
});

test("v1.1 retrieve can be gated for an organization, v1 retrieve is not", async () => {
  const { post } = await startTestApi({ retrieveGated: true });
  const refused = await post("/api/v1.1/memory/retrieve", { query: "tea" });
  expect([refused.status, refused.at("error")]).toEqual([403, "permission_error"]);
  expect((await post("/api/v1/retrieve", { query: "tea" })).status).toBe(200);
});

test("an unknown path answers 404 in the failure envelope", async () => {
  const { get } = await startTestApi();
  const answer = await get("/api/v1/mcps");
  expect([answer.status, answer.at("success"), answer.at("error")]).toEqual([404, false, "not_found_error"]);
});
