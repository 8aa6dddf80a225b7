import { describe, expect, test } from "vitest";
import { BugError } from "../../contracts/errors.ts";
import { rowsOf, toBatch, toDigest, packed } from "../state-rows.ts";
import { start, type StateWorld } from "./world.ts";

export function describeBatches(world: StateWorld): void {
  describe("batches", () => {
    test("are found again, oldest first, with what is known of them", async () => {
      const state = await world.claim();
      const { recordKind } = toBatch("z", []);
      const alone = { superseded: [], recordKind, echoUntilMs: null };
      await state.writeDown([toBatch("z", ["a", "b"]), toBatch("y", ["c"])], []);
      world.clock += 10;
      await state.writeDown([toBatch("x", [])], []);
      await state.markSent("z");
      world.clock += 10;
      await state.markAccepted("z", "event-1");
      await state.markSent("y");
      expect(await state.unsettled()).toEqual([
        { ...alone, id: "z", eventId: "event-1", rows: packed("a", "b"), writtenAt: start, sentAt: start + 10 },
        { ...alone, id: "y", eventId: null, rows: packed("c"), writtenAt: start, sentAt: start + 20 },
        { ...alone, id: "x", eventId: null, rows: [], writtenAt: start + 10, sentAt: null },
      ]);
      expect((await world.store.summary("customers"))?.unsettledBatches).toBe(3);
    });

    test("written down twice are one, and keep what was known", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a"])], []);
      await state.markSent("b1");
      await state.writeDown([toBatch("b1", ["a"])], []);
      expect(await state.unsettled()).toMatchObject([{ id: "b1", sentAt: start }]);
    });

    test("remember the rows that lost to one of theirs, with its record", async () => {
      const state = await world.claim();
      const batch = toBatch("b1", ["a", "b"]);
      const [first, ...rest] = batch.rows;
      if (first === undefined) throw new Error("the batch has rows");
      const superseded = [{ key: "c", digest: toDigest("c") }];
      await state.writeDown([{ ...batch, rows: [{ ...first, superseded }, ...rest] }], []);
      expect(await state.unsettled()).toMatchObject([
        { rows: packed("a", "b"), superseded: [{ key: "c", record: first.record, digest: toDigest("c") }] },
      ]);
    });

    test("say of each of their rows that it is under way, until they are settled", async () => {
      const awkward = "a\0b";
      expect(await world.store.underWay("customers", "a")).toBe(false);
      const state = await world.claim();
      const batch = toBatch("b1", ["a", awkward]);
      const [first, ...rest] = batch.rows;
      if (first === undefined) throw new Error("the batch has rows");
      const superseded = [{ key: "c", digest: toDigest("c") }];
      await state.writeDown([{ ...batch, rows: [{ ...first, superseded }, ...rest] }], []);
      const asked = async () =>
        Promise.all(["a", awkward, "c", "d"].map((key) => world.store.underWay("customers", key)));
      expect(await asked()).toEqual([true, true, true, false]);
      expect(await world.store.underWay("orders", "a")).toBe(false);
      await state.settle({ batchId: "b1", landed: [], parked: [], replacedBy: [] });
      expect(await asked()).toEqual([false, false, false, false]);
    });

    test("of which a copy may still land are remembered as echoes, until it no longer can", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a"]), toBatch("b2", ["b"])], []);
      await state.markSent("b1");
      await state.markAccepted("b1", "event-1", start + 500);
      expect(await state.unsettled()).toMatchObject([{ id: "b1", echoUntilMs: start + 500 }, { echoUntilMs: null }]);
      await state.settle({ batchId: "b1", landed: [], parked: [], replacedBy: [], echoUntilMs: start + 500 });
      await state.settle({ batchId: "b2", landed: [], parked: [], replacedBy: [] });
      expect(await state.unsettled()).toEqual([]);
      expect(await state.echoes()).toEqual([{ untilMs: start + 500, rows: packed("a") }]);
      world.clock += 500;
      expect(await state.echoes()).toEqual([]);
    });

    test("sent again show the latest time", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a"])], []);
      await state.markSent("b1");
      world.clock += 5_000;
      await state.markSent("b1");
      expect(await state.unsettled()).toMatchObject([{ sentAt: start + 5_000 }]);
    });

    test("that settle are gone; those in their place are there; repeating it changes nothing", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a", "b", "c"]), toBatch("b2", ["d"])], []);
      const settlement = {
        batchId: "b1",
        landed: rowsOf("a"),
        parked: [],
        replacedBy: [toBatch("b1-left", ["b"]), toBatch("b1-right", ["c"])],
      };
      await state.settle(settlement);
      await state.settle(settlement);
      expect((await state.unsettled()).map((batch) => batch.id)).toEqual(["b2", "b1-left", "b1-right"]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1, unsettledBatches: 3 });
    });

    test("that were accepted are not withdrawn", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a"]), toBatch("b2", ["b"]), toBatch("b3", ["c"])], []);
      await state.markSent("b2");
      await state.markAccepted("b2", "event-2");
      await state.withdraw(["b1", "b2", "unknown"]);
      expect((await state.unsettled()).map((batch) => batch.id)).toEqual(["b2", "b3"]);
    });

    test("never written down cannot be sent", async () => {
      const state = await world.claim();
      await expect(state.markSent("b1")).rejects.toBeInstanceOf(BugError);
      await expect(state.markAccepted("b1", "e1")).rejects.toBeInstanceOf(BugError);
    });
  });
}
