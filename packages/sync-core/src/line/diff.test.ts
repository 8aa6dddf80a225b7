import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contracts/json.ts";
import type { ChangedRow } from "../contracts/line.ts";
import type { KnownRow } from "../contracts/state.ts";
import type { Mapping } from "../contracts/mapping.ts";
import { anyJson, sketchMapping, sourceRow } from "./__fixtures__/mapping.ts";
import { diff } from "./diff.ts";
import { createDigester } from "./digest.ts";
import { map } from "./map.ts";

const mapping = sketchMapping();

function digestOf(fields: JsonObject, under: Mapping = mapping): Uint8Array {
  const [row] = map([sourceRow("1", fields)], under).rows;
  if (row === undefined) throw new Error("the row was not mapped");
  return createDigester(under).digest(row);
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

interface Stored {
  readonly landed?: JsonObject;
  readonly parked?: JsonObject;
  /** The mapping under which it was stored. */
  readonly under?: Mapping;
}

/** What is sent of a row, given what is stored: names of properties, or why nothing is. */
function compare(now: JsonObject, stored: Stored = {}, under: Mapping = mapping): string[] | "unchanged" | "parked" {
  const { landed, parked, under: before = under } = stored;
  const known = new Map<string, KnownRow>();
  if (landed !== undefined || parked !== undefined) {
    known.set("1", {
      landed: landed === undefined ? null : digestOf(landed, before),
      parked: parked === undefined ? null : digestOf(parked, before),
    });
  }
  const result = diff(map([sourceRow("1", now)], under).rows, known, createDigester(under), false);
  const [changed] = result.changed;
  expect(result.changed.length + result.unchanged + result.stillParked).toBe(1);
  if (changed === undefined) return result.unchanged === 1 ? "unchanged" : "parked";
  expect(changed.isNew).toBe(landed === undefined);
  return sentBy(changed, under);
}

function sentBy({ sendStructured, sendExtracting }: ChangedRow, under: Mapping): string[] {
  const structured = sendStructured ? under.structured.map(({ name }) => name) : [];
  return [...structured, ...sendExtracting.map((index) => under.extracting[index]?.name ?? "?")];
}

describe("digest", () => {
  it("is equal for equal rows, and only for them", () => {
    const anyFields = fc.record({ age: anyJson, name: anyJson, bio: anyJson, notes: anyJson });
    const comparable = ({ age, name, bio, notes }: JsonObject): string =>
      // An extracting text that is empty and one that is not there are the same nothing.
      JSON.stringify([age, name, bio === "" ? null : bio, notes === "" ? null : notes]);
    fc.assert(
      fc.property(anyFields, anyFields, (one, other) => {
        expect(hex(digestOf(one)) === hex(digestOf(other))).toBe(comparable(one) === comparable(other));
        expect(hex(digestOf(structuredClone(one)))).toBe(hex(digestOf(one)));
      }),
    );
  });

  it("does not see fields that are not mapped", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (before, after) => {
        expect(compare({ other: after }, { landed: { other: before } })).toBe("unchanged");
      }),
    );
  });

  it("tells null from empty text and text from a number where structured", () => {
    const values = [null, "", "1", 1, "null", false, [], {}, "[]"];
    expect(new Set(values.map((name) => hex(digestOf({ name })))).size).toBe(values.length);
  });

  it("tells a value from the same value in another property", () => {
    expect(hex(digestOf({ age: "x", name: "y" }))).not.toBe(hex(digestOf({ age: "y", name: "x" })));
    expect(hex(digestOf({ bio: "x", notes: "y" }))).not.toBe(hex(digestOf({ bio: "y", notes: "x" })));
  });

  it("changes with the identity and with where values go", () => {
    const other = {
      ...mapping,
      structured: mapping.structured.map((property) => ({ ...property, collectionId: "col_2" })),
    };
    const everything = ["age", "name", "bio", "notes"];
    expect(compare({ email: "new@example.com" }, { landed: {} })).toEqual(everything);
    expect(compare({}, { landed: {}, under: { ...mapping, entityType: "lead" } })).toEqual(everything);
    expect(compare({}, { landed: {}, under: other })).toEqual(["age", "name"]);
  });
});

