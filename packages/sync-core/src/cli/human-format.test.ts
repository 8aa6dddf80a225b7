import { describe, expect, it } from "vitest";
import { formatCountOf, formatDuration, formatList, formatShare, formatTimestamp, indent } from "./human-format.ts";

describe("formatDuration", () => {
  it.each([
    [-5, "0 ms"],
    [0, "0 ms"],
    [350.4, "350 ms"],
    [1000, "1 s"],
    [59_999, "1 min"],
    [200_000, "3 min 20 s"],
    [7_500_000, "2 h 5 min"],
    [86_400_000 * 3 + 3_600_000 * 4, "3 d 4 h"],
    [86_400_000 + 60_000, "1 d"],
  ])("%d → %s", (ms, text) => expect(formatDuration(ms)).toBe(text));
});

describe("the others", () => {
  it.each([
    [formatCountOf(1, "row"), "1 row"],
    [formatCountOf(12_345, "row"), "12,345 rows"],
    [formatShare(null), "–"],
    [formatShare(0), "0 %"],
    [formatShare(0.0004), "< 0.1 %"],
    [formatShare(0.0312), "3.1 %"],
    [formatShare(1.2), "120 %"],
    [formatTimestamp(Date.UTC(2026, 10, 22, 2, 3, 4, 567)), "2026-11-22T02:03:04Z"],
    [formatList([]), ""],
    [formatList(["a"]), "a"],
    [formatList(["a", "b", "c"]), "a, b and c"],
    [indent("a\n\nb", 2), "  a\n\n  b"],
  ])("%s", (actual, expected) => expect(actual).toBe(expected));
});
