import { expect, test } from "vitest";
import { startTestApi } from "./__fixtures__/start-test-api.ts";

test("memorize is asynchronous and extracts its content", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 60_000, singleLandingDelayMs: 1000 });
  const answer = await post("/api/v1/memorize", { email: "ada@example.com", content: "Likes tea. Hates spam." });
  expect(answer.status).toBe(202);
  expect(answer.at("data.eventId")).toBeTypeOf("string");
  expect(control.record({ email: "ada@example.com" })).toBeUndefined();
  control.advanceClock(1000);
  expect(control.record({ email: "ada@example.com" })?.memories).toEqual(["Likes tea.", "Hates spam."]);
  expect(control.counts().creditsCharged).toBe(1);
});

test("memorize may answer its result inline", async () => {
  const { post } = await startTestApi({ singleResult: "inline" });
  const answer = await post("/api/v1/memorize", { website_url: "www.acme.com", content: "Sells anvils." });
  expect(answer.status).toBe(200);
  expect(answer.at("data")).toMatchObject({
    creditsCharged: 1,
    memories: [{ text: "Sells anvils.", type: "Company" }],
  });
  expect(answer.at("data.recordId")).toMatch(/^REC#/);
});

test("memorize without content or identifier is refused, unless orphans are kept", async () => {
  const { post, control } = await startTestApi({ landingDelayMs: 0 });
  expect((await post("/api/v1/memorize", { email: "ada@example.com" })).status).toBe(400);
  const refused = await post("/api/v1/memorize", { content: "Lonely." });
  expect([refused.status, refused.at("message")]).toEqual([400, "missing required identifier"]);
  control.setKnobs({ missingIdentifier: "orphan" });
  expect((await post("/api/v1/memorize", { content: "Lonely." })).status).toBe(202);
  expect(control.counts()).toMatchObject({ records: 0, orphanMemories: 1 });
});

test("v1.1 save refuses the options of the older call", async () => {
  const { post } = await startTestApi();
  const body = { email: "ada@example.com", content: "Likes tea." };
  for (const option of ["skipDualWrite", "skipStorage", "skipPropertySelection", "enhanced"]) {
    const refused = await post("/api/v1.1/memory/save", { ...body, [option]: true });
    expect([refused.status, refused.at("error")]).toEqual([400, "INVALID_PARAMS"]);
  }
  expect((await post("/api/v1.1/memory/save", { ...body, shape: "poem" })).status).toBe(400);
  expect((await post("/api/v1.1/memory/save", { ...body, shape: "document" })).status).toBe(202);
});

const collectionName = "Contacts Standard Schema";
const email = "ada@example.com";

test.each([
  [
    "legacy v1 upsert",
    "/api/v1/upsert",
    {
      type: "contact",
      matchKeys: { email },
      properties: { first_name: { value: "Ada", collectionName } },
      source: "x",
    },
  ],
  [
    "legacy v1 upsertBatch",
    "/api/v1/upsert",
    { type: "contact", email, memories: [{ memoryName: "first_name", result: "Ada", collection: collectionName }] },
  ],
  [
    "the June 2026 records",
    "/api/v1/upsert",
    { records: [{ email, type: "contact", properties: { first_name: "Ada" } }] },
  ],
  ["a flat record", "/api/v1/upsert", { email, type: "contact", collectionName, properties: { first_name: "Ada" } }],
  [
    "flat items",
    "/api/v1/upsert",
    { items: [{ email, type: "contact", collectionName, properties: { first_name: "Ada" } }] },
  ],
  [
    "v1.1 with matchKeys",
    "/api/v1.1/memory/upsert",
    { type: "contact", matchKeys: { email }, properties: { first_name: { value: "Ada", collectionName } } },
  ],
  [
    "v1.1 items",
    "/api/v1.1/memory/upsert",
    {
      type: "contact",
      items: [{ matchKeys: { email }, properties: { first_name: { value: "Ada", collectionName } } }],
    },
  ],
])("upsert takes %s", async (_, path, body) => {
  const { post, control } = await startTestApi({ landingDelayMs: 500 });
  const answer = await post(path, body);
  expect(answer.status).toBe(202);
  expect(answer.at("data.jobId")).toBeTypeOf("string");
  expect(control.record({ email })).toBeUndefined();
  control.advanceClock(500);
  expect(control.record({ email })?.values).toEqual({ first_name: "Ada" });
  expect(control.counts().creditsCharged).toBe(1);
});

test.each([
  ["a value that is neither text nor wrapped", { email, collectionName, properties: { lifetime_value: 3 } }],
  ["no collection", { email, properties: { first_name: "Ada" } }],
  ["an unknown collection", { email, collectionName: "Nowhere", properties: { first_name: "Ada" } }],
  ["an unknown property", { email, collectionName, properties: { shoe_size: "38" } }],
  ["no identifier", { collectionName, properties: { first_name: "Ada" } }],
  ["nothing to write", { email }],
])("upsert refuses %s", async (_, body) => {
  const { post } = await startTestApi();
  expect((await post("/api/v1/upsert", body)).status).toBe(400);
});
