import { array, assert, integer, property, record } from "fast-check";
import { describe, expect, it } from "vitest";
import { reserveUnits, type PaceRow } from "../state/pace.ts";
import { createLateness } from "./lateness.ts";

const pro = { unitsPerMinute: 300, burstUnits: 3 };

describe("lateness", () => {
  it("gives up what a stall took, once for all the calls it made late", () => {
    const lateness = createLateness();
    expect(lateness.unitsToGiveUp(0, 1000, pro)).toBeCloseTo(4.95);
    expect(lateness.unitsToGiveUp(600, 1001, pro)).toBe(0);
    expect(lateness.unitsToGiveUp(10_000, 12_000, pro)).toBeCloseTo(9.9);
  });

  it("takes small delays as they come", () => {
    expect(createLateness().unitsToGiveUp(0, 100, pro)).toBe(0);
  });

  /** Four requests under way at once, on a machine that stands still now and then. */
  function busiestMinute(stalls: readonly { readonly at: number; readonly ms: number }[], isGivenUp: boolean): number {
    const lateness = createLateness();
    let row: PaceRow | null = null;
    const place = (now: number, units: number): number => {
      row = reserveUnits(row, now, units, pro);
      return Math.max(now, row.usedAt);
    };
    const wakes = (dueAt: number): number =>
      stalls.reduce((time, { at, ms }) => (time >= at && time < at + ms ? at + ms : time), dueAt);
    const dueAt = [0, 0, 0, 0].map((now) => place(now, 3));
    const left: number[] = [];
    while (left.length < 300) {
      const next = dueAt.indexOf(Math.min(...dueAt));
      const due = dueAt[next] ?? 0;
      const now = wakes(due);
      const lost = isGivenUp ? lateness.unitsToGiveUp(due, now, pro) : 0;
      if (lost > 0) place(now, lost);
      left.push(now);
      dueAt[next] = place(now, 3);
    }
    return Math.max(...left.map((from) => 3 * left.filter((at) => at >= from && at < from + 60_000).length));
  }

  it("lets too much into a minute when what a stall took is made up for", () => {
    expect(busiestMinute([{ at: 30_000, ms: 2500 }], false)).toBeGreaterThan(300);
  });

  it("keeps every sliding minute within the limit, however long a machine stands still", () => {
    const stall = record({ at: integer({ min: 0, max: 150_000 }), ms: integer({ min: 0, max: 8000 }) });
    assert(
      property(array(stall, { maxLength: 6 }), (stalls) => {
        const inOrder = stalls.toSorted((one, other) => one.at - other.at);
        expect(busiestMinute(inOrder, true)).toBeLessThanOrEqual(300);
      }),
      { numRuns: 300 },
    );
  });
});
