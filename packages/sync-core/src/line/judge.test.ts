import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Batch, BatchRow } from "../contracts/line.ts";
import { byEmail, roomy } from "./__fixtures__/mapping.ts";
import { type Ending, judge, toParked, type Verdict } from "./judge.ts";

function batchOf(size: number): Batch {
  const rows = Array.from(
    { length: size },
    (_, index): BatchRow => ({
      key: `k${index}`,
      record: `r${index}`,
      values: { id: index },
      digest: Uint8Array.of(index),
      isNew: true,
      aiCharacters: 0,
      superseded: [],
    }),
  );
  return { id: "1.0.0-abc", page: 0, recordKind: byEmail, properties: [], rows, bytes: 100 * size, units: size };
}

/** The indexes of rows by what becomes of them; batches that go again with their rows. */
function summary(verdict: Verdict): unknown {
  const keys = (rows: readonly BatchRow[]): string => rows.map(({ key }) => key.slice(1)).join("");
  return {
    landed: keys(verdict.landed),
    refused: verdict.refused.map(({ row, code }) => `${row.key.slice(1)} ${code}`),
    again: verdict.again.map((batch) => keys(batch.rows)),
    stop: verdict.stop,
  };
}

const failure = (index: number) => ({ index, code: "TOO_LONG", reason: "too long" });

describe("judge", () => {
  it.each<[string, Ending, number, number, unknown]>([
    ["landed", { state: "landed" }, 3, 0, { landed: "012", refused: [], again: [], stop: null }],
    [
      "refused: two halves",
      { state: "refused", reason: "no" },
      3,
      0,
      { landed: "", refused: [], again: ["01", "2"], stop: null },
    ],
    [
      "one row refused: parked",
      { state: "refused", reason: "no" },
      1,
      0,
      { landed: "", refused: ["0 REFUSED"], again: [], stop: null },
    ],
    [
      "failed for good: two halves",
      { state: "failed", reason: "no", again: false },
      2,
      0,
      { landed: "", refused: [], again: ["0", "1"], stop: null },
    ],
    [
      "failed, stale: the same again",
      { state: "failed", reason: "stale", again: true },
      2,
      1,
      { landed: "", refused: [], again: ["01"], stop: null },
    ],
    [
      "failed, stale, too often",
      { state: "failed", reason: "stale", again: true },
      2,
      2,
      { landed: "", refused: [], again: ["01"], stop: "gave-up" },
    ],
    ["vanished: the same again", { state: "vanished" }, 1, 0, { landed: "", refused: [], again: ["0"], stop: null }],
    ["vanished too often", { state: "vanished" }, 1, 2, { landed: "", refused: [], again: ["0"], stop: "gave-up" }],
    ["out of credits", { state: "out-of-credits" }, 2, 0, { landed: "", refused: [], again: ["01"], stop: "credits" }],
    [
      "partial with names: parked one by one",
      { state: "partial", reason: "x", failures: [failure(2), failure(0)] },
      4,
      0,
      { landed: "13", refused: ["0 TOO_LONG", "2 TOO_LONG"], again: [], stop: null },
    ],
    [
      "partial without names: two halves",
      { state: "partial", reason: "x", failures: null },
      4,
      0,
      { landed: "", refused: [], again: ["01", "23"], stop: null },
    ],
    [
      "one row, partial without names: parked",
      { state: "partial", reason: "x", failures: null },
      1,
      0,
      { landed: "", refused: ["0 REFUSED"], again: [], stop: null },
    ],
  ])("%s", (_, ending, size, repeats, expected) => {
    expect(summary(judge(batchOf(size), ending, repeats, roomy))).toEqual(expected);
  });

  it("puts every row into exactly one list, whatever the ending", () => {
    const failures = fc.array(fc.nat(12).map(failure), { maxLength: 8 });
    const anyEnding: fc.Arbitrary<Ending> = fc.oneof(
      fc.constantFrom<Ending>(
        { state: "landed" },
        { state: "out-of-credits" },
        { state: "vanished" },
        { state: "refused", reason: "x" },
        { state: "failed", reason: "x", again: true },
        { state: "failed", reason: "x", again: false },
      ),
      fc.option(failures).map((list): Ending => ({ state: "partial", failures: list, reason: "x" })),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), anyEnding, fc.nat(3), (size, ending, repeats) => {
        const whole = batchOf(size);
        const { landed, refused, again, stop } = judge(whole, ending, repeats, roomy);
        const rows = [...landed, ...refused.map(({ row }) => row), ...again.flatMap((batch) => batch.rows)];
        expect(rows.map(({ key }) => key).toSorted()).toEqual(whole.rows.map(({ key }) => key).toSorted());
        expect(again.every((batch) => batch.rows.length > 0)).toBe(true);
        // What is sent again in this run is written down beside what it replaces.
        if (stop === null) expect(again.map((batch) => batch.id)).not.toContain(whole.id);
        expect(new Set(again.map((batch) => batch.id)).size).toBe(again.length);
      }),
    );
  });

  it("never gives two batches one id, however often a batch is repeated and halved", () => {
    const ids = new Set<string>();
    const descend = (batch: Batch, depth: number): void => {
      expect(ids).not.toContain(batch.id);
      ids.add(batch.id);
      if (depth === 0) return;
      for (const ending of [{ state: "vanished" }, { state: "refused", reason: "x" }] as const)
        for (const next of judge(batch, ending, 0, roomy).again) descend(next, depth - 1);
    };
    descend(batchOf(4), 4);
    expect(ids.size).toBeGreaterThan(20);
  });

  it("parks the rows that a refused row stood for along with it", () => {
    const [row] = batchOf(1).rows;
    if (row === undefined) throw new Error("no row");
    const superseded = [{ key: "older", digest: Uint8Array.of(9) }];
    expect(toParked({ row: { ...row, superseded }, code: "C", reason: "why" })).toEqual([
      { key: "k0", code: "C", reason: "why", digest: Uint8Array.of(0) },
      { key: "older", code: "C", reason: "why", digest: Uint8Array.of(9) },
    ]);
  });
});
