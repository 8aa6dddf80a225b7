import { describe, expect, it } from "vitest";
import { mergedAway } from "./merges.ts";

describe("mergedAway", () => {
  it.each([
    [null, null, []],
    ["", "", []],
    ["5183403213", null, [{ id: "5183403213", atMs: null }]],
    [
      "1;2",
      null,
      [
        { id: "1", atMs: null },
        { id: "2", atMs: null },
      ],
    ],
    [
      null,
      "7:1700000000000;8:1700000000001",
      [
        { id: "7", atMs: 1_700_000_000_000 },
        { id: "8", atMs: 1_700_000_000_001 },
      ],
    ],
    [
      "7;9",
      "7:1700000000000",
      [
        { id: "7", atMs: 1_700_000_000_000 },
        { id: "9", atMs: null },
      ],
    ],
    ["100;1", null, [{ id: "1", atMs: null }]],
    [
      " 3 ; ;x",
      "nonsense:1;4:soon",
      [
        { id: "3", atMs: null },
        { id: "4", atMs: null },
      ],
    ],
  ])("P19 of %j and %j", (objects, vids, expected) => {
    const properties = { hs_merged_object_ids: objects, hs_calculated_merged_vids: vids };
    expect(mergedAway({ id: "100", properties })).toEqual(expected);
  });
});
