import { describe, expect, it } from "vitest";
import type { Collection } from "../contracts/destination.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Field, FieldType, Stream } from "../contracts/source.ts";
import { checkMapping } from "./check-mapping.ts";
import { mappingConfig } from "./mapping-config.ts";

type Input = typeof mappingConfig._zod.input;

function field(name: string, type: FieldType = "text", unreadable: string | null = null): Field {
  return { name, type, sourceType: type, nullable: true, unreadable };
}

const stream: Stream = {
  name: "customers",
  fields: [
    field("id", "bigint"),
    field("email"),
    field("domain"),
    field("first_name"),
    field("age", "number"),
    field("notes"),
    field("tags", "array"),
    field("sku"),
    field("photo", "binary", "binary values cannot be passed on as JSON"),
  ],
  key: ["id"],
  cursorField: null,
  cursorCandidates: [],
  estimatedRows: null,
};

const standard: Collection = {
  id: "col_1",
  name: "Contacts Standard Schema",
  entityType: "Contact",
  properties: [
    { names: ["first_name", "First Name"], appendOnly: false },
    { names: ["age"], appendOnly: false },
    { names: ["history"], appendOnly: true },
    { names: ["notes"], appendOnly: false },
  ],
};
const generated: Collection = {
  id: "2b1c0f7e",
  name: "Generated Content",
  entityType: null,
  properties: [
    { names: ["notes"], appendOnly: false },
    { names: ["tags"], appendOnly: false },
  ],
};
const companies: Collection = {
  id: "col_9",
  name: "Companies",
  entityType: "company",
  properties: [{ names: ["website"], appendOnly: false }],
};
const organisation = [standard, generated, companies];

const inStandard = { collectionName: standard.name };
const good: Input = {
  entityType: "contact",
  email: "email",
  properties: { first_name: { sourceField: "first_name", ...inStandard } },
};

function check(changes: Partial<Input>, collections: readonly Collection[] = organisation) {
  return checkMapping("customers", mappingConfig.parse({ ...good, ...changes }), stream, collections);
}

function problemsOf(changes: Partial<Input>, collections: readonly Collection[] = organisation): string[] {
  try {
    check(changes, collections);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error.hint).toContain("Nothing was sent");
    return error.message.split("\n  - ").slice(1);
  }
  return [];
}

describe("a mapping that fits", () => {
  it("is resolved: properties by kind, names looked up, values by row key, every source field listed", () => {
    const { mapping, findings } = check({
      customKeyName: "sku",
      customKey: "sku",
      where: [{ field: "age", isSet: true }],
      properties: {
        notes: { sourceField: "notes", collectionId: generated.id, extractMemories: true },
        first_name: { sourceField: "first_name", ...inStandard, transform: "trim" },
        age: { sourceField: "age", collectionId: standard.id, collectionName: standard.name },
      },
    });
    expect(findings).toEqual([]);
    expect(mapping).toEqual({
      entityType: "contact",
      runName: "customers",
      identity: { kind: "email", keyName: null, sourceField: "email" },
      secondaryKey: { kind: "customKey", keyName: "sku", sourceField: "sku" },
      structured: [
        { name: "age", collectionId: "col_1", collectionName: standard.name, extract: false, field: "age" },
        {
          name: "first_name",
          collectionId: "col_1",
          collectionName: standard.name,
          extract: false,
          field: "first_name:trim",
        },
      ],
      extracting: [
        { name: "notes", collectionId: generated.id, collectionName: generated.name, extract: true, field: "notes" },
      ],
      values: new Map([
        ["age", { sourceField: "age", transform: null }],
        ["first_name:trim", { sourceField: "first_name", transform: "trim" }],
        ["notes", { sourceField: "notes", transform: null }],
      ]),
      where: [{ field: "age", isSet: true }],
      sourceFields: ["email", "sku", "age", "first_name", "notes"],
    });
  });

  it("does not depend on the order in the file", () => {
    const entries = {
      tags: { sourceField: "tags", collectionId: generated.id },
      age: { sourceField: "age", ...inStandard },
      first_name: { sourceField: "first_name", ...inStandard },
    };
    const { tags, age, first_name } = entries;
    const one = check({ properties: { tags, age, first_name } }).mapping;
    const other = check({ properties: { first_name, tags, age } }).mapping;
    expect(one).toEqual(other);
    expect([...one.values.keys()]).toEqual([...other.values.keys()]);
  });

  it("takes a custom key alone as the identity, a run name, and a property by its display name", () => {
    const { mapping } = check({
      email: undefined,
      customKeyName: "sku",
      customKey: "sku",
      runName: "nightly",
      properties: { "First Name": { sourceField: "first_name", ...inStandard } },
    });
    expect(mapping.identity).toEqual({ kind: "customKey", keyName: "sku", sourceField: "sku" });
    expect(mapping.secondaryKey).toBeNull();
    expect(mapping.runName).toBe("nightly");
    expect(mapping.structured.map(({ name }) => name)).toEqual(["First Name"]);
  });

  it("compares entity types without case, and lets append-only through where it is asked for", () => {
    expect(problemsOf({ entityType: "CONTACT" })).toEqual([]);
    expect(
      problemsOf({ properties: { history: { sourceField: "notes", ...inStandard, allowAppendOnly: true } } }),
    ).toEqual([]);
  });

  it("keeps two fields apart whose names only look like a field with a transform", () => {
    const odd: Stream = { ...stream, fields: [field("email"), field("x"), field("x:trim")] };
    const config = mappingConfig.parse({
      ...good,
      properties: {
        age: { sourceField: "x:trim", ...inStandard },
        first_name: { sourceField: "x", transform: "trim", ...inStandard },
      },
    });
    const { mapping } = checkMapping("odd", config, odd, organisation);
    expect(mapping.structured.map(({ field: key }) => mapping.values.get(key))).toEqual([
      { sourceField: "x:trim", transform: null },
      { sourceField: "x", transform: "trim" },
    ]);
  });
});

