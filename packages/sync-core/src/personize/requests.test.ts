import { describe, expect, it } from "vitest";
import type { IdentityValue } from "../contracts/destination.ts";
import type { Batch } from "../contracts/line.ts";
import { sketchMapping } from "../line/__fixtures__/mapping.ts";
import { recordKindOf } from "../line/remembered-record.ts";
import { toBatchRequest, toDigestRequest, toMemorizeRequest, toSearchRequest } from "./requests.ts";

function batchOf(mapping: ReturnType<typeof sketchMapping>, values: Batch["rows"][number]["values"]): Batch {
  const row = { key: "1", record: "r", values, digest: new Uint8Array(), isNew: true, aiCharacters: 0, superseded: [] };
  const properties = [...mapping.structured, ...mapping.extracting];
  return { id: "1.0.0-a", page: 0, recordKind: recordKindOf(mapping), properties, rows: [row], bytes: 1, units: 1 };
}

describe("a batch request", () => {
  it("has the documented form: names of row keys, ids and names of collections, flat rows", () => {
    const mapping = sketchMapping({ structured: ["name"], extracting: ["notes"], transforms: { name: "trim" } });
    const values = { email: "a@x.y", "name:trim": "Ada", notes: null };
    expect(toBatchRequest(batchOf(mapping, values), mapping, { source: "crm", chunkSize: 5 })).toEqual({
      source: "crm",
      chunkSize: 5,
      mapping: {
        entityType: "contact",
        email: "email",
        runName: "test",
        properties: {
          name: { sourceField: "name:trim", collectionId: "col_1", collectionName: "Contacts", extractMemories: false },
          notes: { sourceField: "notes", collectionId: "col_1", collectionName: "Contacts", extractMemories: true },
        },
      },
      rows: [values],
    });
  });

  it("maps only the properties of the batch", () => {
    const mapping = sketchMapping();
    const whole = batchOf(mapping, {});
    const request = toBatchRequest({ ...whole, properties: mapping.extracting.slice(0, 1) }, mapping, {
      source: "s",
      chunkSize: 1,
    });
    expect(Object.keys(request.mapping.properties)).toEqual(["bio"]);
  });

  it("names a custom key and the row key that holds it, alone or beside another identity", () => {
    const sku = { kind: "customKey", keyName: "sku", sourceField: "article" } as const;
    const settings = { source: "s", chunkSize: 1 };
    const alone = sketchMapping({ identity: sku });
    expect(toBatchRequest(batchOf(alone, {}), alone, settings).mapping).toMatchObject({
      customKeyName: "sku",
      customKey: "article",
    });
    const beside = sketchMapping({ secondaryKey: sku });
    expect(toBatchRequest(batchOf(beside, {}), beside, settings).mapping).toMatchObject({
      email: "email",
      customKeyName: "sku",
      customKey: "article",
    });
  });
});

describe("asking for one record", () => {
  const identity = (changes: Partial<IdentityValue>): IdentityValue => ({
    entityType: "contact",
    kind: "email",
    keyName: null,
    value: "v",
    ...changes,
  });

  it.each<[Partial<IdentityValue>, Record<string, string>, Record<string, string>]>([
    [{}, { email: "v" }, { email: "v" }],
    [{ kind: "website" }, { websiteUrl: "v" }, { website_url: "v" }],
    [{ kind: "recordId" }, { recordId: "v" }, { record_id: "v" }],
    [
      { kind: "customKey", keyName: "sku" },
      { customKeyName: "sku", customKeyValue: "v" },
      { customKeyName: "sku", customKeyValue: "v" },
    ],
  ])("by %j", (changes, inSearch, inDigest) => {
    expect(toSearchRequest(identity(changes))).toEqual({
      type: "contact",
      page: 1,
      pageSize: 1,
      returnRecords: true,
      ...inSearch,
    });
    expect(toDigestRequest(identity(changes))).toEqual({
      type: "contact",
      include_properties: false,
      include_memories: true,
      max_memories: 20,
      ...inDigest,
    });
  });
});

describe("memorizing one item", () => {
  it("sends what is given, under the names that the service has for it", () => {
    expect(toMemorizeRequest({ content: "c", entityType: "contact", email: "e" })).toEqual({
      content: "c",
      type: "contact",
      email: "e",
    });
    expect(
      toMemorizeRequest({
        content: "c",
        entityType: "company",
        website: "w",
        recordId: "r",
        customKeyName: "sku",
        customKey: "k",
      }),
    ).toEqual({
      content: "c",
      type: "company",
      website_url: "w",
      record_id: "r",
      customKeyName: "sku",
      customKeyValue: "k",
    });
  });
});