describe("diff", () => {
  it("sends everything of a new row but texts that are not there", () => {
    expect(compare({})).toEqual(["age", "name", "bio", "notes"]);
    expect(compare({ bio: null, notes: "" })).toEqual(["age", "name"]);
    expect(compare({ bio: null })).toEqual(["age", "name", "notes"]);
  });

  it("sends only the text that changed", () => {
    fc.assert(
      fc.property(anyJson, anyJson, (before, after) => {
        const nothing = [null, ""];
        const same =
          JSON.stringify(before) === JSON.stringify(after) ||
          [before, after].every((value) => nothing.some((none) => none === value));
        expect(compare({ bio: after }, { landed: { bio: before } })).toEqual(same ? "unchanged" : ["bio"]);
      }),
    );
  });

  it("sends structured values alone when only they changed", () => {
    expect(compare({ age: 2 }, { landed: { age: 1 } })).toEqual(["age", "name"]);
    expect(compare({ age: null }, { landed: { age: 1 } })).toEqual(["age", "name"]);
  });

  it("sends null for a text that went away, and nothing for one that never was", () => {
    expect(compare({ bio: null }, { landed: { bio: "b" } })).toEqual(["bio"]);
    expect(compare({ bio: "" }, { landed: { bio: "b" } })).toEqual(["bio"]);
    expect(compare({ bio: "" }, { landed: { bio: null } })).toBe("unchanged");
    expect(compare({ bio: null, age: 2 }, { landed: { bio: null } })).toEqual(["age", "name"]);
  });

  it("sends only what is new when the mapping gains an extracting property, wherever it sorts", () => {
    for (const names of [
      ["bio", "middle", "notes"],
      ["aaa", "bio", "notes"],
      ["bio", "notes", "zzz"],
    ]) {
      const wider = sketchMapping({ extracting: names });
      const added = names.filter((name) => !["bio", "notes"].includes(name));
      const fields = Object.fromEntries(added.map((name) => [name, "new"]));
      expect(compare(fields, { landed: fields, under: mapping }, wider)).toEqual(added);
      const nothing = Object.fromEntries(added.map((name) => [name, null]));
      expect(compare(nothing, { landed: nothing, under: mapping }, wider)).toBe("unchanged");
      expect(compare({ ...fields, notes: "other" }, { landed: fields, under: mapping }, wider)).toEqual(
        names.filter((name) => name !== "bio"),
      );
    }
  });

  it("sends nothing when the mapping loses an extracting property, and still knows the others", () => {
    const narrower = sketchMapping({ extracting: ["notes"] });
    expect(compare({}, { landed: {}, under: mapping }, narrower)).toBe("unchanged");
    expect(compare({ notes: "other" }, { landed: {}, under: mapping }, narrower)).toEqual(["notes"]);
    expect(compare({ bio: "other" }, { landed: {}, under: mapping }, narrower)).toBe("unchanged");
  });

  it("sends structured values alone when the mapping gains a structured property", () => {
    const wider = sketchMapping({ structured: ["age", "name", "city"] });
    expect(compare({ city: "Bonn" }, { landed: { city: "Bonn" }, under: mapping }, wider)).toEqual([
      "age",
      "name",
      "city",
    ]);
  });

  it("does not send a parked version again, but a newer one", () => {
    expect(compare({ age: 2 }, { parked: { age: 2 } })).toBe("parked");
    expect(compare({ age: 3 }, { parked: { age: 2 } })).toEqual(["age", "name", "bio", "notes"]);
    expect(compare({ age: 2 }, { landed: { age: 1 }, parked: { age: 2 } })).toBe("parked");
    expect(compare({ age: 3 }, { landed: { age: 1 }, parked: { age: 2 } })).toEqual(["age", "name"]);
  });

  it("takes a row back to what landed for unchanged, although a later version was parked", () => {
    expect(compare({ age: 1 }, { landed: { age: 1 }, parked: { age: 2 } })).toBe("unchanged");
  });

  it("sends nothing once what it sent has landed, whatever changed", () => {
    const anyFields = fc.record({ age: anyJson, name: anyJson, bio: anyJson, notes: anyJson });
    fc.assert(
      fc.property(anyFields, (fields) => {
        expect(compare(fields, { landed: fields })).toBe("unchanged");
      }),
    );
  });
});
