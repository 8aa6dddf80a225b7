import { describe, expect, it } from "vitest";
import { compareCursorValues, contains } from "./order.ts";

describe("cursor values", () => {
  it.each([
    ["9", "10"],
    ["-10", "-9"],
    ["9007199254740993", "9007199254740994"],
    ["2024-01-01T00:00:00Z", "2024-01-01T00:00:00.000001Z"],
    ["2024-01-01T00:00:00.9Z", "2024-01-01T00:00:00.91Z"],
    ["2024-01-01T00:00:00.99Z", "2024-01-01T00:00:01Z"],
    ["2024-01-01", "2024-01-02"],
    ["a", "b"],
  ])("%s comes before %s", (left, right) => {
    expect([left, right].map((each) => compareCursorValues(each, right))).toEqual([-1, 0]);
    expect(compareCursorValues(right, left)).toBe(1);
  });
});

describe("an interval", () => {
  it.each([
    [{ field: "n", after: "1", through: "3" }, ["2", "3"]],
    [{ field: "n", after: "1", through: "3", throughExclusive: true }, ["2"]],
    [{ field: "n", after: null, through: "3" }, ["1", "2", "3"]],
    [{ field: null, after: null, through: null }, []],
  ])("%j contains %j", (interval, expected) => {
    expect(["1", "2", "3", "4"].filter((value) => contains(interval, value))).toEqual(expected);
  });
});
