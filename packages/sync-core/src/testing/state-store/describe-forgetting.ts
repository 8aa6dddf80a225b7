import { describe, expect, test } from "vitest";
import { TransientError } from "../../contracts/errors.ts";
import type { LandedRow } from "../../contracts/state.ts";
import { rowsOf, toBatch, toDigest, toParked, beginEnumeration, collect } from "../state-rows.ts";
import { start, type StateWorld } from "./world.ts";

export function describeForgetting(world: StateWorld): void {
  describe("to forget a row", () => {
    test("erases what is stored about it, and nothing else", async () => {
      const state = await world.claim();
      await state.settle({
        batchId: "any",
        landed: [{ key: "a", digest: toDigest("1"), identity: "old" }, ...rowsOf("b")],
        parked: [],
        replacedBy: [],
      });
      await state.settle({
        batchId: "any",
        landed: [{ key: "a", digest: toDigest("2"), identity: "new" }],
        parked: [],
        replacedBy: [],
      });
      await state.writeDown([], [toParked("a"), toParked("c")]);
      await beginEnumeration(state, "s");
      await state.checkpoint("at", null, { seen: ["a", "b"], gone: ["a"], identities: [] });
      await state.release();
      expect(await world.store.forget("customers", "a")).toEqual({ landed: true, parked: true, records: 0 });
      expect(await world.store.forget("customers", "a")).toEqual({ landed: false, parked: false, records: 0 });
      expect([...(await world.store.known("customers", ["a", "b", "c"])).keys()]).toEqual(["b", "c"]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 1 });
      const tables = (await collect(world.store.exportAll(null))).filter(({ rows }) =>
        rows.some(({ key }) => key === "a"),
      );
      expect(tables).toEqual([]);
    });

    test("takes its record from those that are to be deleted", async () => {
      const state = await world.claim();
      const to = (key: string, identity: string): LandedRow => ({ key, digest: toDigest(identity), identity });
      for (const landed of [[to("a", "shared"), to("b", "shared")], [to("b", "other")]])
        await state.settle({ batchId: "any", landed, parked: [], replacedBy: [] });
      await state.release();
      expect(await world.store.forget("customers", "a")).toEqual({ landed: true, parked: false, records: 1 });
      expect(await world.leftBy(await world.claim(), 10)).toEqual([]);
    });

    test("waits until nothing of it is under way", async () => {
      const state = await world.claim();
      await state.writeDown([toBatch("b1", ["a", "b"])], []);
      await expect(world.store.forget("customers", "a")).rejects.toThrow('A run of sync "customers" is at work: run 1');
      await state.release();
      await expect(world.store.forget("customers", "a")).rejects.toBeInstanceOf(TransientError);
      await expect(world.store.forget("customers", "a")).rejects.toThrow("is not settled yet");
      const next = await world.claim();
      await next.settle({
        batchId: "b1",
        landed: rowsOf("a", "b"),
        parked: [],
        replacedBy: [],
        echoUntilMs: start + 5_000,
      });
      await next.release();
      await expect(world.store.forget("customers", "a")).rejects.toThrow(
        "may still land in Personize, until 2026-11-22T00:00:05.000Z",
      );
      expect((await world.store.known("customers", ["a"])).size).toBe(1);
      world.clock += 5_000;
      expect(await world.store.forget("customers", "a")).toMatchObject({ landed: true });
      expect(await (await world.claim()).echoes()).toEqual([]);
    });

    test("of an unknown sync or key does nothing", async () => {
      expect(await world.store.forget("nobody", "a")).toEqual({ landed: false, parked: false, records: 0 });
      expect(await world.store.syncs()).toEqual([]);
    });
  });
}
