import { expect, test } from "vitest";
import { contacts, START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";

const digest = "/api/v1/smart-memory-digest";

test("a batch is accepted with 202 and an event, and nothing is readable before it lands", async () => {
  const { post, get, control } = await startTestApi({ landingDelayMs: 1000 });
  const accepted = await post("/api/v1/batch-memorize", contacts([{ email: "ada@example.com", first_name: "Ada" }]));
  expect(accepted.status).toBe(202);
  const event = `/api/v1/events/${String(accepted.at("data.eventId"))}`;
  expect((await get(event)).at("data.status")).toBe("pending");
  control.advanceClock(500);
  expect((await get(event)).at("data.status")).toBe("processing");
  control.advanceClock(499);
  expect((await post(digest, { email: "ada@example.com" })).status).toBe(404);
  expect((await post("/api/v1/search", { type: "contact" })).at("data.totalMatched")).toBe(0);
  control.advanceClock(1);
  expect((await get(event)).at("data")).toMatchObject({ status: "completed", responsePayload: { successCount: 1 } });
  expect((await post(digest, { email: "ada@example.com" })).at("data.properties.first_name")).toBe("Ada");
  expect(control.record({ email: "ada@example.com" })?.createdAtMs).toBe(START_MS + 1000);
});

test("the landing delay can be a range, drawn alike for the same seed", async () => {
  const land = async () => {
    const { save, control } = await startTestApi({ landingDelayMs: { minMs: 100, maxMs: 900 }, seed: 5 });
    for (let index = 0; index < 5; index += 1) await save([{ email: `${index}@example.com` }]);
    control.advanceClock(900);
    return control.events().map((event) => event.finishedAtMs);
  };
  const times = await land();
  expect(new Set(times).size).toBeGreaterThan(1);
  expect(await land()).toEqual(times);
});

test("a reset draws the same delays again", async () => {
  const { save, control } = await startTestApi({ landingDelayMs: { minMs: 100, maxMs: 9000 } });
  const land = async () => {
    await save([{ email: "ada@example.com" }]);
    control.advanceClock(9000);
    return control.events()[0]?.finishedAtMs;
  };
  const finishedAtMs = await land();
  control.reset();
  expect(await land()).toBe(finishedAtMs);
});

test("settleAll lands everything at once", async () => {
  const { save, control } = await startTestApi({ landingDelayMs: 3_600_000 });
  await save([{ email: "ada@example.com" }]);
  expect(control.counts()).toMatchObject({ records: 0, eventsInFlight: 1, rowsReceived: 1, rowsLanded: 0 });
  control.settleAll();
  expect(control.counts()).toMatchObject({ records: 1, eventsInFlight: 0, rowsLanded: 1 });
});

test.each([
  ["batch", ["pending", "processing", "completed", "partial_failure", "failed"]],
  ["prompt", ["pending", "processing", "completed", "partial_completed", "failed"]],
  ["context", ["received", "processing", "completed", "partial", "failed"]],
  ["managed", ["queued", "running", "succeeded", "partial", "failed"]],
] as const)("events speak the %s vocabulary", async (eventVocabulary, words) => {
  const { save, get, control } = await startTestApi({ eventVocabulary, landingDelayMs: 1000 });
  const status = async (eventId: string) => (await get(`/api/v1/events/${eventId}`)).at("data.status");
  const good = await save([{ email: "a@example.com" }]);
  const mixed = await save([{ email: "b@example.com" }, {}]);
  const bad = await save([{}]);
  const seen = [await status(good)];
  control.advanceClock(500);
  seen.push(await status(good));
  control.advanceClock(500);
  seen.push(await status(good), await status(mixed), await status(bad));
  expect(seen).toEqual(words);
  if (eventVocabulary === "managed") {
    expect((await get(`/api/v1/events/${mixed}`)).at("data.failedCount")).toBe(1);
  }
});

test("events are listed newest first, page by page, and the listing can be switched off", async () => {
  const { save, get, control } = await startTestApi({ organizations: [{ plan: "pro" }] });
  const ids: string[] = [];
  for (let index = 0; index < 30; index += 1) ids.push(await save([{ email: `${index}@example.com` }]));
  const first = await get("/api/v1/events");
  expect(first.at("data")).toHaveLength(25);
  expect(first.at("data.0.eventId")).toBe(ids.at(-1));
  const second = await get(`/api/v1/events?nextToken=${String(first.at("nextToken"))}`);
  expect(second.at("data")).toHaveLength(5);
  expect(second.at("data.4.eventId")).toBe(ids[0]);
  expect(second.at("nextToken")).toBeUndefined();
  expect((await get("/api/v1/events?limit=1000")).at("data")).toHaveLength(30);
  expect((await get(`/api/v1/events/${ids[0]}/details`)).at("data.request")).toEqual({
    source: "test",
    runName: "run",
    rowCount: 1,
  });
  control.setKnobs({ eventListing: false });
  expect((await get("/api/v1/events")).status).toBe(404);
  expect((await get(`/api/v1/events/${ids[0]}`)).status).toBe(200);
});

test("chosen rows fail while the others land, by index, key, marker or predicate", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0 });
  control.failRows({ index: 0, times: 1, code: "BROKEN", message: "is broken" });
  control.failRows({ key: "key@example.com" });
  control.failRows({ field: "first_name", contains: "FAIL" });
  control.failRows({ matches: (row) => row["first_name"] === "Predicate" });
  const eventId = await save([
    { email: "first@example.com" },
    { email: "Key@Example.com" },
    { email: "marker@example.com", first_name: "a FAIL b" },
    { email: "predicate@example.com", first_name: "Predicate" },
    { email: "good@example.com" },
  ]);
  const event = await get(`/api/v1/events/${eventId}`);
  expect(event.at("data.status")).toBe("partial_failure");
  expect(event.at("data.responsePayload")).toMatchObject({ recordCount: 5, successCount: 1, failedCount: 4 });
  expect(event.at("data.responsePayload.errors.0")).toEqual({
    index: 0,
    email: "first@example.com",
    code: "BROKEN",
    message: "is broken",
  });
  expect(control.records().map((record) => record.key)).toEqual(["good@example.com"]);
  await save([{ email: "second@example.com" }]);
  expect(control.record({ email: "second@example.com" })).toBeDefined();
  control.clearRowFailures();
  expect((await get(`/api/v1/events/${await save([{ email: "key@example.com" }])}`)).at("data.status")).toBe(
    "completed",
  );
});

