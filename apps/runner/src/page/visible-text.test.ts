import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactly, html } from "./html.ts";
import { cutText, visibleText } from "./visible-text.ts";

describe("visibleText", () => {
  it.each([
    ["plain, ümläut, 漢字, emoji 🎈", "plain, ümläut, 漢字, emoji 🎈"],
    ["a\u202Eb", String.raw`a\u{202e}b`],
    ["zero\u200Bwidth\uFEFF", String.raw`zero\u{200b}width\u{feff}`],
    ["line\nbreak\r\ttab\u2028", String.raw`line\nbreak\u{d}\ttab\u{2028}`],
    ["nul\u0000esc\u001B[31m", String.raw`nul\u{0}esc\u{1b}[31m`],
    ["half\uD800", String.raw`half\u{d800}`],
    ["tag\u{E0041}", String.raw`tag\u{e0041}`],
  ])("%j", (text, shown) => {
    expect(visibleText(text)).toBe(shown);
  });

  it("never leaves anything that cannot be seen, and changes nothing else", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(visibleText(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
        expect(visibleText(visibleText(text))).toBe(visibleText(text));
      }),
    );
  });
});

describe("cutText", () => {
  it("says how long it was, and cuts no character in two", () => {
    expect(cutText("abc", 3)).toBe("abc");
    expect(cutText("x".repeat(1234), 3)).toBe("xxx… (1,234 characters)");
    expect(cutText("ab🎈cd", 3)).toBe("ab… (6 characters)");
  });
});

describe("html", () => {
  it("escapes and shows what is put in, at any depth, but not what is html already", async () => {
    const inner = html`<b>${"<i>\u202E"}</b>`;
    expect(String(await html`<p title="${'"x'}">${[inner, "&", [1, null, false, "'"]]}</p>`)).toBe(
      String.raw`<p title="&quot;x"><b>&lt;i&gt;\u{202e}</b>&amp;1&#39;</p>`,
    );
  });

  it("keeps the value of a field exactly", async () => {
    expect(String(await html`<input value="${exactly('a\u202E"<')}">`)).toBe('<input value="a\u202E&quot;&lt;">');
  });
});
