/** A sorted list that is brought up to date when it is read, at a cost that follows how much has changed. */
export class SortedView<Item> {
  readonly #compare: (left: Item, right: Item) => number;
  readonly #keep: (item: Item) => boolean;
  #items: Item[] = [];
  #touched: Item[] = [];

  /** `compare` must tell any two different items apart. */
  constructor(compare: (left: Item, right: Item) => number, keep: (item: Item) => boolean) {
    this.#compare = compare;
    this.#keep = keep;
  }

  /** To be called for a new item, and for one whose place or right to be here may have changed. */
  touch(item: Item): void {
    this.#touched.push(item);
  }

  /** To be called when `compare` means something else now. */
  resort(): void {
    this.#touched = this.#items.concat(this.#touched);
    this.#items = [];
  }

  items(): readonly Item[] {
    if (this.#touched.length === 0) return this.#items;
    const touched = new Set(this.#touched);
    const fresh = [...touched].filter(this.#keep).toSorted(this.#compare);
    const settled = this.#items.length === 0 ? [] : this.#items.filter((item) => !touched.has(item));
    this.#items = settled.length === 0 ? fresh : this.#merge(settled, fresh);
    this.#touched = [];
    return this.#items;
  }

  #merge(settled: readonly Item[], fresh: readonly Item[]): Item[] {
    const merged: Item[] = [];
    let next = 0;
    for (const item of settled) {
      for (let other = fresh[next]; other !== undefined && this.#compare(other, item) < 0; other = fresh[next]) {
        merged.push(other);
        next += 1;
      }
      merged.push(item);
    }
    for (; next < fresh.length; next += 1) {
      const other = fresh[next];
      if (other !== undefined) merged.push(other);
    }
    return merged;
  }
}

/** The first position whose item is not before the place sought: `isBefore` is true up to there and false from there. */
export function findPosition<Item>(items: readonly Item[], isBefore: (item: Item) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const item = items[middle];
    if (item !== undefined && isBefore(item)) low = middle + 1;
    else high = middle;
  }
  return low;
}
