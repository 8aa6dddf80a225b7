import { describe, expect, it } from "vitest";
import { didYouMean, suggestion } from "./did-you-mean.ts";

describe("did you mean", () => {
  it.each<[string, string[], string | null]>([
    ["emial", ["email", "phone"], "email"],
    ["Email", ["email"], "email"],
    ["frist_name", ["last_name", "first_name"], "first_name"],
    ["fistname", ["first_name", "lastname"], "first_name"],
    ["ab", ["ac", "zz"], "ac"],
    ["ab", ["cd"], null],
    ["x", [], null],
    ["company", ["notes", "email"], null],
    ["note", ["notes", "note2"], "notes"],
  ])("%j among %j: %j", (name, candidates, expected) => {
    expect(didYouMean(name, candidates)).toBe(expected);
  });

  it("says what there is when nothing is close, at most twelve of them", () => {
    const many = Array.from({ length: 15 }, (_, index) => `column_${index}`);
    expect(suggestion("zzzzz", ["a", "b"])).toBe('There are: "a", "b".');
    expect(suggestion("zzzzz", [])).toBe("There are none.");
    expect(suggestion("zzzzz", many)).toMatch(/"column_11" and 3 more\.$/);
    expect(suggestion("column_", many)).toMatch(/^Did you mean "column_\d"\?$/);
  });
});
