import type { OrganizationSeed } from "@acme/personize-api";
import { describe, expect, it } from "vitest";
import { at } from "../../../packages/sync-core/src/personize/json-access.ts";
import {
  toDigestRequest,
  toMemorizeRequest,
  toSearchRequest,
} from "../../../packages/sync-core/src/personize/requests.ts";
import {
  toAcceptance,
  toAccount,
  toEventId,
  toStoredRecord,
} from "../../../packages/sync-core/src/personize/responses.ts";
import { toCollectionPage } from "../../../packages/sync-core/src/personize/to-collections.ts";
import { toOutcome } from "../../../packages/sync-core/src/personize/to-outcome.ts";
import { batchOfPeople } from "./batch-of-people.ts";
import { createSdk, KEY, startApi } from "./contract.ts";
import { startRelay } from "./relay.ts";

const ada = { entityType: "contact", kind: "email", keyName: null, value: "ada@example.com" } as const;
const rows = [
  {
    email: "ada@example.com",
    id: "7",
    first_name: "Ada",
    loyalty_points: 12,
    preferences: null,
    notes: "Likes mornings.",
  },
  { email: "bo@example.com", id: "8", first_name: "Bø \u{1f680}", loyalty_points: 0, preferences: "", notes: null },
];

async function setUp() {
  const api = await startApi({ landingDelayMs: 60_000 });
  const relay = await startRelay(api.url);
  const sdk = createSdk(relay.url);
  const collections = async () => {
    const page = toCollectionPage(await sdk.collections.list({ limit: 100 }));
    return new Map(page.collections.map(({ name, id }) => [name, id]));
  };
  return { api, relay, sdk, collections, eventsUrl: new URL("/api/v1/events", relay.url).href };
}

describe("me", () => {
  it("is one authenticated request, and its envelope names organisation and limits", async () => {
    const { api, relay, sdk } = await setUp();
    api.control.setPlan("pro");
    expect(toAccount(await sdk.me())).toMatchObject({
      organizationId: "org_contract",
      planName: "Pro",
      callsPerMinute: 300,
      callsPerMonth: 250_000,
    });
    expect(relay.requests).toHaveLength(1);
    expect(relay.requests[0]).toMatchObject({ method: "GET", headers: { authorization: `Bearer ${KEY}` } });
  });
});

describe("collections.list", () => {
  const names = Array.from({ length: 7 }, (_, index) => `Collection ${index}`);
  const organization: OrganizationSeed = {
    keys: [KEY],
    plan: "unlimited",
    collections: names.map((collectionName) => ({
      collectionName,
      entityType: "contact",
      properties: [
        { propertyName: "First Name", systemName: "first_name", type: "text" },
        { propertyName: "Tags", systemName: "tags", type: "array", update: false },
      ],
    })),
  };

  it("passes on `limit` and `nextToken`, and names a next page until the last one", async () => {
    const api = await startApi({ organizations: [organization], collectionsMaxPageSize: 3 });
    const relay = await startRelay(api.url);
    const sdk = createSdk(relay.url);
    const found: string[] = [];
    const tokens: string[] = [];
    for (let token: string | null = null; ; ) {
      const envelope = await sdk.collections.list(token === null ? { limit: 100 } : { limit: 100, nextToken: token });
      const page = toCollectionPage(envelope);
      found.push(...page.collections.map(({ name }) => name));
      token = page.nextToken;
      if (token === null) break;
      tokens.push(token);
    }
    expect(found).toEqual(names);
    expect(relay.requests.map(({ query }) => query)).toEqual([
      { limit: "100" },
      ...tokens.map((nextToken) => ({ limit: "100", nextToken })),
    ]);
    expect(relay.requests).toHaveLength(3);
  });

  it("reads alike from `actions` and from flat items, whichever of them there are", async () => {
    const api = await startApi({ organizations: [organization] });
    const envelope = await createSdk(api.url).collections.list({ limit: 100 });
    const { data } = envelope;
    const actions: unknown = at(data, "actions");
    const shapes = [
      ...(Array.isArray(actions) ? [{ actions }] : []),
      ...(Array.isArray(data) && data.length > 0 ? [[...data]] : []),
    ].map((shape) => toCollectionPage({ data: shape }).collections);
    expect(shapes.length).toBeGreaterThan(0);
    for (const shape of shapes) expect(shape).toEqual(toCollectionPage(envelope).collections);
    expect(shapes[0]?.[0]).toEqual({
      id: expect.any(String),
      name: "Collection 0",
      entityType: "contact",
      properties: [
        { names: ["first_name", "First Name"], appendOnly: false },
        { names: ["tags", "Tags"], appendOnly: true },
      ],
    });
  });
});

