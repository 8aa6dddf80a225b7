import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Place } from "./cursor.ts";
import { behind, FIRST_ID, type Found, ID, idOrder, toFilter, toStep } from "./window.ts";

interface Row {
  readonly id: string;
  readonly modifiedMs: number;
}

/** A search as HubSpot's: filters, one sort, a page; equal values in any order. */
function answer(
  rows: readonly Row[],
  at: Place,
  limit: number,
  shuffle: number,
): { found: readonly Found[]; hasMore: boolean } {
  const filters = [toFilter(at, "modified"), ...behind(at.drain?.afterId ?? FIRST_ID)];
  const sortBy = at.drain === null ? "modified" : ID;
  const matching = rows.filter((row) =>
    filters.every(({ propertyName, operator, value = "", highValue = "" }) => {
      const own = propertyName === "modified" ? BigInt(row.modifiedMs) : BigInt(row.id);
      if (operator === "BETWEEN") return own >= BigInt(value) && own <= BigInt(highValue);
      return operator === "EQ" ? own === BigInt(value) : own > BigInt(value);
    }),
  );
  const order = (row: Row): number => Number((BigInt(row.id) * 7919n + BigInt(shuffle)) % 1009n);
  const sorted = matching.toSorted((left, right) =>
    sortBy === "modified"
      ? left.modifiedMs - right.modifiedMs || order(left) - order(right)
      : BigInt(left.id) < BigInt(right.id)
        ? -1
        : 1,
  );
  return { found: sorted.slice(0, limit), hasMore: sorted.length > limit };
}

describe("crossing a window", () => {
  it("finds every row of the window, whatever the ties, and comes to an end", () => {
    const row = fc.record({
      id: fc.integer({ min: 1, max: 5000 }).map(String),
      modifiedMs: fc.integer({ min: 995, max: 1040 }),
    });
    fc.assert(
      fc.property(
        fc.uniqueArray(row, { selector: ({ id }) => id, maxLength: 200 }),
        fc.integer({ min: 2, max: 30 }),
        (rows, limit) => {
          let at: Place | null = { nextMs: 1000, throughMs: 1030, drain: null };
          const read = new Set<string>();
          let steps = 0;
          while (at !== null) {
            const { found, hasMore } = answer(rows, at, limit, steps);
            const step = toStep(at, found, hasMore);
            for (const id of step.ids) read.add(id);
            at = step.next;
            steps += 1;
            expect(steps).toBeLessThan(1000);
          }
          const expected = rows.filter(({ modifiedMs }) => modifiedMs >= 1000 && modifiedMs <= 1030);
          expect(new Set(expected.map(({ id }) => id))).toEqual(read);
        },
      ),
      { numRuns: 300 },
    );
  });

  it("loses no row that stays, whatever leaves the window between two pages", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1000, max: 1060 }), { minLength: 1, maxLength: 150 }),
        fc.array(fc.nat(149), { maxLength: 60 }),
        fc.integer({ min: 2, max: 20 }),
        (dates, leaving, limit) => {
          let rows: readonly Row[] = dates.map((modifiedMs, index) => ({ id: String(index + 1), modifiedMs }));
          const left = new Set<string>();
          let at: Place | null = { nextMs: 1000, throughMs: 1060, drain: null };
          const read = new Set<string>();
          for (let turn = 0; at !== null; turn += 1) {
            const { found, hasMore } = answer(rows, at, limit, turn);
            const step = toStep(at, found, hasMore);
            for (const id of step.ids) read.add(id);
            at = step.next;
            const gone = String((leaving[turn] ?? -1) + 1);
            left.add(gone);
            rows = rows.map((row) => (row.id === gone ? { ...row, modifiedMs: 5000 } : row));
          }
          const lost = dates.flatMap((_date, index) => {
            const id = String(index + 1);
            return read.has(id) || left.has(id) ? [] : [id];
          });
          expect(lost).toEqual([]);
        },
      ),
      { numRuns: 300 },
    );
  });

  const at: Place = { nextMs: 10, throughMs: 20, drain: null };
  it.each([
    [
      "behind an empty page that is not the last the window is drained by id",
      at,
      [],
      true,
      { ids: [], next: { ...at, drain: { afterId: FIRST_ID, throughMs: 20 } } },
    ],
    [
      "behind rows beyond the window only it is drained by id",
      at,
      [{ id: "1", modifiedMs: 99 }],
      true,
      { ids: ["1"], next: { ...at, drain: { afterId: FIRST_ID, throughMs: 20 } } },
    ],
    [
      "P07 a row beyond the window does not say where the page ends",
      at,
      [
        { id: "1", modifiedMs: 12 },
        { id: "2", modifiedMs: 13 },
        { id: "3", modifiedMs: 99 },
      ],
      true,
      { ids: ["1", "3"], next: { ...at, nextMs: 13 } },
    ],
    [
      "P04 the last millisecond is held back",
      at,
      [
        { id: "1", modifiedMs: 12 },
        { id: "2", modifiedMs: 13 },
      ],
      true,
      { ids: ["1"], next: { ...at, nextMs: 13 } },
    ],
    [
      "P02 a page of one millisecond is drained by id",
      at,
      [
        { id: "1", modifiedMs: 10 },
        { id: "2", modifiedMs: 10 },
      ],
      true,
      { ids: [], next: { ...at, drain: { afterId: FIRST_ID, throughMs: 10 } } },
    ],
    ["the last page is the end", at, [{ id: "1", modifiedMs: 20 }], false, { ids: ["1"], next: null }],
    [
      "P03 draining goes on behind the last id",
      { ...at, drain: { afterId: "5", throughMs: 10 } },
      [{ id: "7", modifiedMs: 10 }],
      true,
      { ids: ["7"], next: { ...at, drain: { afterId: "7", throughMs: 10 } } },
    ],
    [
      "P02 behind a drained millisecond comes the next",
      { ...at, drain: { afterId: "5", throughMs: 10 } },
      [],
      false,
      { ids: [], next: { ...at, nextMs: 11 } },
    ],
    [
      "the last millisecond of the window, drained, is the end",
      { nextMs: 20, throughMs: 20, drain: { afterId: "5", throughMs: 20 } },
      [],
      false,
      { ids: [], next: null },
    ],
  ] as const)("%s", (_name, place, found, hasMore, expected) => {
    expect(toStep(place, found, hasMore)).toEqual(expected);
  });

  it.each([
    [FIRST_ID, ["7198", "719869649082", "12345678901234567"], "numeric"],
    [FIRST_ID, ["100", "20", "3"], "text"],
    ["7198", ["7199"], "numeric"],
    ["3", ["100", "20"], "none"],
    [FIRST_ID, ["5", "3", "4"], "none"],
    [FIRST_ID, [], "numeric"],
  ] as const)("P10 behind %s, %o is in %s order", (afterId, ids, expected) => {
    expect(idOrder(afterId, ids)).toBe(expected);
  });
});
