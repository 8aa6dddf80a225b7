import { expect, test } from "vitest";
import { isFields, listField, numberField, textField, textsField } from "./fields.ts";
import { parseObject } from "./parse-json.ts";
import { pickFlags, pickNumbers, pickTexts, requireNumber, requireText } from "./pick-fields.ts";

test("the first member that holds what is asked for is taken", () => {
  const fields = { a: "", b: null, c: 7, d: "8", e: [], f: ["x", 1], g: true, h: Number.NaN };
  expect(textField(fields, "a", "b", "c")).toBe("7");
  expect(textField(fields, "a", "b", "h")).toBeUndefined();
  expect(numberField(fields, "a", "b", "d")).toBe(8);
  // What JavaScript would turn into a number, but nobody meant as one.
  expect(numberField(fields, "a", "b", "e", "g", "h")).toBeUndefined();
  expect(listField(fields, "a", "f")).toEqual(["x", 1]);
  expect(listField(fields, "a")).toEqual([]);
  expect(textsField(fields, "f")).toEqual(["x"]);
});

test("members are picked by what they hold, and required ones named when they are missing", () => {
  const fields = { a: "1", b: false, c: "x", d: null };
  expect(pickTexts(fields, ["a", "b", "c", "d", "e"])).toEqual({ a: "1", c: "x" });
  expect(pickNumbers(fields, ["a", "b", "c", "d", "e"])).toEqual({ a: 1 });
  expect(pickFlags(fields, ["a", "b", "c", "d", "e"])).toEqual({ b: false });
  expect(() => requireNumber(fields, "c")).toThrow(new RangeError("c must be a number"));
  expect(() => requireText(fields, "d")).toThrow(new RangeError("d must be a text"));
});

test("only an object is one", () => {
  expect([{}, [], null, "x", 1].map(isFields)).toEqual([true, false, false, false, false]);
  expect(["", "{}", "[]", "null", "{"].map(parseObject)).toEqual([{}, {}, undefined, undefined, undefined]);
});