test("what an event tells about failed rows can be less", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0, failureReport: "counts" });
  const eventId = await save([{ email: "a@example.com" }, {}]);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.responsePayload")).toEqual({
    recordCount: 2,
    successCount: 1,
    failedCount: 1,
  });
  control.setKnobs({ failureReport: "none" });
  const event = await get(`/api/v1/events/${eventId}`);
  expect(event.at("data.status")).toBe("partial_failure");
  expect(event.at("data.responsePayload")).toBeUndefined();
});

test("an absent source field stores null and reports success; null clears a value", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0 });
  await save([{ email: "ada@example.com", first_name: "Ada" }]);
  const eventId = await save([{ email: "ada@example.com", frist_name: "Ada" }]);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("completed");
  expect(control.record({ email: "ada@example.com" })?.values).toMatchObject({ first_name: null });
});

test("a row without identifier fails inside its event, becomes an orphan, or refuses the batch", async () => {
  const { save, post, get, control } = await startTestApi({ landingDelayMs: 0 });
  const rows = [{ email: "ada@example.com" }, { email: "  ", notes: "Lonely text." }];
  const eventId = await save(rows);
  const event = await get(`/api/v1/events/${eventId}`);
  expect(event.at("data.responsePayload.errors.0.code")).toBe("MISSING_IDENTIFIER");
  expect(event.at("data.responsePayload.errors.0.index")).toBe(1);

  control.setKnobs({ missingIdentifier: "orphan" });
  expect((await get(`/api/v1/events/${await save(rows)}`)).at("data.status")).toBe("completed");
  expect(control.counts()).toMatchObject({ records: 1, orphanMemories: 1, rowsOrphaned: 1 });
  expect((await post("/api/v1/smart-recall", { query: "lonely" })).at("data.results.0.recordId")).toBeNull();

  control.setKnobs({ missingIdentifier: "reject" });
  const refused = await post("/api/v1/batch-memorize", contacts(rows));
  expect([refused.status, refused.at("error")]).toEqual([400, "MISSING_IDENTIFIER"]);
});

