import { describe, expect, it } from "vitest";
import { parseConfigText } from "./parse-config-text.ts";

const SECRET = "hunter2-very-secret";

describe("parseConfigText", () => {
  it("reads references anywhere, also unquoted between braces, and keeps their place", () => {
    const parsed = parseConfigText("a: { url: ${URL:-pg://u@h/db[1],x}, t: x }\nb: ${B}\nc: 'x ${C}'\n");
    if (!("value" in parsed)) throw new Error("does not parse");
    expect(parsed.value).toEqual({ a: { url: "${URL:-pg://u@h/db[1],x}", t: "x" }, b: "${B}", c: "x ${C}" });
    expect(parsed.lineOf(["a", "t"])).toBe(1);
    expect(parsed.lineOf(["b"])).toBe(2);
    expect(parsed.lineOf(["c", "nowhere"])).toBe(3);
    expect(parsed.lineOf([])).toBeNull();
  });

  it("reads JSON, also with tabs, with line numbers", () => {
    const parsed = parseConfigText('{\n\t"syncs": {\n\t\t"a": { "connector": "postgres" }\n\t}\n}\n');
    if (!("value" in parsed)) throw new Error("does not parse");
    expect(parsed.value).toEqual({ syncs: { a: { connector: "postgres" } } });
    expect(parsed.lineOf(["syncs", "a", "connector"])).toBe(3);
  });

  it("follows anchors and merge keys", () => {
    const parsed = parseConfigText("a: &base { x: 1 }\nb: { <<: *base, y: 2 }\n");
    expect(parsed).toMatchObject({ value: { a: { x: 1 }, b: { x: 1, y: 2 } } });
  });

  it.each([
    ["a second colon", `password: a: ${SECRET}`, 2, "second colon"],
    ["an at sign", `password: @${SECRET}`, 2, "may not start with this character"],
    ["a backtick", `password: \`${SECRET}\``, 2, "may not start with this character"],
    ["an asterisk", `password: *${SECRET}`, 2, "starts with *"],
    ["an exclamation mark", `password: !${SECRET}`, 2, "starts with !"],
    ["an unclosed quote", `password: '${SECRET}`, null, "missing"],
    ["an unclosed bracket", `password: [${SECRET}`, null, "bracket"],
    ["an unknown escape", `password: "${SECRET}\\q"`, 2, "escape"],
    ["the same twice", `password: ${SECRET}\n  password: ${SECRET}`, 3, "twice"],
    ["a wrong indentation", `password: ${SECRET}\n  - ${SECRET}\n x: 1`, null, ""],
    ["a percent sign", `password: %${SECRET}`, 2, "may not start"],
  ])("names line and option, not the value: %s", (_, line, expectedLine, words) => {
    const parsed = parseConfigText(`source:\n  ${line}\n`);
    if (!("problems" in parsed)) throw new Error("parses");
    const [first] = parsed.problems;
    expect(first?.message).toMatch(/^column \d+/);
    expect(first?.message).toContain(words);
    if (expectedLine !== null) {
      expect(first?.line).toBe(expectedLine);
      expect(first?.message).toContain('"password"');
    }
    expect(JSON.stringify(parsed)).not.toContain(SECRET);
  });
});
