import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Pace } from "../contracts/state.ts";
import { clearMs, type PaceRow, penalizeUse, reserveUnits, toUsablePace } from "./pace.ts";

const minuteMs = 60_000;

interface Step {
  /** Real time that passes before the step; null: until what was reserved last may be used. */
  readonly passedMs: number | null;
  /** How far the clock goes back at that moment, beside the time that passed. */
  readonly backMs: number;
  readonly action: { readonly units: number } | { readonly penaltyMs: number };
  /** How far the clock of the process that acts is behind the others'. */
  readonly behindMs: number;
  /** The pace from here on, by its place in the list; null: as before. */
  readonly pace: number | null;
}

interface Grant {
  readonly atMs: number;
  readonly units: number;
  readonly step: number;
}

/** Plays steps by a clock that may go back, and says when, in real time, units were used, and which limit each step had. */
function play(
  paces: readonly Pace[],
  steps: readonly Step[],
): { grants: Grant[]; limits: number[]; longestWaitMs: number } {
  let row: PaceRow | null = null;
  let realMs = 1_700_000_000_000;
  let clockOffsetMs = 0;
  let longestWaitMs = 0;
  let pace: Pace = toUsablePace(paces[0] ?? { unitsPerMinute: 1, burstUnits: 0 });
  const grants: Grant[] = [];
  const limits: number[] = [];
  for (const [index, step] of steps.entries()) {
    realMs = step.passedMs === null ? Math.max(realMs, grants.at(-1)?.atMs ?? 0) : realMs + step.passedMs;
    clockOffsetMs -= step.backMs;
    const now = realMs + clockOffsetMs - step.behindMs;
    const next = step.pace === null ? undefined : paces[step.pace % paces.length];
    if (next !== undefined) pace = toUsablePace(next);
    limits.push(pace.unitsPerMinute);
    if ("penaltyMs" in step.action) {
      row = penalizeUse(row, now, step.action.penaltyMs, pace);
      continue;
    }
    const { units } = step.action;
    row = reserveUnits(row, now, units, pace);
    const waitMs = row.usedAt - row.seenAt;
    longestWaitMs = Math.max(longestWaitMs, waitMs);
    grants.push({ atMs: realMs + waitMs, units, step: index });
  }
  return { grants, limits, longestWaitMs };
}

/** The most units in any sliding minute, above what the paces in force in that minute allow. At most 0. */
function worstExcess(grants: readonly Grant[], limitOf: (from: number, to: number) => number): number {
  let worst = -Infinity;
  for (const [first, start] of grants.entries()) {
    let units = 0;
    for (const grant of grants.slice(first)) {
      if (grant.atMs - start.atMs >= minuteMs) break;
      units += grant.units;
      worst = Math.max(worst, units - limitOf(start.step, grant.step));
    }
  }
  return worst;
}

const paceArbitrary = fc
  .record({ unitsPerMinute: fc.integer({ min: 20, max: 120 }), share: fc.double({ min: 0, max: 0.95, noNaN: true }) })
  .map(({ unitsPerMinute, share }): Pace => ({ unitsPerMinute, burstUnits: share * share * unitsPerMinute }));

/** Mostly somebody in a hurry: the limit is what holds him back. */
const stepArbitrary = (maxUnits: number, maxBackMs: number, maxBehindMs = 0): fc.Arbitrary<Step> =>
  fc.record({
    passedMs: fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(null, 0) },
      { weight: 8, arbitrary: fc.constant(null) },
      { weight: 2, arbitrary: fc.integer({ min: 0, max: 3_000 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 100_000 }) },
    ),
    backMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: maxBackMs }) },
    ),
    behindMs: fc.constantFrom(0, maxBehindMs),
    action: fc.oneof(
      { weight: 30, arbitrary: fc.record({ units: fc.integer({ min: 1, max: 4 }) }) },
      { weight: 6, arbitrary: fc.record({ units: fc.integer({ min: 1, max: maxUnits }) }) },
      { weight: 1, arbitrary: fc.record({ penaltyMs: fc.integer({ min: 0, max: 20_000 }) }) },
    ),
    pace: fc.oneof({ weight: 15, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.nat(3) }),
  });

