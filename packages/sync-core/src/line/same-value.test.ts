import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../contracts/json.ts";
import { anyJson } from "./__fixtures__/mapping.ts";
import { sameValue } from "./same-value.ts";

describe("the same value", () => {
  it.each<[Json | undefined, Json | undefined, boolean]>([
    [1, 1, true],
    [1, "1", true],
    ["1.5", 1.5, true],
    [true, "true", true],
    [null, undefined, true],
    ["", null, true],
    ["", undefined, true],
    [{ a: 1, b: 2 }, { b: 2, a: "1" }, true],
    [[1, { a: "" }], ["1", { a: null }], true],
    [1, 2, false],
    ["a", "A", false],
    ["a", " a", false],
    [0, null, false],
    [false, null, false],
    [0, false, false],
    [[], null, false],
    [[1, 2], [2, 1], false],
    ["null", null, false],
    [["a,b"], ["a", "b"], false],
    [[], [""], false],
    ["[]", [], false],
    [{ a: "1" }, '{"a":"1"}', false],
    [{ a: 'x","b":"y' }, { a: "x", b: "y" }, false],
    [{ a: 1 }, { a: 1, b: 2 }, false],
  ])("%j and %j: %j", (sent, stored, expected) => {
    expect(sameValue(sent, stored)).toBe(expected);
    expect(sameValue(stored, sent)).toBe(expected);
  });

  it("is every value to itself, whatever the order of members", () => {
    const reversed = (value: Json): Json => {
      if (Array.isArray(value)) return value.map(reversed);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .toReversed()
          .map(([name, part]) => [name, reversed(part)]),
      );
    };
    fc.assert(
      fc.property(anyJson, (value) => {
        expect(sameValue(value, reversed(value))).toBe(true);
      }),
    );
  });
});
