import { describe, expect, it } from "vitest";
import type { Collection } from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { JsonObject } from "../contracts/json.ts";
import type { Stream } from "../contracts/source.ts";
import type { ReadyMapping, Starter } from "../contracts/starter.ts";
import { contacts, products, starter, texts, toStream } from "./__fixtures__/worlds.ts";
import { proposeSync, type SyncToPropose } from "./propose-sync.ts";

const customers = toStream(
  "public.customers",
  { id: "bigint", email: "text", first_name: "text", updated_at: "datetime", created_at: "datetime" },
  { cursorCandidates: ["created_at", "updated_at"] },
);

function propose(stream: Stream | null, collections: readonly Collection[] | null, rest: Partial<SyncToPropose> = {}) {
  const wanted = { connector: { name: "sql" }, starter, streamName: stream?.name ?? null, options: starter.source };
  return proposeSync({ ...wanted, stream, collections, ...rest });
}

function optionsOf(stream: Stream, options: JsonObject = starter.source): JsonObject {
  const { source } = propose(stream, [contacts], { options });
  return Object.fromEntries(source.map(({ option, value }) => [option, value]));
}

describe("a proposed sync", () => {
  it("reads the stream by its key and by the field that is named after changes", () => {
    expect(propose(customers, [contacts]).name).toBe("customers");
    expect(optionsOf(customers)).toEqual({
      url: "${URL}",
      table: "public.customers",
      key: "id",
      cursor: "updated_at",
    });
  });

  it("never reads by a field that does not move, and says what follows from that", () => {
    const stream = { ...customers, cursorCandidates: ["created_at"] };
    const { source, sourceRemarks } = propose(stream, [contacts]);
    expect(source.map(({ option }) => option)).not.toContain("cursor");
    expect(sourceRemarks).toEqual([
      "no cursor: created_at does not sound as if it moved with every change: every run compares everything",
    ]);
  });

  it("leaves alone what was set by hand, and what the source finds by itself", () => {
    expect(optionsOf(customers, { url: "${URL}", key: ["a", "b"], cursor: "created_at" })).toMatchObject({
      key: ["a", "b"],
      cursor: "created_at",
    });
    const own = { ...starter, keyOption: null, cursorOption: null };
    const { source } = propose({ ...customers, cursorField: "seen" }, [contacts], { starter: own });
    expect(source.map(({ option }) => option)).toEqual(["url", "table"]);
  });

  it("writes a key of several columns as a list", () => {
    expect(optionsOf({ ...customers, key: ["a", "b"] })).toMatchObject({ key: ["a", "b"] });
  });

  it("is an example where nobody could be asked", () => {
    const { source, properties, sourceRemarks } = propose(null, null);
    expect(source).toContainEqual({ option: "table", value: "public.customers", reason: "an example: what to read" });
    expect(properties.map(({ property }) => property)).toEqual(["first_name", "notes"]);
    expect(sourceRemarks).toHaveLength(2);
  });

  it.each<[string, Stream, readonly Collection[], string]>([
    ["no property fits", toStream("people", { id: "text", email: "text", shoe: "text" }), [contacts], "shoe"],
    ["no collection at all", toStream("ships", { id: "text", name: "text" }), [contacts], "no collection"],
    ["nothing identifies", toStream("lines", { a: "text" }, { key: ["a", "b"] }), [products], "nothing identifies"],
  ])("%s: an error instead of a file that no run accepts", (_, stream, collections, message) => {
    expect(() => propose(stream, collections)).toThrow(ConfigError);
    expect(() => propose(stream, collections)).toThrow(message);
  });
});

describe("a ready mapping", () => {
  const ready: ReadyMapping = {
    stream: "public.customers",
    entityType: "contact",
    identity: { kind: "email", keyName: null, sourceField: "email", reason: "r" },
    collectionName: "Contacts",
    properties: [
      { property: "First Name", sourceField: "first_name", reason: "the same" },
      { property: "city", sourceField: "first_name", collectionName: "Texts", reason: "the other collection" },
      { property: "phone", sourceField: "telephone", reason: "not at this source" },
      { property: "shoe", sourceField: "first_name", reason: "not in this organisation" },
    ],
  };
  const withReady: Starter = { ...starter, mappings: [ready] };

  it("is cut down to what source and organisation have, and says what it lost", () => {
    const { properties, leftOut } = propose(customers, [contacts, texts], { starter: withReady });
    expect(properties.map(({ property, collection }) => [property, collection])).toEqual([
      ["first_name", { collectionName: "Contacts" }],
      ["city", { collectionName: "Texts" }],
    ]);
    expect(leftOut).toEqual(["phone: the source has no field telephone", "shoe: no collection of contact has it"]);
  });

  it("is written as it is where nobody could be asked", () => {
    const { properties, leftOut } = propose(null, null, { starter: withReady, streamName: "public.customers" });
    expect(properties).toHaveLength(4);
    expect(leftOut).toEqual([]);
  });

  it("is no use without its identity", () => {
    const stream = toStream("public.customers", { id: "bigint", first_name: "text" });
    expect(() => propose(stream, [contacts], { starter: withReady })).toThrow('no field "email"');
  });
});