describe("memory.memorizeBatch", () => {
  it("sends mapping and rows in one request, unchanged, and its envelope names the event", async () => {
    const { api, relay, sdk, collections } = await setUp();
    const request = batchOfPeople(await collections(), rows);
    const envelope = await sdk.memory.memorizeBatch(request);

    const sent = relay.requests.slice(1);
    expect(sent).toHaveLength(1);
    expect(sent[0]?.body).toEqual(JSON.parse(JSON.stringify(request)));
    expect(sent[0]).toMatchObject({
      method: "POST",
      path: expect.stringMatching(/batch/),
      headers: { authorization: `Bearer ${KEY}`, "content-type": expect.stringMatching(/^application\/json/) },
    });
    const [event] = api.control.events();
    expect(toAcceptance(envelope, rows.length, false)).toEqual({
      state: "accepted",
      eventId: event?.eventId,
      ambiguous: false,
    });
  });

  it("leads to records with these values, and memories of what is extracted", async () => {
    const { api, sdk, collections } = await setUp();
    await sdk.memory.memorizeBatch(batchOfPeople(await collections(), rows));
    api.control.settleAll();
    const [first, second] = rows.map(({ email }) => api.control.record({ email, type: "contact" }));
    expect(first).toMatchObject({ values: { first_name: "Ada", loyalty_points: 12 }, keys: { crm_id: "7" } });
    expect(first?.memories).toEqual(["Likes mornings."]);
    expect(second).toMatchObject({ values: { first_name: "Bø \u{1f680}", loyalty_points: 0 } });
    expect(second?.memories).toEqual([]);
  });

  it("does not cut a batch", async () => {
    const { api, sdk, collections } = await setUp();
    const many = Array.from({ length: 100 }, (_, index) => ({ ...rows[0], email: `person${index}@example.com` }));
    await sdk.memory.memorizeBatch(batchOfPeople(await collections(), many));
    expect(api.control.requests().map((entry) => entry.rows)).toEqual([0, 100]);
  });
});

describe("the HTTP client of the SDK", () => {
  it("gets a whole URL with parameters and the key, and shows body and headers of the answer", async () => {
    const { api, relay, sdk, collections, eventsUrl } = await setUp();
    const request = batchOfPeople(await collections(), rows);
    for (let times = 0; times < 3; times += 1) await sdk.memory.memorizeBatch(request);
    const eventIds = api.control.events().map(({ eventId }) => eventId);

    const answer = await sdk.client.get(eventsUrl, { params: { limit: 2 } });
    expect(relay.requests.at(-1)).toMatchObject({
      method: "GET",
      path: "/api/v1/events",
      query: { limit: "2" },
      headers: { authorization: `Bearer ${KEY}` },
    });
    const body: unknown = answer.data;
    expect(body).toMatchObject({ success: true, nextToken: expect.any(String) });
    expect(at(body, "data")).toMatchObject([{ eventId: eventIds[2] }, { eventId: eventIds[1] }]);
    expect(at(answer.headers, "sunset")).toEqual(expect.any(String));

    const next = await sdk.client.get(eventsUrl, { params: { limit: 2, nextToken: String(at(body, "nextToken")) } });
    expect(at(next.data, "data")).toMatchObject([{ eventId: eventIds[0] }]);
  });

  it("reads what became of an event", async () => {
    const { api, sdk, collections, eventsUrl } = await setUp();
    const envelope = await sdk.memory.memorizeBatch(batchOfPeople(await collections(), rows));
    const url = `${eventsUrl}/${toEventId(envelope.data)}`;
    const ask = async () => toOutcome(at((await sdk.client.get(url)).data, "data"), rows.length);
    expect(await ask()).toEqual({ state: "in-flight" });
    api.control.settleAll();
    expect(await ask()).toEqual({ state: "landed" });
  });
});

describe("reading back", () => {
  it("memory.search finds the one record of an identity, with its properties", async () => {
    const { api, sdk, collections } = await setUp();
    await sdk.memory.memorizeBatch(batchOfPeople(await collections(), rows));
    expect(toStoredRecord(await sdk.memory.search(toSearchRequest(ada)))).toBeNull();
    api.control.settleAll();
    expect(toStoredRecord(await sdk.memory.search(toSearchRequest(ada)))).toEqual({
      recordId: api.control.record({ email: ada.value })?.recordId,
      properties: expect.objectContaining({ first_name: "Ada", loyalty_points: 12, notes: "Likes mornings." }),
      memoryCount: null,
    });
  });

  it("memory.smartDigest lists the memories of a record", async () => {
    const { api, sdk, collections } = await setUp();
    await sdk.memory.memorizeBatch(batchOfPeople(await collections(), rows));
    api.control.settleAll();
    const envelope = await sdk.memory.smartDigest(toDigestRequest(ada));
    expect(at(at(envelope, "data"), "memories")).toMatchObject([{ text: "Likes mornings." }]);
  });
});

describe("memory.memorize", () => {
  it("sends the item unchanged, and its envelope names an event or a record", async () => {
    const { relay, sdk } = await setUp();
    const request = toMemorizeRequest({ content: "Called on Friday.", entityType: "contact", email: ada.value });
    const { data } = await sdk.memory.memorize(request);
    expect(relay.requests[0]?.body).toEqual({ content: "Called on Friday.", type: "contact", email: ada.value });
    expect([toEventId(data), at(data, "recordId")]).toContainEqual(expect.any(String));
  });
});