const manySteps = (...bounds: Parameters<typeof stepArbitrary>): fc.Arbitrary<Step[]> =>
  fc.array(stepArbitrary(...bounds), { minLength: 150, maxLength: 150 });

const runs = { numRuns: 500 };

describe("no sliding minute sees more than the limit", () => {
  test("whatever the weights and times", () => {
    const scenario = fc.tuple(paceArbitrary, manySteps(20, 0));
    fc.assert(
      fc.property(scenario, ([pace, steps]) => {
        const { grants } = play([pace], steps);
        expect(worstExcess(grants, () => pace.unitsPerMinute)).toBeLessThanOrEqual(0);
      }),
      runs,
    );
  });

  test("when the clock goes back, by little or by much", () => {
    for (const maxBackMs of [1_500, 3_600_000]) {
      const scenario = fc.tuple(paceArbitrary, manySteps(20, maxBackMs));
      fc.assert(
        fc.property(scenario, ([pace, steps]) => {
          const { grants } = play([pace], steps);
          expect(worstExcess(grants, () => pace.unitsPerMinute)).toBeLessThanOrEqual(0);
        }),
        runs,
      );
    }
  });

  test("when processes see clocks that differ a little", () => {
    fc.assert(
      fc.property(paceArbitrary, manySteps(20, 0, 900), (pace, steps) => {
        const { grants } = play([pace], steps);
        expect(worstExcess(grants, () => pace.unitsPerMinute)).toBeLessThanOrEqual(0);
      }),
      runs,
    );
  });

  test("when the pace changes in the middle of a flood, at any moment", () => {
    const paces = [30, 60, 100, 240].flatMap((unitsPerMinute) =>
      [0.02, 0.2, 0.5, 0.9].map((share): Pace => ({ unitsPerMinute, burstUnits: share * unitsPerMinute })),
    );
    const still = { backMs: 0, behindMs: 0, action: { units: 1 } };
    for (const before of paces) {
      for (const after of paces) {
        for (const change of [1, 20, 60, 110]) {
          const steps = Array.from({ length: 300 }, (_, index): Step => {
            return { ...still, passedMs: index % 7 === 0 ? 0 : null, pace: index === change ? 1 : null };
          });
          const { grants, limits } = play([before, after], steps);
          const limitOf = (from: number, to: number): number => Math.max(limits[from] ?? 0, limits[to] ?? 0);
          expect(worstExcess(grants, limitOf), JSON.stringify([before, after, change])).toBeLessThanOrEqual(0);
        }
      }
    }
  });

  test("when the pace changes again and again: never more than the largest limit in force within that minute", () => {
    const scenario = fc.tuple(fc.array(paceArbitrary, { minLength: 2, maxLength: 4 }), manySteps(20, 2_000));
    fc.assert(
      fc.property(scenario, ([paces, steps]) => {
        const { grants, limits } = play(paces, steps);
        const limitOf = (from: number, to: number): number => Math.max(...limits.slice(from, to + 1));
        expect(worstExcess(grants, limitOf)).toBeLessThanOrEqual(0);
      }),
      runs,
    );
  });

  test("and what is heavier than the limit gets its minute to itself", () => {
    const pace = { unitsPerMinute: 20, burstUnits: 3 };
    fc.assert(
      fc.property(manySteps(50, 0), (steps) => {
        const { grants } = play([pace], steps);
        for (const [index, grant] of grants.entries()) {
          if (grant.units < pace.unitsPerMinute) continue;
          const before = grants[index - 1]?.atMs ?? -Infinity;
          const after = grants[index + 1]?.atMs ?? Infinity;
          expect(Math.min(grant.atMs - before, after - grant.atMs)).toBeGreaterThanOrEqual(minuteMs);
        }
      }),
      runs,
    );
  });
});

