import * as fc from "fast-check";
import { expect, test } from "vitest";
import { fromStoredText, toStoredText } from "./stored-text.ts";

test.each([
  ["plain", "plain"],
  ["", ""],
  ["é🙂", "é🙂"],
  ["a\0b", '\u001a"a\\u0000b"'],
  ["\ud800", '\u001a"\\ud800"'],
  ["\u001a", '\u001a"\\u001a"'],
])("%j is stored as %j", (text, stored) => {
  expect(toStoredText(text)).toBe(stored);
  expect(fromStoredText(stored)).toBe(text);
});

test("different texts stay different, and every one of them can be stored", () => {
  const text = fc.string({
    unit: fc.oneof(
      fc.constantFrom("\0", "\u001a", "\ud800", "\udfff", '"', "\\", "a"),
      fc.string({ minLength: 1, maxLength: 1 }),
    ),
  });
  fc.assert(
    fc.property(text, (each) => {
      const stored = toStoredText(each);
      expect(stored.isWellFormed() && !stored.includes("\0")).toBe(true);
      expect(fromStoredText(stored)).toBe(each);
    }),
  );
});