describe("a mapping that does not fit", () => {
  it.each<[string, Partial<Input>, RegExp]>([
    [
      "a source field that does not exist",
      { properties: { age: { sourceField: "aeg", ...inStandard } } },
      /^properties\.age\.sourceField: the source has no field "aeg"\. Did you mean "age"\?$/,
    ],
    ["an identity field that does not exist", { email: "emial" }, /^email: .*"emial"\. Did you mean "email"\?$/],
    ["a where field that does not exist", { where: [{ field: "nope_nope", isSet: true }] }, /^where: .*"nope_nope"/],
    [
      "a second key that does not exist",
      { customKeyName: "sku", customKey: "skuu" },
      /^customKey: .*Did you mean "sku"\?$/,
    ],
    [
      "a field that cannot be read",
      { properties: { age: { sourceField: "photo", ...inStandard } } },
      /"photo" cannot be mapped: binary values cannot be passed on as JSON/,
    ],
    ["an identity that cannot be read", { email: "photo" }, /^email: field "photo" cannot be mapped/],
    [
      "an unknown collection",
      { properties: { age: { sourceField: "age", collectionName: "Contact Standard Schema" } } },
      /^properties\.age\.collectionName: .*Did you mean "Contacts Standard Schema"\?$/,
    ],
    [
      "an unknown property",
      { properties: { fist_name: { sourceField: "first_name", ...inStandard } } },
      /has no property "fist_name"\. Did you mean "first_name"\?$/,
    ],
    [
      "an id of no collection",
      { properties: { age: { sourceField: "age", collectionId: "col_2" } } },
      /"col_2" does not exist in this organisation/,
    ],
    [
      "id and name of two collections",
      { properties: { age: { sourceField: "age", collectionId: "col_1", collectionName: "Companies" } } },
      /collectionId belongs to collection "Contacts Standard Schema", but collectionName says "Companies"/,
    ],
    [
      "another entity type",
      { properties: { website: { sourceField: "domain", collectionName: "Companies" } } },
      /belongs to entity type "company", the mapping writes "contact"/,
    ],
    [
      "append-only",
      { properties: { history: { sourceField: "notes", ...inStandard } } },
      /"history" of collection "Contacts Standard Schema" is append-only.*allowAppendOnly/,
    ],
    ["no identity", { email: undefined }, /^no identity is mapped: set email, website, recordId, or customKeyName/],
    ["mixed identities", { website: "domain" }, /identities are mixed: email and website are both mapped/],
    ["a custom key without its name", { customKey: "sku" }, /^customKey and customKeyName belong together/],
    ["a name without its custom key", { customKeyName: "sku" }, /^customKey and customKeyName belong together/],
    ["nothing mapped", { properties: {} }, /^properties: nothing is mapped/],
  ])("%s is one problem, said precisely", (_, changes, expected) => {
    const problems = problemsOf(changes);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(expected);
  });

  it.each([
    "<collection-id>",
    "your_collection_id",
    "your-collection-id",
    "col_xxx",
    "col_XXXX",
    "COLLECTION_ID",
    "collection-id",
    "{collectionId}",
    "[id]",
    "xxx",
    "xxxxxxxx",
    "...",
    "col_123",
    "placeholder",
    "TODO",
  ])("the placeholder %j is called one", (collectionId) => {
    const [problem] = problemsOf({ properties: { age: { sourceField: "age", collectionId } } });
    expect(problem).toContain("is a placeholder, not an id");
  });

  it.each(["col_8fK2", "2b1c0f7e-6a58-4a8e-9d0f-0c8b7d1e2f3a", "01J9ZK3Q4R5S6T7V8W9X0Y1Z2A"])(
    "the unknown id %j is not called a placeholder",
    (collectionId) => {
      const [problem] = problemsOf({ properties: { age: { sourceField: "age", collectionId } } });
      expect(problem).toContain("does not exist in this organisation");
    },
  );

  it("asks for the id where two collections have one name, and names both", () => {
    const twin = { ...standard, id: "col_7" };
    const [problem] = problemsOf({}, [standard, twin]);
    expect(problem).toContain(
      '2 collections are called "Contacts Standard Schema"; set collectionId to one of col_1, col_7',
    );
    expect(
      problemsOf({ properties: { age: { sourceField: "age", collectionId: "col_7" } } }, [standard, twin]),
    ).toEqual([]);
  });

  it("says that an organisation without collections has none", () => {
    expect(problemsOf({}, [])).toEqual([expect.stringContaining("the organisation has no collections yet")]);
  });

  it("says everything at once", () => {
    const problems = problemsOf({
      email: undefined,
      customKey: "skuu",
      where: [{ field: "agee", isSet: true }],
      properties: {
        history: { sourceField: "notes", ...inStandard },
        first_name: { sourceField: "firstname", collectionName: "Nowhere At All" },
        website: { sourceField: "photo", collectionName: "Companies" },
        age: { sourceField: "age", collectionId: "<collection-id>" },
      },
    });
    expect(problems).toEqual([
      expect.stringContaining("customKey and customKeyName belong together"),
      expect.stringContaining("no identity is mapped"),
      expect.stringContaining('"agee"'),
      expect.stringContaining("is a placeholder"),
      expect.stringContaining('"firstname"'),
      expect.stringContaining('"Nowhere At All"'),
      expect.stringContaining("append-only"),
      expect.stringContaining('"photo" cannot be mapped'),
      expect.stringContaining('entity type "company"'),
    ]);
  });
});