test("email-keyed and website-keyed rows in one batch are ENTITY_TYPE_MISMATCH", async () => {
  const { post } = await startTestApi();
  const batch = contacts([{ email: "ada@example.com" }, { site: "acme.com" }]);
  const refused = await post("/api/v1/batch-memorize", { ...batch, mapping: { ...batch.mapping, website: "site" } });
  expect([refused.status, refused.at("error")]).toEqual([400, "ENTITY_TYPE_MISMATCH"]);
  const records = await post("/api/v1/batch-memorize", {
    source: "test",
    records: [
      { email: "a@example.com", type: "contact", content: "x" },
      { email: "b@example.com", type: "lead", content: "x" },
    ],
  });
  expect(records.at("error")).toBe("ENTITY_TYPE_MISMATCH");
});

test("an unknown collection refuses the batch, or is a bucket that no read finds", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const mapping = {
    entityType: "contact",
    email: "email",
    properties: { first_name: { sourceField: "first_name", collectionId: "col_stale" } },
  };
  const body = { source: "test", mapping, rows: [{ email: "ada@example.com", first_name: "Ada" }] };
  const refused = await post("/api/v1/batch-memorize", body);
  expect([refused.status, refused.at("error")]).toEqual([400, "COLLECTION_NOT_FOUND"]);
  expect(control.counts().rowsReceived).toBe(0);

  control.setKnobs({ unknownCollection: "wrong-bucket" });
  expect((await post("/api/v1/batch-memorize", body)).status).toBe(202);
  const record = control.record({ email: "ada@example.com" });
  expect(record?.values).toEqual({});
  expect(record?.cells).toMatchObject([{ property: "first_name", collectionId: "col_stale", value: "Ada" }]);
  const conditions = [{ property: "first_name", operator: "EQ", value: "Ada" }];
  expect((await post("/api/v1/search", { groups: [{ conditions }] })).at("data.totalMatched")).toBe(0);
});

test("a property the collection does not have is dropped without a word, or refused", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const entry = { sourceField: "x", collectionName: "Contacts Standard Schema" };
  const send = (properties: object) =>
    post("/api/v1/batch-memorize", {
      source: "test",
      mapping: { entityType: "contact", email: "email", properties },
      rows: [{ email: "ada@example.com", x: "1" }],
    });
  expect((await send({ FIRST_NAME: entry, "Last Name": entry })).status).toBe(202);
  expect(control.record({ email: "ada@example.com" })?.values).toEqual({ last_name: "1" });
  control.setKnobs({ unknownProperty: "error" });
  expect((await send({ FIRST_NAME: entry })).status).toBe(400);
});

test.each([
  ["no rows", { source: "test", mapping: {}, rows: [] }],
  ["rows without mapping", { source: "test", rows: [{}] }],
  ["a row that is no object", contactsWith({ rows: ["x"] })],
  ["an entry without sourceField", contactsWith({ mapping: { email: "email", properties: { first_name: {} } } })],
  ["half a custom key", contactsWith({ mapping: { customKeyName: "sku", properties: {} } })],
  ["a body that is no JSON", "{"],
  ["a body that is no object", "[]"],
])("%s is refused with 400", async (_, body) => {
  const { post } = await startTestApi();
  expect((await post("/api/v1/batch-memorize", body)).status).toBe(400);
});

test("the same person under any spelling of the email is one record; types keep records apart", async () => {
  const { save, post, control } = await startTestApi({ landingDelayMs: 0 });
  await save([
    { email: "Ada@Example.com", first_name: "Ada" },
    { email: " ada@example.COM ", first_name: "Ada L." },
  ]);
  expect(control.counts().records).toBe(1);
  const batch = contacts([{ email: "ada@example.com", first_name: "Lead" }]);
  await post("/api/v1/batch-memorize", { ...batch, mapping: { ...batch.mapping, entityType: "Contact" } });
  expect(control.counts().records).toBe(1);
  await post("/api/v1/batch-memorize", { ...batch, mapping: { ...batch.mapping, entityType: "lead" } });
  expect(control.records().map((record) => record.type)).toEqual(["contact", "lead"]);
  expect(new Set(control.records().map((record) => record.recordId)).size).toBe(2);
});

