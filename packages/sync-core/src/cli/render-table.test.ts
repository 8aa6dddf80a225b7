import { describe, expect, it } from "vitest";
import { renderTable } from "./render-table.ts";
import { cutToWidth, printable, textWidth } from "./text-width.ts";

describe("textWidth", () => {
  it.each([
    ["", 0],
    ["abc", 3],
    ["é", 1],
    ["e\u0301", 1],
    ["名前", 4],
    ["한국", 4],
    ["🙂", 2],
    ["👩‍👩‍👧", 2],
    ["✓ → …", 5],
    ["\u001B[31mred\u001B[39m", 3],
  ])("%j takes %i columns", (text, width) => expect(textWidth(text)).toBe(width));
});

describe("cutToWidth", () => {
  it.each([
    ["short", 10, "short"],
    ["exactly", 7, "exactly"],
    ["too long", 4, "too…"],
    ["名前名前", 5, "名前…"],
  ])("%j to %i", (text, columns, cut) => expect(cutToWidth(text, columns)).toBe(cut));
});

describe("printable", () => {
  it("leaves nothing that moves the cursor or turns the text around", () => {
    expect(printable("a\u001B[2Jb\nc\t\u202Ed")).toBe("a\\u{1b}[2Jb\\nc\\t\\u{202e}d");
  });
});

describe("renderTable", () => {
  it("aligns by columns, not by characters", () => {
    const table = renderTable(
      [{ title: "name" }, { title: "rows", align: "right" }],
      [
        ["名前", "1"],
        ["\u001B[31mred\u001B[39m", "1,200"],
      ],
      (heading) => `<${heading}>`,
    );
    expect(table).toBe("<name   rows>\n名前      1\n\u001B[31mred\u001B[39m   1,200");
  });
});
