import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ConfigError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import { anyJson, sketchMapping, sourceRow } from "./__fixtures__/mapping.ts";
import { map } from "./map.ts";

describe("map", () => {
  it("puts values in the order of the mapping and the identity under its source field", () => {
    const row = sourceRow("1", { email: " Ada@Example.com ", age: 36, name: "Ada", bio: "first", notes: null });
    expect(map([row], sketchMapping())).toEqual({
      rows: [
        {
          key: "1",
          record: "ada@example.com",
          identity: { email: " Ada@Example.com " },
          structured: [36, "Ada"],
          extracting: ["first", null],
        },
      ],
      parked: [],
      filtered: 0,
      superseded: 0,
    });
  });

  it("leaves every JSON value as the source gave it, in structured and in extracting properties", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (structured, extracting) => {
        const [row] = map([sourceRow("1", { age: structured, bio: extracting })], sketchMapping()).rows;
        expect(row?.structured[0]).toBe(structured);
        expect(row?.extracting[0]).toBe(extracting);
      }),
    );
  });

  it("applies a named transform, but never to null", () => {
    const mapping = sketchMapping({ transforms: { name: "trim", age: "text" } });
    const [row] = map([sourceRow("1", { name: " Ada ", age: null })], mapping).rows;
    expect(row?.structured).toEqual([null, "Ada"]);
  });

  it.each(["name", "notes", "email"])("refuses a row without the mapped field %j, before anything else", (field) => {
    const { [field]: _, ...fields } = sourceRow("2").fields;
    const withoutIdentity = sourceRow("1", { email: null });
    expect(() => map([withoutIdentity, { key: "2", fields }], sketchMapping())).toThrow(ConfigError);
    expect(() => map([{ key: "2", fields }], sketchMapping())).toThrow(`Field "${field}" is mapped`);
  });

  it("refuses a row without a field that only `where` needs", () => {
    const mapping = sketchMapping({ where: [{ field: "status", equals: "active" }] });
    expect(() => map([sourceRow("1")], mapping)).toThrow('Field "status"');
  });

  it("takes the source's null for a value, unlike an absent field", () => {
    const nothing = { age: null, name: null, bio: null, notes: null };
    const [row] = map([sourceRow("1", nothing)], sketchMapping()).rows;
    expect(row).toMatchObject({ structured: [null, null], extracting: [null, null] });
  });

  it.each<[string, Json, RegExp]>([
    ["null", null, /which is empty/],
    ["empty", "", /which is empty/],
    ["blank", " \t ", /which is blank/],
    ["an object", { address: "secret@example.com" }, /neither text nor a number/],
    ["a list", ["secret@example.com"], /neither text nor a number/],
    ["a truth value", true, /neither text nor a number/],
  ])("parks a row whose identity is %s, with a reason without values", (_, email, reason) => {
    const result = map([sourceRow("1", { email })], sketchMapping());
    expect(result.rows).toEqual([]);
    expect(result.parked).toEqual([
      { key: "1", code: "NO_IDENTITY", reason: expect.stringMatching(reason), digest: null },
    ]);
    expect(JSON.stringify(result.parked)).not.toContain("secret");
  });

  it("takes a number for an identity", () => {
    const identity = { kind: "customKey", keyName: "sku", sourceField: "email" } as const;
    const [row] = map([sourceRow("1", { email: 4711 })], sketchMapping({ identity })).rows;
    expect(row).toMatchObject({ record: "4711", identity: { email: 4711 } });
  });

  it("carries the second key along, also when it is null", () => {
    const mapping = sketchMapping({ secondaryKey: { kind: "customKey", keyName: "sku", sourceField: "sku" } });
    const rows = map([sourceRow("1", { sku: "A-1" }), sourceRow("2", { sku: null })], mapping).rows;
    expect(rows.map((row) => row.identity)).toEqual([
      { email: "1@example.com", sku: "A-1" },
      { email: "2@example.com", sku: null },
    ]);
  });

  it("lets the later of two versions of one row count, wherever it leads", () => {
    const mapping = sketchMapping({ where: [{ field: "age", notEquals: 0 }] });
    const result = map(
      [
        sourceRow("a", { name: "old" }),
        sourceRow("b"),
        sourceRow("a", { name: "new" }),
        sourceRow("c", { email: null }),
        sourceRow("c", { name: "found" }),
        sourceRow("d"),
        sourceRow("d", { email: "" }),
        sourceRow("e"),
        sourceRow("e", { age: 0 }),
      ],
      mapping,
    );
    expect(result.rows.map(({ key, structured }) => [key, structured[1]])).toEqual([
      ["b", "n"],
      ["a", "new"],
      ["c", "found"],
    ]);
    expect(result.parked.map(({ key }) => key)).toEqual(["d"]);
    expect(result).toMatchObject({ filtered: 1, superseded: 4 });
  });

  it("leaves out rows that were deleted at the source, whose fields may be incomplete, with earlier versions of them", () => {
    const deleted = { key: "a", fields: {}, deleted: true } as const;
    expect(map([sourceRow("a"), sourceRow("b"), deleted], sketchMapping())).toMatchObject({
      rows: [{ key: "b" }],
      parked: [],
      filtered: 1,
      superseded: 1,
    });
    expect(map([deleted, sourceRow("a")], sketchMapping())).toMatchObject({ rows: [{ key: "a" }], filtered: 1 });
  });

  it("counts every row exactly once", () => {
    const anyRow = fc
      .record({ key: fc.constantFrom("a", "b", "c", "d"), email: fc.constantFrom(null, "", "x@y.z"), age: fc.nat(2) })
      .map(({ key, email, age }) => sourceRow(key, { email, age }));
    const mapping = sketchMapping({ where: [{ field: "age", notEquals: 0 }] });
    fc.assert(
      fc.property(fc.array(anyRow, { maxLength: 12 }), (rows) => {
        const { rows: mapped, parked, filtered, superseded } = map(rows, mapping);
        expect(mapped.length + parked.length + filtered + superseded).toBe(rows.length);
        expect(new Set([...mapped, ...parked].map(({ key }) => key)).size).toBe(mapped.length + parked.length);
      }),
    );
  });
});
