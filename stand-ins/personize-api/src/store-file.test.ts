import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

function createFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "personize-api-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "store.jsonl");
}

test("records, keys, memories, deletions, usage, credits and events survive a restart", async () => {
  const options = { file: createFile(), landingDelayMs: 0 };
  const before = await startTestApi(options);
  const eventId = await before.save([
    { email: "ada@example.com", first_name: "Ada", tags: ["a"], notes: "Likes tea." },
    { email: "bob@example.com" },
    {},
  ]);
  await before.post("/api/v1/memory/update-keys", { email: "ada@example.com", type: "contact", keys: { crm_id: "7" } });
  await before.post("/api/v1/memory/delete-record", { email: "bob@example.com" });
  await before.post("/api/v1/collections", { collectionName: "Deals", properties: [] });
  const records = before.control.records({ includeDeleted: true });
  const counts = before.control.counts();
  const usage = before.control.usage();
  const event = (await before.get(`/api/v1/events/${eventId}`)).text;
  await before.close();

  const after = await startTestApi(options);
  expect(after.control.records({ includeDeleted: true })).toEqual(records);
  expect(after.control.counts()).toEqual({ ...counts, requests: 0, unitsAccepted: 0 });
  expect(after.control.usage()).toEqual({
    ...usage,
    minuteUnits: usage.minuteUnits + 1,
    monthUnits: usage.monthUnits + 1,
  });
  expect((await after.get(`/api/v1/events/${eventId}`)).text).toBe(event);
  expect(
    (await after.post("/api/v1/search", { customKeyName: "crm_id", customKeyValue: "7" })).at("data.totalMatched"),
  ).toBe(1);
  await after.save([{ email: "ada@example.com", tags: ["b"], notes: "Likes tea." }]);
  expect(after.control.record({ email: "ada@example.com" })).toMatchObject({
    values: { tags: ["a", "b"] },
    memories: ["Likes tea."],
    landedRows: 2,
  });
});

test("what was on its way lands after the restart, at its time, whatever fate it had", async () => {
  const file = createFile();
  const before = await startTestApi({ file, landingDelayMs: 1000 });
  before.control.addFault({ kind: "duplicate-landing", delayMs: 500 });
  const eventId = await before.save([{ email: "ada@example.com", tags: ["a"] }]);
  before.control.advanceClock(100);
  await before.close();

  const after = await startTestApi({ file });
  expect(after.control.counts()).toMatchObject({ records: 0, eventsInFlight: 1 });
  after.control.advanceClock(900);
  expect((await after.get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("completed");
  after.control.advanceClock(500);
  expect(after.control.record({ email: "ada@example.com" })?.values).toMatchObject({ tags: ["a", "a"] });
});

test("a changed store is written while running, in one step", async () => {
  const file = createFile();
  const { save, control } = await startTestApi({ file, landingDelayMs: 0, saveEveryMs: 20 });
  await save([{ email: "ada@example.com" }]);
  await expect.poll(() => readIfThere(file)).toContain("ada@example.com");
  control.setKnobs({ landingDelayMs: 1 });
});

test("a damaged file stops the start", async () => {
  const file = createFile();
  writeFileSync(file, '{"kind":"world","version":1,"clockOffsetMs":0}\n{"kind":"rec');
  await expect(startTestApi({ file })).rejects.toThrow(SyntaxError);
});

test("an empty or missing file is a fresh store", async () => {
  const file = createFile();
  writeFileSync(file, "");
  expect((await startTestApi({ file })).control.counts().records).toBe(0);
});

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
