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