test("websites, record ids and custom keys find their record again", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const send = (keys: object, row: object) =>
    post("/api/v1/batch-memorize", {
      source: "test",
      mapping: { entityType: "company", properties: { name: { sourceField: "name" } }, ...keys },
      rows: [row],
    });
  await send({ website: "site" }, { site: "https://www.acme.com/about", name: "Acme" });
  await send({ website: "site" }, { site: "ACME.com", name: "Acme Inc" });
  expect(control.records().map((record) => record.values)).toEqual([{ name: "Acme Inc" }]);
  const recordId = control.records()[0]?.recordId;
  await send({ recordId: "id" }, { id: recordId, name: "Acme Ltd" });
  expect(control.records().map((record) => record.values)).toEqual([{ name: "Acme Ltd" }]);
  await send({ customKeyName: "crm_id", customKey: "key" }, { key: 17, name: "Custom" });
  await send({ customKeyName: "crm_id", customKey: "key" }, { key: "17", name: "Custom 2" });
  expect(control.record({ customKeyName: "crm_id", customKeyValue: "17" })?.values).toEqual({ name: "Custom 2" });
  expect(control.counts().records).toBe(2);
});

test("replaceable values are overwritten with a bounded history, append-only ones grow with every repeat", async () => {
  const { save, control } = await startTestApi({ landingDelayMs: 0, historyLimit: 3 });
  for (let index = 0; index < 50; index += 1) {
    await save([{ email: "ada@example.com", first_name: `Ada ${index}`, tags: ["a"] }]);
    control.advanceClock(60_000);
  }
  const cells = control.record({ email: "ada@example.com" })?.cells ?? [];
  const firstName = cells.find((cell) => cell.property === "first_name");
  expect(firstName?.value).toBe("Ada 49");
  expect(firstName?.history.map((entry) => entry.value)).toEqual(["Ada 46", "Ada 47", "Ada 48"]);
  expect(firstName?.version).toBe(50);
  const tags = cells.find((cell) => cell.property === "tags");
  expect(tags?.value).toEqual(Array.from({ length: 50 }, () => "a"));
  await save([{ email: "ada@example.com", first_name: "Ada 49", tags: null }]);
  expect(
    control.record({ email: "ada@example.com" })?.cells.find((cell) => cell.property === "tags")?.value,
  ).toHaveLength(50);
});

test("the same value again makes neither a version nor history", async () => {
  const { save, control } = await startTestApi({ landingDelayMs: 0 });
  for (let index = 0; index < 3; index += 1) await save([{ email: "ada@example.com", first_name: "Ada" }]);
  const cell = control.record({ email: "ada@example.com" })?.cells.find(({ property }) => property === "first_name");
  expect(cell).toMatchObject({ version: 1, history: [] });
});

test("a record id on a row wins over its email, and keys seen later are found too", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  const send = (row: object) =>
    post("/api/v1/batch-memorize", {
      mapping: { entityType: "contact", recordId: "id", email: "email", properties: {} },
      rows: [row],
    });
  await send({ email: "ada@example.com" });
  const recordId = control.record({ email: "ada@example.com" })?.recordId;
  await send({ id: recordId, email: "ada@work.example" });
  expect(control.counts().records).toBe(1);
  expect((await post("/api/v1/search", { email: "ada@work.example" })).at("data.recordIds")).toEqual([recordId]);
});

test("extraction makes one memory per sentence, once; without the flag there is none", async () => {
  const { save, post, control } = await startTestApi({ landingDelayMs: 0 });
  const row = { email: "ada@example.com", first_name: "Likes nothing.", notes: "Likes tea. Hates spam!\nPlays chess" };
  await save([row, row]);
  expect(control.record({ email: "ada@example.com" })?.memories).toEqual(["Likes tea.", "Hates spam!", "Plays chess"]);
  expect(control.counts()).toMatchObject({ memories: 3, aiCharacters: row.notes.length * 2 });

  const silent = contacts([{ email: "bob@example.com", notes: "Likes tea." }]);
  const notes = { sourceField: "notes", collectionName: "Generated Content" };
  await post("/api/v1/batch-memorize", { ...silent, mapping: { ...silent.mapping, properties: { notes } } });
  expect(control.record({ email: "bob@example.com" })?.memories).toEqual([]);
  expect((await post("/api/v1/smart-recall", { query: "tea", email: "bob@example.com" })).at("data.results")).toEqual(
    [],
  );
});

