import { expect, test } from "vitest";
import { nextTry } from "./next-try.ts";

const end = { now: 1000, isHeld: false, isStopping: false, tries: 0 };
const MINUTE = 60_000;

test("a run that came to its end is over", () => {
  expect(nextTry(end)).toEqual({ state: "ended" });
});

test("one that somebody else is at is looked at again in 15 seconds", () => {
  expect(nextTry({ ...end, isHeld: true })).toEqual({ state: "again", dueAt: 16_000 });
});

test("one that the runner's stop has interrupted goes on with the next runner", () => {
  expect(nextTry({ ...end, isStopping: true })).toEqual({ state: "again", dueAt: 1000 });
});

test("one that gave up is tried three times more, later each time", () => {
  const waits = [1, 2, 3, 4].map((tries) => nextTry({ ...end, tries }));
  expect(waits).toEqual([
    { state: "again", dueAt: 1000 + 5 * MINUTE },
    { state: "again", dueAt: 1000 + 10 * MINUTE },
    { state: "again", dueAt: 1000 + 20 * MINUTE },
    { state: "ended" },
  ]);
});
