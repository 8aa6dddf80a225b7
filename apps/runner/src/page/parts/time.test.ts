import { expect, it } from "vitest";
import { exactInWords, relativeInWords, when } from "./time.ts";

const MINUTE = 60_000;

it.each([
  [0, "now"],
  [-1000, "now"],
  [-2000, "2 s ago"],
  [-4 * MINUTE - 20_000, "4 min ago"],
  [23 * MINUTE, "in 23 min"],
  [-79 * MINUTE, "1 h 19 min ago"],
  [2 * 24 * 60 * MINUTE, "in 2 d"],
])("%d ms from now is %j", (away, words) => {
  expect(relativeInWords(1e12 + away, 1e12)).toBe(words);
});

it("carries the exact time for machines and for who asks, and does not fail on a time that no calendar holds", async () => {
  expect(String(await when(Date.UTC(2026, 10, 28, 9, 0, 1), Date.UTC(2026, 10, 28, 9, 1, 1)))).toBe(
    '<time datetime="2026-11-28T09:00:01.000Z" title="2026-11-28 09:00:01 UTC">1 min ago</time>',
  );
  expect(exactInWords(Number.NaN)).toBe("unknown");
  expect(String(await when(9e15, 0))).toBe("unknown");
});
