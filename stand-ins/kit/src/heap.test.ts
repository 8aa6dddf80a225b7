import { expect, test } from "vitest";
import { Heap } from "./heap.ts";
import { createRandom } from "./random.ts";

test("things come out by time, and by sequence within a time", () => {
  const random = createRandom(3);
  const heap = new Heap<{ atMs: number; sequence: number }>();
  const items = Array.from({ length: 500 }, (_, sequence) => ({ atMs: Math.floor(random() * 20), sequence }));
  for (const item of items) heap.push(item);
  const popped = [];
  for (let item = heap.pop(); item !== undefined; item = heap.pop()) popped.push(item);
  expect(popped).toEqual(items.toSorted((left, right) => left.atMs - right.atMs || left.sequence - right.sequence));
  expect(heap.size).toBe(0);
});
