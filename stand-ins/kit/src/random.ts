/** A repeatable stream of numbers in [0, 1) (mulberry32): the same seed gives the same stream. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return finish(state) / 4_294_967_296;
  };
}

/** A whole number from 0 to 2^32-1 that depends on all three and on nothing else. */
export function hash(seed: number, index: number, salt: number): number {
  return finish(
    (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35) ^ (salt * 0x27d4eb2f)) >>> 0,
  );
}

function finish(state: number): number {
  let mixed = state;
  mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
  mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
  return (mixed ^ (mixed >>> 14)) >>> 0;
}
