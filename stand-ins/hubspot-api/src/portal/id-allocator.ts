const SHORT_SHARE = 0.02;
const LONG_SHARDS = 8;
const FIRST_SHORT = 151;
const FIRST_LONG = 713_000_000_000;
const SHARD_DISTANCE = 47_000_000_000;

/**
 * Gives out ids as the live service does: not in the order of creation. Several counters far apart run side by side, one
 * of them among short ids, so a later record often has a smaller id, and the lengths of ids differ.
 */
export class IdAllocator {
  readonly #random: () => number;
  readonly #next: number[] = [
    FIRST_SHORT,
    ...Array.from({ length: LONG_SHARDS }, (_, shard) => FIRST_LONG + shard * SHARD_DISTANCE),
  ];

  constructor(random: () => number) {
    this.#random = random;
  }

  allocate(): number {
    const short = this.#random() < SHORT_SHARE;
    const shard = short ? 0 : 1 + Math.floor(this.#random() * LONG_SHARDS);
    const id = this.#next[shard] ?? FIRST_LONG;
    this.#next[shard] = id + 1 + Math.floor(this.#random() * (short ? 40 : 90_000));
    return id;
  }
}