test("a wait is never longer than a clear minute behind the reservation before it", () => {
  const scenario = fc.tuple(fc.array(paceArbitrary, { minLength: 1, maxLength: 4 }), manySteps(2_000, 1e9));
  fc.assert(
    fc.property(scenario, ([paces, steps]) => {
      const reservations = steps.filter((step) => "units" in step.action);
      expect(play(paces, reservations).longestWaitMs).toBeLessThanOrEqual(reservations.length * (clearMs + 1));
      for (let count = 1; count <= Math.min(5, reservations.length); count++) {
        expect(play(paces, reservations.slice(0, count)).longestWaitMs).toBeLessThanOrEqual(
          (count - 1) * (clearMs + 1),
        );
      }
    }),
    { numRuns: 300 },
  );
});

test.each([0, 500, 5_000, 86_400_000, 365 * 86_400_000])(
  "a clock that goes back by %d ms makes nobody wait longer",
  (backMs) => {
    const pace = { unitsPerMinute: 60, burstUnits: 5 };
    const now = 1_700_000_000_000;
    const flood = (start: number): PaceRow => {
      let row = reserveUnits(null, start, 5, pace);
      for (let call = 0; call < 20; call++) row = reserveUnits(row, start, 1, pace);
      return row;
    };
    const expected = reserveUnits(flood(now), now, 1, pace);
    const after = reserveUnits(flood(now), now - backMs, 1, pace);
    expect(after.usedAt - after.seenAt).toBe(expected.usedAt - expected.seenAt);
    expect(after.tat - after.seenAt).toBeCloseTo(expected.tat - expected.seenAt, 2);
  },
);

test("after a penalty units come one by one, not in a burst", () => {
  const pace = { unitsPerMinute: 60, burstUnits: 5 };
  const penalized = penalizeUse(reserveUnits(null, 0, 1, pace), 0, 20_000, pace);
  const first = reserveUnits(penalized, 0, 1, pace);
  const second = reserveUnits(first, 0, 1, pace);
  expect([first.usedAt, second.usedAt]).toEqual([21_091, 22_182]);
});

describe("the limit is used", () => {
  const share = (pace: Pace, units: number): number => {
    let row: PaceRow | null = null;
    let now = 0;
    let used = 0;
    const minutes = 60;
    while (now < minutes * minuteMs) {
      row = reserveUnits(row, now, units, toUsablePace(pace));
      now += row.usedAt - row.seenAt;
      if (now < minutes * minuteMs) used += units;
    }
    return used / (minutes * pace.unitsPerMinute);
  };

  test.each([
    { unitsPerMinute: 60, burstUnits: 1, units: 1, atLeast: 0.98 },
    { unitsPerMinute: 300, burstUnits: 3, units: 3, atLeast: 0.985 },
    { unitsPerMinute: 1_000, burstUnits: 50, units: 10, atLeast: 0.95 },
    // Heavier than the burst: less, but far from the nothing that a burst of that size would leave to flow.
    { unitsPerMinute: 60, burstUnits: 5, units: 54, atLeast: 0.87 },
    { unitsPerMinute: 60, burstUnits: 59, units: 54, atLeast: 0.87 },
    { unitsPerMinute: 60, burstUnits: 5, units: 20, atLeast: 0.5 },
  ])("$units at a time at $unitsPerMinute a minute with a burst of $burstUnits: at least $atLeast", (row) => {
    expect(share(row, row.units)).toBeGreaterThanOrEqual(row.atLeast);
  });
});

describe("a pace that makes no sense", () => {
  test.each([
    { given: { unitsPerMinute: 0, burstUnits: 5 }, usable: { unitsPerMinute: 1, burstUnits: 0.9 } },
    { given: { unitsPerMinute: Number.NaN, burstUnits: Number.NaN }, usable: { unitsPerMinute: 1, burstUnits: 0 } },
    { given: { unitsPerMinute: 60, burstUnits: 60 }, usable: { unitsPerMinute: 60, burstUnits: 54 } },
    { given: { unitsPerMinute: 60, burstUnits: -1 }, usable: { unitsPerMinute: 60, burstUnits: 0 } },
    { given: { unitsPerMinute: Infinity, burstUnits: Infinity }, usable: { unitsPerMinute: 1e12, burstUnits: 9e11 } },
  ])("$given becomes $usable", ({ given, usable }) => {
    expect(toUsablePace(given)).toEqual(usable);
  });
});
