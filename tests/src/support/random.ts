/** A small seeded generator (mulberry32): the same seed draws the same numbers on every machine. */
export interface Random {
  readonly seed: number;
  /** From 0 to 1, 1 excluded. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number;
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    seed,
    next,
    between,
    chance: (probability) => next() < probability,
    pick(items) {
      const item = items[between(0, items.length - 1)];
      if (item === undefined) throw new RangeError("there is nothing to pick from");
      return item;
    },
  };
}

/** The seed from the environment variable `name`, else one that nobody chose; printed, so that a failure can be repeated. */
export function drawSeed(name: string): number {
  const wanted = Number(process.env[name] ?? Number.NaN);
  const seed = Number.isInteger(wanted) ? wanted : Math.floor(Math.random() * 1_000_000);
  process.stdout.write(`${name}=${seed}\n`);
  return seed;
}
