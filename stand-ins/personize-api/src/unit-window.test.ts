import { expect, test } from "vitest";
import { createRandom } from "@acme/stand-in-kit";
import { UnitHistory } from "./unit-history.ts";
import { UnitWindow } from "./unit-window.ts";

test("a unit leaves a sliding window exactly one window after it was counted", () => {
  const window = new UnitWindow();
  window.add(1000, 3);
  expect(window.used(60_999, 60_000, "sliding")).toBe(3);
  expect(window.used(61_000, 60_000, "sliding")).toBe(0);
});

test("a fixed window forgets at its boundary", () => {
  const window = new UnitWindow();
  window.add(59_999, 3);
  expect(window.used(59_999, 60_000, "fixed")).toBe(3);
  expect(window.used(60_000, 60_000, "fixed")).toBe(0);
});

test("the wait is the shortest after which the units fit", () => {
  const random = createRandom(7);
  for (let round = 0; round < 200; round += 1) {
    const entries = Array.from({ length: 5 }, (_, index) => ({
      timeMs: index * 10 + Math.floor(random() * 10),
      units: 1 + Math.floor(random() * 4),
    }));
    const fill = () => {
      const window = new UnitWindow();
      for (const { timeMs, units } of entries) window.add(timeMs, units);
      return window;
    };
    const units = 1 + Math.floor(random() * 10);
    const fits = (atMs: number) => fill().used(atMs, 100, "sliding") + units <= 10;
    const nowMs = 60;
    if (fits(nowMs)) continue;
    const window = fill();
    window.used(nowMs, 100, "sliding");
    const waitMs = window.msUntilFree(nowMs, 100, "sliding", units, 10);
    expect(fits(nowMs + waitMs)).toBe(true);
    expect(fits(nowMs + waitMs - 1)).toBe(false);
  }
});

test("the peak is the busiest sliding window", () => {
  const history = new UnitHistory();
  for (const [timeMs, units] of [
    [0, 5],
    [50, 5],
    [99, 1],
    [100, 7],
    [300, 2],
  ] as const) {
    history.add(timeMs, units);
  }
  expect(history.peak(100)).toBe(13);
  expect(history.peak(1)).toBe(7);
  expect(history.total).toBe(20);
});
