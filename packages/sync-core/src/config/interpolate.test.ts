import { describe, expect, it } from "vitest";
import { interpolate } from "./interpolate.ts";

const env = { HOST: "db.example", EMPTY: "", TRICKY: "a: ${HOST} #\n{}", DOLLAR: "$${x}" };

describe("interpolate", () => {
  it.each([
    ["plain text", "plain text", []],
    ["${HOST}", "db.example", ["replaced"]],
    ["pg://${HOST}:${PORT:-5432}/x", "pg://db.example:5432/x", ["replaced", "replaced"]],
    ["${EMPTY:-fallback}", "fallback", ["replaced"]],
    ["${UNSET:-}", "", ["replaced"]],
    ["${UNSET}", "${UNSET}", ["unset"]],
    ["${EMPTY}", "${EMPTY}", ["empty"]],
    ["$${HOST}", "${HOST}", []],
    ["pa$$word costs $5", "pa$$word costs $5", []],
    ["${}", "${}", ["malformed"]],
    ["${not-a-name}", "${not-a-name}", ["malformed"]],
    ["${HOST", "${HOST", ["malformed"]],
    ["${TRICKY}", "a: ${HOST} #\n{}", ["replaced"]],
    ["${DOLLAR}", "$${x}", ["replaced"]],
    ["${toString}", "${toString}", ["unset"]],
  ])("%j becomes %j", (text, expected, outcomes) => {
    const { value, references } = interpolate({ here: [text] }, env);
    expect(value).toEqual({ here: [expected] });
    expect(references.map((reference) => reference.outcome)).toEqual(outcomes);
    for (const reference of references) expect(reference.path).toEqual(["here", 0]);
  });

  it("leaves keys, numbers and everything that is not text alone", () => {
    const date = new Date(0);
    const root = { "${HOST}": 1, flag: true, none: null, date };
    expect(interpolate(root, env)).toEqual({ value: root, references: [] });
  });
});
