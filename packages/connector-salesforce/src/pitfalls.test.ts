import { readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";

/** The known ways in which others lose or change data of Salesforce, T01 to T45: each has a test that carries its number. */
const KNOWN = 45;

it("every known pitfall has a test of its own", () => {
  const names = readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith(".test.ts"))
    .flatMap((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8").match(/"T\d\d (?=[a-zA-Z0-9])/g) ?? []);
  const found = new Set(names.map((name) => Number(name.slice(2, 4))));
  const missing = Array.from({ length: KNOWN }, (_, index) => index + 1).filter((number) => !found.has(number));
  expect(missing).toEqual([]);
});
