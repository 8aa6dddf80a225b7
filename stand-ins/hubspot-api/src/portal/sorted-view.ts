/** A sorted list that is brought up to date when it is read, cheaply when little has changed. */
export class SortedView<Item> {
  readonly #compare: (left: Item, right: Item) => number;
  readonly #keep: (item: Item) => boolean;
  #items: Item[] = [];
  #added: Item[] = [];
  #stale = false;

  /** `compare` must tell any two different items apart. */
  constructor(compare: (left: Item, right: Item) => number, keep: (item: Item) => boolean) {
    this.#compare = compare;
    this.#keep = keep;
  }

  /** Adding what is there already is harmless. */
  add(item: Item): void {
    this.#added.push(item);
    this.#stale = true;
  }

  /** To be called when an item's place or right to be here may have changed. */
  touch(): void {
    this.#stale = true;
  }

  items(): readonly Item[] {
    if (!this.#stale) return this.#items;
    const sorted = this.#items.concat(this.#added).filter(this.#keep);
    sorted.sort(this.#compare);
    this.#items = sorted.filter((item, index) => index === 0 || item !== sorted[index - 1]);
    this.#added = [];
    this.#stale = false;
    return this.#items;
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
