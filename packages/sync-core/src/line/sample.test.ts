import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRandom } from "../testing/virtual-runtime.ts";
import { createSample } from "./sample.ts";

function sampleOf(size: number, offered: number, random: () => number): readonly number[] {
  const sample = createSample<number>(size, { random });
  for (let item = 0; item < offered; item += 1) sample.offer(item);
  return sample.chosen();
}

describe("a sample", () => {
  it("keeps as many as asked for, each at most once, all where there are no more", () => {
    fc.assert(
      fc.property(fc.nat(20), fc.nat(60), fc.nat(), (size, offered, seed) => {
        const chosen = sampleOf(size, offered, createRandom(seed));
        expect(chosen).toHaveLength(Math.min(size, offered));
        expect(new Set(chosen).size).toBe(chosen.length);
        expect(chosen.every((item) => item < offered)).toBe(true);
      }),
    );
  });

  it("gives every item the same chance, the first and the last too", () => {
    const random = createRandom(42);
    const times = Array.from({ length: 20 }, () => 0);
    const rounds = 4000;
    for (let round = 0; round < rounds; round += 1)
      for (const item of sampleOf(5, 20, random)) times[item] = (times[item] ?? 0) + 1;
    // A quarter of the rounds each; five standard deviations are 137.
    for (const count of times) expect(Math.abs(count - rounds / 4)).toBeLessThan(137);
  });
});
