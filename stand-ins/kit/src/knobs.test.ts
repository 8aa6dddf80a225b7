import { expect, test } from "vitest";
import { type DelayMs, drawDelayMs, type KnobRules, readKnobs } from "./knobs.ts";

interface Knobs {
  on: boolean;
  size: number;
  mode: "fast" | "slow";
  limit: number | null;
  lagMs: DelayMs;
  otherLagMs: DelayMs | null;
}

const rules: KnobRules<Knobs> = {
  defaults: { on: true, size: 1, mode: "fast", limit: null, lagMs: 0, otherLagMs: null },
  choices: { mode: ["fast", "slow"] },
  types: { limit: "number or null", lagMs: "delay", otherLagMs: "delay or null" },
};

test("known knobs are picked, other members and undefined ones left", () => {
  const knobs = { on: false, size: 7, mode: "slow", limit: null, lagMs: { minMs: 1, maxMs: 2 }, otherLagMs: 3 };
  expect(readKnobs({ ...knobs, port: 80, toString: 1 }, rules)).toEqual(knobs);
  expect(readKnobs({ size: undefined }, rules)).toEqual({});
  expect(readKnobs({ limit: 5, lagMs: 9, otherLagMs: null }, rules)).toEqual({ limit: 5, lagMs: 9, otherLagMs: null });
});

test.each([
  [{ mode: "wild" }, "Knob mode takes one of fast, slow, not wild"],
  [{ on: "yes" }, 'Knob on takes a boolean, not "yes"'],
  [{ size: null }, "Knob size takes a number, not null"],
  [{ limit: "5" }, 'Knob limit takes a number or null, not "5"'],
  [{ lagMs: null }, "Knob lagMs takes a delay, not null"],
  [{ lagMs: { minMs: 1 } }, 'Knob lagMs takes a delay, not {"minMs":1}'],
  [{ otherLagMs: "soon" }, 'Knob otherLagMs takes a delay or null, not "soon"'],
])("%j is refused", (knobs, message) => {
  expect(() => readKnobs(knobs, rules)).toThrow(new RangeError(message));
});

test("a delay is drawn from its range, both ends included", () => {
  expect(drawDelayMs(5, () => 0.9)).toBe(5);
  expect(drawDelayMs({ minMs: 10, maxMs: 12 }, () => 0)).toBe(10);
  expect(drawDelayMs({ minMs: 10, maxMs: 12 }, () => 0.999)).toBe(12);
});
