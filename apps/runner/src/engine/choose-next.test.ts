import type { QueueEntry } from "@acme/sync-core";
import { expect, test } from "vitest";
import { chooseNext, type Choice, HAND_PRIORITY } from "./choose-next.ts";

const NOW = 1_000_000;
let ids = 0;

const entry = (sync: string, rest: Partial<QueueEntry> = {}): QueueEntry => ({
  id: String(++ids),
  sync,
  kind: "sync",
  trigger: "schedule",
  priority: 0,
  dueAt: NOW - 1000,
  enqueuedAt: NOW - 1000,
  heldBy: null,
  takenAt: null,
  cancelled: false,
  deaths: 0,
  ...rest,
});
const choose = (entries: readonly QueueEntry[], choice: Partial<Choice> = {}): string[] =>
  chooseNext(entries, { now: NOW, running: [], maxConcurrentRuns: 2, mayRun: () => true, ...choice }).map(
    ({ sync }) => sync,
  );

test("what has been due for longest comes first, as many as there are places", () => {
  expect(choose([entry("c"), entry("a", { dueAt: NOW - 3000 }), entry("b", { dueAt: NOW - 2000 })])).toEqual([
    "a",
    "b",
  ]);
});

test("what is not due yet, held by somebody, or not ours is left", () => {
  const held = { holder: "runner 2", untilMs: NOW + 1 };
  const entries = [
    entry("later", { dueAt: NOW + 1 }),
    entry("held", { heldBy: held }),
    entry("foreign"),
    entry("mine"),
  ];
  expect(choose(entries, { mayRun: (sync) => sync !== "foreign" })).toEqual(["mine"]);
});

test("one run a sync: not while another of it runs here or elsewhere, and of two that wait one", () => {
  const held = { holder: "runner 2", untilMs: NOW + 1 };
  const entries = [
    entry("here"),
    entry("there", { heldBy: held }),
    entry("there"),
    entry("twice", { kind: "retry", priority: 0 }),
    entry("twice"),
  ];
  expect(choose(entries, { running: [{ sync: "here", priority: 0 }], maxConcurrentRuns: 9 })).toEqual(["twice"]);
});

test("what a person asked for goes first, and may use one place more", () => {
  const hand = entry("hand", { priority: HAND_PRIORITY, dueAt: NOW });
  const running = [
    { sync: "x", priority: 0 },
    { sync: "y", priority: 0 },
  ];
  expect(choose([entry("a", { dueAt: 0 }), hand])).toEqual(["hand", "a"]);
  expect(choose([entry("a"), hand], { running })).toEqual(["hand"]);
  const full = [...running, { sync: "z", priority: HAND_PRIORITY }];
  expect(choose([entry("a"), entry("hand 2", { priority: HAND_PRIORITY })], { running: full })).toEqual([]);
});

test("the place for people is no place for schedules", () => {
  const running = [
    { sync: "x", priority: HAND_PRIORITY },
    { sync: "y", priority: 0 },
  ];
  expect(choose([entry("a")], { running })).toEqual([]);
  expect(choose([entry("a")], { running: [{ sync: "x", priority: HAND_PRIORITY }] })).toEqual(["a"]);
});

test("a run that processes have died with is taken up at once the first time, and later and later after that", () => {
  const died = (deaths: number, agoMs: number): QueueEntry => entry("x", { deaths, takenAt: NOW - agoMs });
  expect(choose([died(1, 0)])).toEqual(["x"]);
  for (const [deaths, pauseMs] of [
    [2, 60_000],
    [3, 120_000],
    [5, 480_000],
    [30, 3_600_000],
  ] as const) {
    expect(choose([died(deaths, pauseMs - 1)])).toEqual([]);
    expect(choose([died(deaths, pauseMs)])).toEqual(["x"]);
  }
});

test("a sync that rests is not taken up through another wish", () => {
  const expired = entry("x", { deaths: 4, takenAt: NOW });
  expect(choose([expired, entry("x"), entry("x", { kind: "retry" }), entry("y")])).toEqual(["y"]);
});

test("of runs that processes have died with again and again one goes at a time, and holds nobody else up", () => {
  const suspect = (sync: string, rest: Partial<QueueEntry> = {}): QueueEntry =>
    entry(sync, { deaths: 2, takenAt: NOW - 60_000, dueAt: NOW - 9000, ...rest });
  expect(choose([suspect("a"), suspect("b"), entry("c")])).toEqual(["a", "c"]);
  const held = { holder: "runner 2", untilMs: NOW + 1 };
  expect(choose([suspect("a", { heldBy: held }), suspect("b"), entry("c")])).toEqual(["c"]);
});
