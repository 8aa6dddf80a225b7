import { describe, expect, test } from "vitest";
import { TransientError } from "../../contracts/errors.ts";
import type { SyncState } from "../../contracts/state.ts";
import { rowsOf, toBatch, toDigest, toReceipt, toParked } from "../state-rows.ts";
import { start, ttlMs, type StateWorld } from "./world.ts";

export function describeClaims(world: StateWorld): void {
  describe("a claim", () => {
    test("is refused while another holder's is alive, and says until when it is", async () => {
      await world.claim("run 1");
      expect(await world.store.claim("customers", "run 2", ttlMs)).toBeNull();
      expect((await world.store.summary("customers"))?.heldBy).toEqual({ holder: "run 1", untilMs: start + ttlMs });
      world.clock += ttlMs - 1;
      expect(await world.store.claim("customers", "run 2", ttlMs)).toBeNull();
      world.clock += 1;
      expect((await world.store.summary("customers"))?.heldBy).toBeNull();
      expect(await world.store.claim("customers", "run 2", ttlMs)).not.toBeNull();
    });

    test("is given again to the same holder, and raises the fence each time", async () => {
      const fences = [(await world.claim()).fence, (await world.claim()).fence, (await world.claim()).fence];
      expect(fences).toEqual([1, 2, 3]);
      expect((await world.claim("run 1", "orders")).fence).toBe(1);
    });

    test("lasts as long as it is renewed, and ends when it is released", async () => {
      const state = await world.claim();
      world.clock += ttlMs - 1;
      await state.renew(ttlMs);
      world.clock += ttlMs - 1;
      expect(await world.store.claim("customers", "run 2", ttlMs)).toBeNull();
      await state.release();
      expect((await world.store.summary("customers"))?.heldBy).toBeNull();
      expect((await world.claim("run 2")).fence).toBe(2);
    });

    test("is renewed even after it has expired, when nobody took it", async () => {
      const state = await world.claim();
      world.clock += ttlMs * 2;
      await state.renew(ttlMs);
      expect(await world.store.claim("customers", "run 2", ttlMs)).toBeNull();
    });

    test("that was taken over is not released by the one who lost it", async () => {
      const lost = await world.claim("run 1");
      world.clock += ttlMs;
      await world.claim("run 2");
      await lost.release();
      expect((await world.store.summary("customers"))?.heldBy?.holder).toBe("run 2");
    });

    test("made before the clock went back does not block the sync for long", async () => {
      world.clock += 365 * 86_400_000;
      await world.claim("run 1");
      world.clock = start;
      expect(await world.store.claim("customers", "run 2", ttlMs)).not.toBeNull();
    });

    test("of a holder that is known to be gone does not count", async () => {
      await world.claim("run 1");
      expect(await world.store.claim("customers", "run 2", ttlMs, "run 0")).toBeNull();
      expect((await world.store.claim("customers", "run 2", ttlMs, "run 1"))?.fence).toBe(2);
    });

    test("survives a small step back of the clock", async () => {
      await world.claim("run 1");
      world.clock -= 2_000;
      expect(await world.store.claim("customers", "run 2", ttlMs)).toBeNull();
    });

    test("is one claim for every process that shares the store", async () => {
      const other = await world.openAgain();
      await world.claim("run 1");
      expect(await other.claim("customers", "run 2", ttlMs)).toBeNull();
      expect((await other.summary("customers"))?.heldBy?.holder).toBe("run 1");
    });
  });

  describe("a run that has lost its claim", () => {
    const writes: Readonly<Record<string, (state: SyncState) => Promise<unknown>>> = {
      writeDown: (state) => state.writeDown([toBatch("late", ["late"])], [toParked("late")]),
      markSent: (state) => state.markSent("b1"),
      markAccepted: (state) => state.markAccepted("b1", "e1"),
      settle: (state) =>
        state.settle({
          batchId: "b1",
          landed: [{ key: "b1-row", digest: toDigest("late") }],
          parked: [],
          replacedBy: [],
        }),
      withdraw: (state) => state.withdraw(["b1"]),
      checkpoint: (state) =>
        state.checkpoint({ at: "late" }, null, { begins: "late", seen: [], gone: [], identities: [] }),
      saveReceipt: (state) => state.saveReceipt(toReceipt("late")),
      forgetRows: (state) => state.forgetRows(["landed"]),
      renew: (state) => state.renew(ttlMs),
      keepSelection: (state) => state.keepSelection("late"),
      completeEnumeration: (state) => state.completeEnumeration(),
      endEnumeration: (state) => state.endEnumeration("late"),
      leave: (state) => state.leave(["landed"]),
      forgetUnidentified: (state) => state.forgetUnidentified(),
      left: (state) => state.left(start, 1),
      miss: (state) => state.miss("r", start, start),
      distrust: (state) => state.distrust(rowsOf("a"), { code: "c", reason: "r" }),
      strikeOff: (state) => state.strikeOff("record"),
    };

    const describeState = async (): Promise<unknown> => {
      const reader = await world.claim("reader");
      const view = {
        summary: { ...(await world.store.summary("customers")), heldBy: null },
        batches: await reader.unsettled(),
        parked: await world.store.parked("customers", 10),
        receipts: await world.store.receipts("customers", 10),
        known: await world.store.known("customers", ["landed", "late", "b1-row"]),
        deletions: await reader.deletions(),
      };
      await reader.release();
      return view;
    };

    for (const [method, write] of Object.entries(writes)) {
      test(`cannot ${method} any more, and changes nothing by trying`, async () => {
        const state = await world.claim("run 1");
        await state.writeDown([toBatch("b0", ["landed"]), toBatch("b1", ["b1-row"])], []);
        await state.settle({ batchId: "b0", landed: rowsOf("landed"), parked: [], replacedBy: [] });
        world.clock += ttlMs;
        const before = await describeState();
        await world.claim("run 2 on host b");

        const attempt = write(state);
        await expect(attempt).rejects.toBeInstanceOf(TransientError);
        await expect(attempt).rejects.toThrow('Another run has taken over sync "customers": run 2 on host b');
        world.clock += ttlMs;
        expect(await describeState()).toEqual(before);
      });
    }

    test("because the sync was reset is told so", async () => {
      const state = await world.claim();
      await world.store.reset("customers");
      await expect(state.checkpoint(1, null)).rejects.toThrow("was reset");
      expect((await world.store.summary("customers"))?.cursor).toBeNull();
    });
  });

  test("syncs are those that were ever claimed, by name", async () => {
    await world.claim("run 1", "orders");
    await world.claim("run 1", "customers");
    expect(await world.store.syncs()).toEqual(["customers", "orders"]);
    expect(await world.store.summary("invoices")).toBeNull();
  });
}