test("a dry run checks everything, writes nothing and charges nothing", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  for (const path of ["/api/v1/batch-memorize", "/api/v1/memorize/batch/validate"]) {
    const answer = await post(path, { ...contacts([{ email: "a@example.com", notes: "Text." }, {}]), dryRun: true });
    expect(answer.status).toBe(200);
    expect(answer.at("data.errors.0.index")).toBe(1);
    expect(answer.at("data.eventId")).toBeUndefined();
  }
  const unknown = { x: { sourceField: "x", collectionName: "Nowhere" } };
  const refused = await post("/api/v1/batch-memorize", {
    dryRun: true,
    mapping: { email: "email", properties: unknown },
    rows: [{ email: "a@example.com" }],
  });
  expect(refused.at("error")).toBe("COLLECTION_NOT_FOUND");
  expect(control.counts()).toMatchObject({ rowsReceived: 0, creditsCharged: 0, records: 0 });
});

test("extracting rows cost a credit each; when none are left the other rows land and these fail", async () => {
  const { save, get, control } = await startTestApi({ landingDelayMs: 0, organizations: [{ credits: 2 }] });
  const eventId = await save([
    { email: "a@example.com", notes: "One." },
    { email: "b@example.com" },
    { email: "c@example.com", notes: "Two." },
    { email: "d@example.com", notes: "Three." },
    { email: "e@example.com" },
  ]);
  const event = await get(`/api/v1/events/${eventId}`);
  expect(event.at("data.status")).toBe("partial_failure");
  expect(event.at("data.responsePayload.errors")).toMatchObject([{ index: 3, code: "INSUFFICIENT_CREDITS" }]);
  expect((await get("/api/v1/analytics/credits")).at("data.balance")).toBe(0);
  expect(control.records().map((record) => record.key[0])).toEqual(["a", "b", "c", "e"]);
});

test("where credits are checked up front the write is refused with 402, and promised credits are kept apart", async () => {
  const { save, post, control } = await startTestApi({
    landingDelayMs: 1000,
    creditsExhausted: "reject",
    organizations: [{ credits: 2 }],
  });
  await save([{ email: "a@example.com", notes: "One." }]);
  const two = contacts([
    { email: "b@example.com", notes: "One." },
    { email: "c@example.com", notes: "Two." },
  ]);
  const refused = await post("/api/v1/batch-memorize", two);
  expect([refused.status, refused.at("error")]).toEqual([402, "INSUFFICIENT_CREDITS"]);
  await save([{ email: "b@example.com", notes: "One." }]);
  control.settleAll();
  expect(control.usage().credits).toBe(0);
  await save([{ email: "d@example.com" }]);
  control.setCredits(2);
  await save([
    { email: "e@example.com", notes: "One." },
    { email: "f@example.com", notes: "Two." },
  ]);
});

test("inline results land at once and carry memorized and errors instead of an event", async () => {
  const { post, control } = await startTestApi({ batchResult: "inline", landingDelayMs: 60_000, acceptedStatus: 200 });
  const answer = await post("/api/v1/batch-memorize", contacts([{ email: "a@example.com" }, {}]));
  expect(answer.status).toBe(200);
  expect(answer.at("data.eventId")).toBeUndefined();
  expect(answer.at("data.memorized")).toBe(1);
  expect(answer.at("data.errors.0")).toMatchObject({ email: null, message: "missing required identifier" });
  expect(control.counts().records).toBe(1);
});

test("records[] is taken on the same route, with values plain or wrapped", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  await post("/api/v1/batch-memorize", {
    source: "test",
    records: [
      {
        email: "ada@example.com",
        type: "contact",
        content: "Met at a fair.",
        collectionName: "Contacts Standard Schema",
        properties: {
          first_name: "Ada",
          notes: { value: "Likes tea.", extractMemories: true, collectionName: "Generated Content" },
        },
      },
    ],
  });
  const record = control.record({ email: "ada@example.com" });
  expect(record?.values).toEqual({ first_name: "Ada", notes: "Likes tea." });
  expect(record?.memories.toSorted()).toEqual(["Likes tea.", "Met at a fair."]);
});

test("reads may lag behind an event that is complete already", async () => {
  const { save, post, get, control } = await startTestApi({ landingDelayMs: 0, readLagMs: 5000 });
  const eventId = await save([{ email: "ada@example.com" }]);
  expect((await get(`/api/v1/events/${eventId}`)).at("data.status")).toBe("completed");
  expect((await post(digest, { email: "ada@example.com" })).status).toBe(404);
  control.advanceClock(5000);
  expect((await post(digest, { email: "ada@example.com" })).status).toBe(200);
});

function contactsWith(changes: object): object {
  return { ...contacts([{ email: "ada@example.com" }]), ...changes };
}
