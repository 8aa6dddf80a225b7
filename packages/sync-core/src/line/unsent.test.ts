import { expect, it } from "vitest";
import type { Batch } from "../contracts/line.ts";
import { createUnsent } from "./unsent.ts";

const batchOf = (id: number): Batch => ({
  id: String(id),
  page: 0,
  recordKind: { entityType: "contact", kind: "email", keyName: null },
  properties: [],
  rows: [],
  bytes: 0,
  units: 0,
});

/** Whether `promise` has resolved once everything that promises can bring about has come about. */
async function isResolved(promise: Promise<void>): Promise<boolean> {
  let resolved = false;
  void promise.then(() => (resolved = true));
  await new Promise((resolve) => void setImmediate(resolve));
  return resolved;
}

it("has whoever reads wait while 32 batches wait to be sent, and wakes them all", async () => {
  const unsent = createUnsent({ withdraw: async () => undefined });
  for (let id = 0; id < 31; id += 1) unsent.add(batchOf(id));
  expect(await isResolved(unsent.untilFew())).toBe(true);
  for (let id = 31; id < 33; id += 1) unsent.add(batchOf(id));
  const [first, second] = [unsent.untilFew(), unsent.untilFew()];
  unsent.left("0");
  expect(await isResolved(first)).toBe(false);
  unsent.left("1");
  expect(await isResolved(first)).toBe(true);
  expect(await isResolved(second)).toBe(true);
});

it("lets go of them when the batches are taken back", async () => {
  const unsent = createUnsent({ withdraw: async () => undefined });
  for (let id = 0; id < 40; id += 1) unsent.add(batchOf(id));
  const waiting = unsent.untilFew();
  await unsent.withdraw();
  expect(await isResolved(waiting)).toBe(true);
});
