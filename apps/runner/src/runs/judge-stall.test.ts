import type { Progress } from "@acme/sync-core";
import { describe, expect, test } from "vitest";
import { judgeStall, movementOf, type Standstill } from "./judge-stall.ts";

const MINUTE = 60_000;
const progress = (waitingFor: string | null, read = 0): Progress => ({
  phase: "reading",
  rows: {
    read,
    unchanged: 0,
    filtered: 0,
    superseded: 0,
    parked: 0,
    unsent: 0,
    sent: 0,
    landed: 0,
    refused: 0,
    deleted: 0,
  },
  estimatedRows: null,
  unsettledBatches: 0,
  units: 0,
  waitingFor,
  notices: [],
});
const judge = (rest: Partial<Standstill>) =>
  judgeStall({
    now: 100 * MINUTE,
    movedAt: 100 * MINUTE,
    progress: progress(null),
    stallMs: 15 * MINUTE,
    askedToEndAt: null,
    graceMs: 20_000,
    ...rest,
  });

describe("a run that stands still", () => {
  test("is nothing to speak of at first", () => {
    expect(judge({})).toBeNull();
    expect(judge({ movedAt: 71 * MINUTE })).toBeNull();
    expect(judge({ movedAt: 86 * MINUTE, progress: progress("the minute limit of the plan") })).toBeNull();
  });

  test("because it waits for something is let wait, and says so", () => {
    const judgement = judge({ movedAt: 40 * MINUTE, progress: progress("the minute limit of the plan") });
    expect(judgement).toEqual({
      verdict: "waits",
      text: "for 60 minutes it has waited for the minute limit of the plan",
    });
  });

  test("without saying why is asked to end", () => {
    for (const silent of [progress(null), null]) {
      const judgement = judge({ movedAt: 70 * MINUTE, progress: silent });
      expect(judgement).toMatchObject({ verdict: "end", text: expect.stringContaining("for 30 minutes") });
    }
  });

  test("although it was asked to end hangs, after its grace and a minute", () => {
    expect(judge({ askedToEndAt: 99 * MINUTE })).toBeNull();
    expect(judge({ askedToEndAt: 98 * MINUTE })).toMatchObject({ verdict: "hangs" });
  });
});

test("counts, phases and calls are movement; words are not", () => {
  expect(movementOf(progress(null, 1))).not.toBe(movementOf(progress(null, 2)));
  expect(movementOf(progress("landing, for 3 s"))).toBe(movementOf(progress("landing, for 4 s")));
});
