import type { Runtime } from "../contracts/runtime.ts";

/** Keeps an even sample of everything that is offered, without keeping the rest (reservoir sampling). */
export interface Sample<Item> {
  offer(item: Item): void;
  chosen(): readonly Item[];
}

export function createSample<Item>(size: number, runtime: Pick<Runtime, "random">): Sample<Item> {
  const kept: Item[] = [];
  let offered = 0;
  return {
    offer(item) {
      offered += 1;
      if (kept.length < size) {
        kept.push(item);
        return;
      }
      const place = Math.floor(runtime.random() * offered);
      if (place < size) kept[place] = item;
    },
    chosen: () => kept,
  };
}
