import { describe, expect, it } from "vitest";
import type { JsonObject } from "../contracts/json.ts";
import type { WhereCondition } from "./mapping-config.ts";
import { meetsWhere } from "./meets-where.ts";

describe("where", () => {
  it.each<[JsonObject, WhereCondition, boolean]>([
    [{ a: "x" }, { field: "a", equals: "x" }, true],
    [{ a: "X" }, { field: "a", equals: "x" }, false],
    [{ a: "1" }, { field: "a", equals: 1 }, false],
    [{ a: 1 }, { field: "a", equals: 1 }, true],
    [{ a: null }, { field: "a", equals: null }, true],
    [{}, { field: "a", equals: null }, true],
    [{ a: false }, { field: "a", equals: false }, true],
    [{ a: 0 }, { field: "a", equals: false }, false],
    [{ a: "y" }, { field: "a", notEquals: "x" }, true],
    [{ a: null }, { field: "a", notEquals: "x" }, true],
    [{ a: null }, { field: "a", notEquals: null }, false],
    [{ a: "b" }, { field: "a", in: ["a", "b"] }, true],
    [{ a: "2" }, { field: "a", in: [1, 2] }, false],
    [{ a: null }, { field: "a", in: ["a", null] }, true],
    [{ a: "x" }, { field: "a", isSet: true }, true],
    [{ a: 0 }, { field: "a", isSet: true }, true],
    [{ a: false }, { field: "a", isSet: true }, true],
    [{ a: "" }, { field: "a", isSet: true }, false],
    [{ a: null }, { field: "a", isSet: true }, false],
    [{ a: "" }, { field: "a", isSet: false }, true],
    [{ a: "x" }, { field: "a", isSet: false }, false],
  ])("%j against %j: %j", (fields, condition, expected) => {
    expect(meetsWhere(fields, [condition])).toBe(expected);
  });

  it("asks for all conditions, and for nothing where there are none", () => {
    const conditions: WhereCondition[] = [
      { field: "a", isSet: true },
      { field: "b", equals: 1 },
    ];
    expect(meetsWhere({ a: "x", b: 1 }, conditions)).toBe(true);
    expect(meetsWhere({ a: "x", b: 2 }, conditions)).toBe(false);
    expect(meetsWhere({}, [])).toBe(true);
  });
});
