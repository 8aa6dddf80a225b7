import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { flowOf, widthsOf } from "./flow.ts";

const rows = {
  read: 100,
  unchanged: 50,
  filtered: 10,
  superseded: 5,
  parked: 4,
  unsent: 1,
  sent: 30,
  landed: 20,
  refused: 3,
  deleted: 9,
};

describe("flowOf", () => {
  it("names every part of both sums, and what is not settled yet", () => {
    const { read, sent } = flowOf(rows);
    expect(read).toMatchObject({ total: 100, difference: 0 });
    expect(read.parts.map(({ kind }) => kind)).toEqual([
      "unchanged",
      "filtered",
      "superseded",
      "parked",
      "unsent",
      "sent",
    ]);
    expect(sent).toEqual({
      total: 30,
      difference: 0,
      parts: [
        { kind: "landed", count: 20 },
        { kind: "refused", count: 3 },
        { kind: "unsettled", count: 7 },
      ],
    });
  });

  it("says by how much counts do not add up, either way", () => {
    expect(flowOf({ ...rows, read: 103 }).read.difference).toBe(3);
    expect(flowOf({ ...rows, unchanged: 60 }).read.difference).toBe(-10);
    expect(flowOf({ ...rows, landed: 40 }).sent.difference).toBe(-13);
  });
});

describe("widthsOf", () => {
  it("gives nothing to nothing", () => {
    expect(widthsOf([0, 0], 1000, 6)).toEqual([0, 0]);
    expect(widthsOf([], 1000, 6)).toEqual([]);
  });

  it("fills the width, shows every part that is something, and keeps the order of sizes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 10_000_000 }), { minLength: 1, maxLength: 9 }), (counts) => {
        const widths = widthsOf(counts, 1000, 6);
        fc.pre(counts.some((count) => count > 0));
        expect(widths.reduce((sum, width) => sum + width, 0)).toBeCloseTo(1000, 6);
        counts.forEach((count, index) => {
          const width = widths[index] ?? 0;
          if (count === 0) expect(width).toBe(0);
          else expect(width).toBeGreaterThanOrEqual(6 - 1e-9);
          counts.forEach((other, place) => {
            if (count > other) expect(width).toBeGreaterThanOrEqual((widths[place] ?? 0) - 1e-9);
          });
        });
      }),
    );
  });
});
