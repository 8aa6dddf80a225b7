import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import type { SyncState } from "../../contracts/state.ts";
import { toBatch, toReceipt, toParked, land } from "../state-rows.ts";
import type { StateWorld } from "./world.ts";

export function describeProgress(world: StateWorld): void {
  describe("a checkpoint", () => {
    test("gives back the cursor as it was, and keeps what was proved until more is", async () => {
      const state = await world.claim();
      expect(await state.cursor()).toBeNull();
      const cursor = { updated_at: "2026-11-22T00:00:00.000001Z", key: ["7", null, { deep: true }] };
      const proved = { field: "updated_at", after: null, through: "2026-11-22", throughExclusive: true };
      await state.checkpoint(cursor, proved);
      await state.checkpoint("later", null);
      expect(await state.cursor()).toBe("later");
      await state.checkpoint(cursor, null);
      expect(await state.cursor()).toEqual(cursor);
      expect(await world.store.summary("customers")).toMatchObject({ cursor, proved });
    });
  });

  describe("receipts", () => {
    test("come newest first, and are chained by the digest of their text", async () => {
      const state = await world.claim();
      expect(await state.lastReceiptDigest()).toBeNull();
      await state.saveReceipt(toReceipt("1"));
      await state.saveReceipt(toReceipt("2"));
      await state.saveReceipt(toReceipt("2"));
      expect(await world.store.receipts("customers", 10)).toEqual([toReceipt("2"), toReceipt("1")]);
      expect(await world.store.receipts("customers", 1)).toEqual([toReceipt("2")]);
      expect(await world.store.receipts("nobody", 1)).toEqual([]);
      const digest = createHash("sha256")
        .update(JSON.stringify(toReceipt("2")))
        .digest("hex");
      expect(await state.lastReceiptDigest()).toBe(digest);
    });

    test("are kept up to the newest thousand of each sync", async () => {
      const orders = await world.claim("run 1", "orders");
      await orders.saveReceipt(toReceipt("orders"));
      const state = await world.claim();
      for (let run = 1; run <= 1_005; run++) await state.saveReceipt(toReceipt(String(run)));
      const kept = await world.store.receipts("customers", 2_000);
      expect([kept.length, kept[0]?.runId, kept.at(-1)?.runId]).toEqual([1_000, "1005", "6"]);
      expect(await world.store.receipts("orders", 10)).toHaveLength(1);
    });
  });

  describe("a reset", () => {
    test("forgets everything about one sync but its receipts and the quota ledger", async () => {
      const state = await world.claim();
      await fill(state);
      await land(await world.claim("run 1", "orders"), ["a"], "first");
      await world.store.addUsage("key", "2026-11", { attempted: 3 });
      await world.store.reset("customers");
      expect(await world.store.summary("customers")).toEqual({
        sync: "customers",
        cursor: null,
        proved: null,
        landedRows: 0,
        parkedRows: 0,
        unsettledBatches: 0,
        enumeration: "none",
        heldBy: null,
      });
      expect(await world.store.receipts("customers", 10)).toHaveLength(1);
      expect((await world.store.usage("key", "2026-11")).attempted).toBe(3);
      expect((await world.store.summary("orders"))?.landedRows).toBe(1);
      const after = await world.claim("run 2");
      expect(after.fence).toBeGreaterThan(state.fence);
      expect(await world.store.known("customers", ["a", "b"])).toEqual(new Map());
      expect(await after.unsettled()).toEqual([]);
    });

    test("of an unknown sync does nothing", async () => {
      await world.store.reset("nobody");
      expect(await world.store.summary("nobody")).toBeNull();
      expect(await world.store.syncs()).toEqual([]);
    });
  });

  const fill = async (state: SyncState): Promise<void> => {
    await land(state, ["a"], "first");
    await state.writeDown([toBatch("left", ["b"])], [toParked("b")]);
    await state.checkpoint({ page: 1 }, { field: null, after: null, through: null });
    await state.saveReceipt(toReceipt("1"));
  };
}
