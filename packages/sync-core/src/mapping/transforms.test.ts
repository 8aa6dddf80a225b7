import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../contracts/json.ts";
import { applyTransform, type TransformName, transformNames } from "./transforms.ts";

const anyJson = fc.json().map((text): Json => JSON.parse(text));

describe("transforms", () => {
  it.each<[TransformName, Json, Json]>([
    ["trim", "  a b \n", "a b"],
    ["trim", 7, 7],
    ["lowercase", "Ärger", "ärger"],
    ["lowercase", true, true],
    ["uppercase", "straße", "STRASSE"],
    ["uppercase", ["a"], ["a"]],
    ["text", { a: [1, "x"] }, '{"a":[1,"x"]}'],
    ["text", [1, 2], "[1,2]"],
    ["text", 1.5, "1.5"],
    ["text", false, "false"],
    ["text", "as it is", "as it is"],
    ["number", "12.50", 12.5],
    ["number", " -3 ", -3],
    ["number", "1e400", "1e400"],
    ["number", "12 apples", "12 apples"],
    ["number", "", ""],
    ["number", "  ", "  "],
    ["number", false, false],
    ["emptyToNull", "", null],
    ["emptyToNull", " ", " "],
    ["emptyToNull", 0, 0],
    ["date", "2026-03-01T23:59:59.000Z", "2026-03-01"],
    ["date", "+012026-03-01T00:00:00Z", "+012026-03-01"],
    ["date", "2026-03-01", "2026-03-01"],
    ["date", "on 2026-03-01T", "on 2026-03-01T"],
  ])("%s makes of %j: %j", (name, value, expected) => {
    expect(applyTransform(name, value)).toEqual(expected);
  });

  it.each(transformNames)("%s leaves null alone, and does nothing more when applied again", (name) => {
    expect(applyTransform(name, null)).toBeNull();
    fc.assert(
      fc.property(anyJson, (value) => {
        const once = applyTransform(name, value);
        expect(applyTransform(name, once)).toEqual(once);
      }),
    );
  });
});
