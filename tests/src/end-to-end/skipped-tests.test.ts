import { describe, expect, it } from "vitest";
import { files, readText } from "../repository.ts";

const CONDITION = /\.(?:skip|skipIf|runIf|todo)\(/g;
/** Thing, colon, and how to get it: what the test command prints at its end. */
const NEED = /\[needs [^\]:]+: [^\]]+\]/;

/** Places that leave tests out on some machines, without naming what these need, as `file:line`. */
function namelessSkips(path: string, text: string): string[] {
  return [...text.matchAll(CONDITION)].flatMap((match) => {
    // Before the test's body stands its name; a test that skips itself has begun already.
    const isInside = text.slice(0, match.index).endsWith("context");
    const upToBody = isInside
      ? text.slice(text.lastIndexOf("it(", match.index), match.index)
      : (text.slice(match.index).split("=>")[0] ?? "");
    return NEED.test(upToBody) ? [] : [`${path}:${text.slice(0, match.index).split("\n").length}`];
  });
}

describe("a test that cannot run everywhere", () => {
  it("says in its name what it needs and how to get it", () => {
    const paths = files("{packages,apps,stand-ins,tests,benchmarks}/**/*.test.ts");
    expect(paths.length).toBeGreaterThan(20);
    expect(paths.flatMap((path) => namelessSkips(path, readText(path)))).toEqual([]);
  });

  it("is found when it does not", () => {
    const condition = ["it", "skipIf(true)"].join(".");
    expect(namelessSkips("a.test.ts", `\n${condition}("reads", () => {`)).toEqual(["a.test.ts:2"]);
    expect(namelessSkips("a.test.ts", `${condition}("reads [needs root]", () => {`)).toEqual(["a.test.ts:1"]);
    expect(namelessSkips("a.test.ts", `${condition}("reads [needs root: run as root]", () => {`)).toEqual([]);
    const inside = `async (context) => {\n ${["context", "skip"].join(".")}("no")`;
    expect(namelessSkips("a.test.ts", `it("reads", ${inside}`)).toEqual(["a.test.ts:2"]);
    expect(namelessSkips("a.test.ts", `it("reads [needs root: run as root]", ${inside}`)).toEqual([]);
  });
});
