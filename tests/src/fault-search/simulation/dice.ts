import { createRandom } from "../../../../packages/sync-core/src/testing/virtual-runtime.ts";

/** Chance of one part of a simulated world. Parts have dice of their own, so that one more throw of one does not change the others. */
export interface Dice {
  /** In [0, 1). */
  float(): number;
  /** Whole, from `least` to `most`, both included. */
  int(least: number, most: number): number;
  /** True in `probability` of all throws. Nothing is thrown for 0. */
  chance(probability: number): boolean;
  pick<T>(list: readonly [T, ...T[]]): T;
  /** Milliseconds around `mean`, exponentially spread, at most ten times as long. */
  around(mean: number): number;
}

export function createDice(seed: number, part: string): Dice {
  const float = createRandom(mix(seed, part));
  return {
    float,
    int: (least, most) => least + Math.floor(float() * (most - least + 1)),
    chance: (probability) => probability > 0 && float() < probability,
    pick(list) {
      const picked = list[Math.floor(float() * list.length)];
      // What is picked may well be null.
      return picked === undefined ? list[0] : picked;
    },
    around: (mean) => Math.ceil(Math.min(10 * mean, -Math.log(1 - float()) * mean)),
  };
}

/** FNV-1a over the seed and the name. */
function mix(seed: number, part: string): number {
  let mixed = 0x811c9dc5;
  for (const text of [String(seed), part]) {
    for (let index = 0; index < text.length; index += 1)
      mixed = Math.imul(mixed ^ text.charCodeAt(index), 0x01000193) >>> 0;
    mixed = Math.imul(mixed ^ 0x7c, 0x01000193) >>> 0;
  }
  return mixed;
}
