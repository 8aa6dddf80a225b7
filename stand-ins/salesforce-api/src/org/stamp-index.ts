import { MAX_ROWS, toPosition, toRank } from "./ids.ts";
import type { Version } from "./version.ts";

/**
 * Rows in the order of (SystemModstamp, Id). The seeded order is made once and never changed; rows that differ from
 * their seed stand in a small list beside it, sorted again after a change.
 */
export class StampIndex {
  readonly #seeded: Float64Array;
  readonly #changed: ReadonlyMap<number, Version>;
  #sorted: Float64Array | undefined;

  constructor(seededCount: number, stampMs: (position: number) => number, changed: ReadonlyMap<number, Version>) {
    this.#seeded = new Float64Array(seededCount);
    for (let position = 0; position < seededCount; position += 1) {
      this.#seeded[position] = toKey(stampMs(position), position);
    }
    this.#seeded.sort();
    this.#changed = changed;
  }

  /** After a row was changed or added. */
  invalidate(): void {
    this.#sorted = undefined;
  }

  /** Positions whose stamp lies between both bounds, which belong to the range, in ascending order. */
  *between(fromMs: number, toMs: number): IterableIterator<number> {
    const changed = (this.#sorted ??= this.#sortChanged());
    const first = fromMs === Number.NEGATIVE_INFINITY ? 0 : Math.floor(fromMs / 1000) * MAX_ROWS;
    const last = toMs === Number.POSITIVE_INFINITY ? toMs : (Math.floor(toMs / 1000) + 1) * MAX_ROWS;
    let seededIndex = lowerBound(this.#seeded, first);
    let changedIndex = lowerBound(changed, first);
    for (;;) {
      const seeded = this.#seeded[seededIndex] ?? Number.POSITIVE_INFINITY;
      const other = changed[changedIndex] ?? Number.POSITIVE_INFINITY;
      const next = Math.min(seeded, other);
      if (next >= last || next === Number.POSITIVE_INFINITY) return;
      const position = toPosition(next % MAX_ROWS);
      if (seeded <= other) {
        seededIndex += 1;
        if (!this.#changed.has(position)) yield position;
      } else {
        changedIndex += 1;
        yield position;
      }
    }
  }

  #sortChanged(): Float64Array {
    const keys = new Float64Array(this.#changed.size);
    let index = 0;
    for (const [position, version] of this.#changed) {
      keys[index] = toKey(version.stampMs, position);
      index += 1;
    }
    return keys.toSorted();
  }
}

function toKey(stampMs: number, position: number): number {
  return Math.floor(stampMs / 1000) * MAX_ROWS + toRank(position);
}

function lowerBound(keys: Float64Array, key: number): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] ?? 0) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
