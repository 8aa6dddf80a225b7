import { expect, it } from "vitest";
import { licenceProblems } from "./licence-problems.ts";

it("names every package whose licence is not one that we take", () => {
  const licences = new Map([
    ["free", "MIT"],
    ["either", "(GPL-3.0-only OR Apache-2.0)"],
    ["both", "MIT AND GPL-3.0-only"],
    ["viral", "AGPL-3.0-only"],
    ["silent", null],
  ]);
  expect(licenceProblems(licences)).toEqual([
    "both is under MIT AND GPL-3.0-only",
    "viral is under AGPL-3.0-only",
    "silent states no licence",
  ]);
});