describe("a mapping that fits, with doubts", () => {
  it.each<[string, Input["properties"], RegExp]>([
    [
      "free text without extractMemories",
      { notes: { sourceField: "notes", collectionId: generated.id } },
      /"notes" looks like free text, but extractMemories is not set/,
    ],
    [
      "extractMemories on a number",
      { age: { sourceField: "age", ...inStandard, extractMemories: true } },
      /extractMemories is set, but "age" is number, not free text/,
    ],
  ])("%s is a warning with something to do, and stops nothing", (_, properties, message) => {
    const { findings, mapping } = check({ properties });
    expect(findings).toEqual([
      { level: "warning", message: expect.stringMatching(message), hint: expect.stringMatching(/\w/) },
    ]);
    expect(mapping.structured.length + mapping.extracting.length).toBe(1);
  });

  it("extracting from lists and short text is not doubted", () => {
    const { findings } = check({
      properties: {
        tags: { sourceField: "tags", collectionId: generated.id, extractMemories: true },
        first_name: { sourceField: "first_name", ...inStandard },
      },
    });
    expect(findings).toEqual([]);
  });
});

describe("two names of one property", () => {
  it("are refused: one value would overwrite the other", () => {
    const narrow: Stream = {
      name: "t",
      key: ["id"],
      cursorField: null,
      cursorCandidates: [],
      estimatedRows: null,
      fields: ["id", "email", "a", "b"].map((name) => ({
        name,
        type: "text" as const,
        sourceType: "text",
        nullable: true,
        unreadable: null,
      })),
    };
    const twice: Collection[] = [
      {
        id: "c1",
        name: "C",
        entityType: "contact",
        properties: [{ names: ["first_name", "First Name"], appendOnly: false }],
      },
    ];
    const config = mappingConfig.parse({
      entityType: "contact",
      email: "email",
      properties: {
        first_name: { sourceField: "a", collectionName: "C" },
        "First Name": { sourceField: "b", collectionName: "C" },
      },
    });
    expect(() => checkMapping("s", config, narrow, twice)).toThrow(
      /"first_name" and "First Name" are two names of one property|"First Name" and "first_name" are two names of one property/,
    );
  });
});
