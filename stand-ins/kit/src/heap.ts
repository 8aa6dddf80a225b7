/** Something due at a time; equal times keep the order of their sequence. */
export interface Due {
  readonly atMs: number;
  readonly sequence: number;
}

/** A binary heap of things by due time, earliest first. */
export class Heap<T extends Due> {
  #items: T[] = [];

  get size(): number {
    return this.#items.length;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  items(): readonly T[] {
    return this.#items;
  }

  push(item: T): void {
    const items = this.#items;
    let index = items.length;
    items.push(item);
    while (index > 0) {
      const above = (index - 1) >> 1;
      const parent = items[above];
      if (parent === undefined || !isBefore(item, parent)) break;
      items[index] = parent;
      index = above;
    }
    items[index] = item;
  }

  pop(): T | undefined {
    const items = this.#items;
    const first = items[0];
    const last = items.pop();
    if (first === undefined || last === undefined || items.length === 0) return first;
    let index = 0;
    for (;;) {
      let below = index * 2 + 1;
      const left = items[below];
      if (left === undefined) break;
      const right = items[below + 1];
      let child = left;
      if (right !== undefined && isBefore(right, left)) {
        below += 1;
        child = right;
      }
      if (!isBefore(child, last)) break;
      items[index] = child;
      index = below;
    }
    items[index] = last;
    return first;
  }
}

function isBefore(left: Due, right: Due): boolean {
  return left.atMs === right.atMs ? left.sequence < right.sequence : left.atMs < right.atMs;
}
