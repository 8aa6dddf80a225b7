import { describe, expect, test } from "vitest";
import type { PageMarks } from "../../contracts/deletions.ts";
import type { LandedRow, SyncState } from "../../contracts/state.ts";
import { toDigest, toParked, beginEnumeration, incompressible } from "../state-rows.ts";
import { start, type StateWorld } from "./world.ts";

export function describeDeletions(world: StateWorld): void {
  describe("deletions", () => {
    const landed = (rows: Readonly<Record<string, string | null>>, version = "first"): LandedRow[] =>
      Object.entries(rows).map(([key, identity]) => ({ key, digest: toDigest(version), identity }));
    const settle = (state: SyncState, rows: readonly LandedRow[]): Promise<void> =>
      state.settle({ batchId: "any", landed: rows, parked: [], replacedBy: [] });
    const show = (state: SyncState, seen: readonly string[], marks: Partial<PageMarks> = {}): Promise<void> =>
      state.checkpoint("at", null, { seen, gone: [], identities: [], ...marks });
    const absentKeys = async (state: SyncState): Promise<string[]> =>
      (await state.absent(null, 100)).map(({ key }) => key);

    test("remember the record of a row only where they are told to, and forget it when they are told to", async () => {
      const state = await world.claim();
      await settle(state, [{ key: "a", digest: toDigest("1") }, ...landed({ b: "record b" })]);
      const records = async (): Promise<unknown[]> =>
        [...(await world.store.known("customers", ["a", "b"])).values()].map(({ identity }) => identity);
      expect(await records()).toEqual([undefined, "record b"]);
      expect(await state.unidentifiedCount()).toBe(1);
      await settle(state, [{ key: "b", digest: toDigest("2") }]);
      expect(await records()).toEqual([undefined, "record b"]);
      await settle(state, landed({ a: "record a", b: null }));
      expect(await records()).toEqual(["record a", undefined]);
      expect(await state.leftCount()).toEqual({ fresh: 0, missed: 0 });
      expect(await state.forgetUnidentified()).toBe(1);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1 });
    });

    test("know what a complete enumeration has not shown, page by page, and nothing before it is complete", async () => {
      const state = await world.claim();
      await settle(state, landed({ "": "r", a: "r a", b: "r b", c: "r c", "c\0": "r 0", d: "r d" }));
      expect(await state.deletions()).toEqual({
        enumeration: "none",
        hasSeen: false,
        selection: null,
        landedRows: 6,
      });
      await beginEnumeration(state, "s1");
      await show(state, ["b"]);
      await show(state, ["b", "new", "d"]);
      expect(await state.deletions()).toMatchObject({ enumeration: "open", hasSeen: true, selection: "s1" });
      expect([await absentKeys(state), await state.absentCount()]).toEqual([[], 0]);
      await state.completeEnumeration();
      expect(await state.absentCount()).toBe(4);
      const paged: string[] = [];
      for (let after: string | null = null; ; ) {
        const [row] = await state.absent(after, 1);
        if (row === undefined) break;
        paged.push(row.key);
        after = row.key;
      }
      expect(paged.toSorted()).toEqual(["", "a", "c", "c\0"]);
      expect(await state.absent("a", 1)).toEqual([{ key: "c", identity: "r c" }]);
      await state.endEnumeration("s2");
      expect(await absentKeys(state)).toEqual([]);
      expect(await state.deletions()).toMatchObject({ enumeration: "ended", hasSeen: false, selection: "s2" });
      await beginEnumeration(state, "s3");
      expect((await state.deletions()).selection).toBe("s2");
    });

    test("know that an enumeration is complete from the page on that says so", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "r a", b: "r b", c: "r c" }));
      await show(state, ["b"], { completes: true });
      expect((await state.deletions()).enumeration).toBe("none");
      await show(state, ["b"], { begins: "s", completes: true });
      expect((await state.deletions()).enumeration).toBe("complete");
      expect(await absentKeys(state)).toEqual(["a", "c"]);
      // What is shown behind it is there as well.
      await show(state, ["c"]);
      expect(await absentKeys(state)).toEqual(["a"]);
      await beginEnumeration(state, "s");
      await show(state, ["b"]);
      expect(await absentKeys(state)).toEqual([]);
      await show(state, [], { completes: true });
      expect(await absentKeys(state)).toEqual(["a", "c"]);
      await state.endEnumeration("s");
      await show(state, ["b"], { completes: true });
      expect((await state.deletions()).enumeration).toBe("ended");
    });

    test("keep the selection that is known, and know it before an enumeration begins", async () => {
      const state = await world.claim();
      await state.keepSelection("s1");
      expect(await state.deletions()).toMatchObject({ enumeration: "none", selection: "s1" });
      await state.keepSelection("s2");
      await beginEnumeration(state, "s2");
      expect(await state.deletions()).toMatchObject({ enumeration: "open", selection: "s1" });
    });

    test("give an enumeration up when something was read without being tracked", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "r a" }));
      for (const complete of [false, true]) {
        await beginEnumeration(state, "s");
        await show(state, ["b"]);
        if (complete) await state.completeEnumeration();
        await state.checkpoint("at", null);
        expect((await state.deletions()).enumeration).toBe("none");
        expect(await absentKeys(state)).toEqual([]);
      }
    });

    test("know rows that the source said are deleted, until they are shown again", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "r a", b: "r b" }));
      await show(state, ["c"], { gone: ["a", "b", "never landed"] });
      expect([await absentKeys(state), await state.absentCount()]).toEqual([["a", "b"], 2]);
      await show(state, ["b"]);
      expect(await absentKeys(state)).toEqual(["a"]);
      await beginEnumeration(state, "s");
      await show(state, ["a", "b"]);
      await show(state, [], { gone: ["b"] });
      await state.completeEnumeration();
      expect(await absentKeys(state)).toEqual(["b"]);
    });

    test("leave records behind, but never one that a row still maps to, of whatever sync", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "shared", b: "shared", c: "own", d: "elsewhere", e: null }));
      await settle(await world.claim("run 1", "orders"), landed({ o: "elsewhere" }));
      await state.writeDown([], [toParked("a")]);
      await state.leave(["a", "c", "d", "e", "never landed"]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 0 });
      expect(await state.leftCount()).toEqual({ fresh: 1, missed: 0 });
      expect(await world.leftBy(state, 10)).toEqual(["own"]);
      await state.leave(["b"]);
      expect(await world.leftBy(state, 10)).toEqual(["own", "shared"]);
      expect(await world.leftBy(state, 1)).toEqual(["own"]);
      await settle(state, landed({ c: "own" }));
      expect(await world.leftBy(state, 10)).toEqual(["shared"]);
      await state.strikeOff("shared");
      expect([await world.leftBy(state, 10), await state.leftCount()]).toEqual([[], { fresh: 0, missed: 0 }]);
    });

    test("look later for records that were not to be seen, as long as no row maps to them meanwhile", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "one", b: "two" }));
      await state.leave(["a", "b"]);
      await state.miss("one", start + 0.5, start + 1000.5);
      expect(await state.left(start + 1000, 10)).toEqual([{ identity: "two", missedAt: null }]);
      expect(await state.leftCount()).toEqual({ fresh: 1, missed: 1 });
      expect(await state.left(start + 1001, 10)).toEqual([
        { identity: "one", missedAt: start },
        { identity: "two", missedAt: null },
      ]);
      // It comes back and goes again, before anybody has looked.
      await settle(state, landed({ a: "one" }));
      await state.leave(["a"]);
      expect(await state.leftCount()).toEqual({ fresh: 2, missed: 0 });
      expect(await state.left(start, 1)).toEqual([{ identity: "one", missedAt: null }]);
      await state.miss("one", start, start + 1000);
      await settle(state, landed({ a: "one" }));
      await settle(state, landed({ a: "three" }));
      expect(await state.left(start, 1)).toEqual([{ identity: "one", missedAt: null }]);
    });

    test("take records and keys of any length", async () => {
      const state = await world.claim();
      const [key, old, other] = [`${incompressible} key`, `${incompressible} old`, `${incompressible} other`];
      await settle(state, landed({ [key]: old }));
      expect((await world.store.known("customers", [key])).get(key)?.identity).toBe(old);
      await settle(state, landed({ [key]: other, b: other }, "second"));
      expect(await world.leftBy(state, 10)).toEqual([old]);
      await state.strikeOff(old);
      await beginEnumeration(state, "s");
      await show(state, ["b"]);
      await state.completeEnumeration();
      expect(await state.absent(null, 10)).toEqual([{ key, identity: other }]);
      expect(await state.absent(key, 10)).toEqual([]);
      await state.leave([key, "b"]);
      expect(await world.leftBy(state, 10)).toEqual([other]);
      expect(await world.store.summary("customers")).toMatchObject({ landedRows: 0 });
    });

    test("leave the record behind that a row no longer maps to", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "old" }));
      await settle(state, landed({ a: "old" }, "second"));
      expect(await state.leftCount()).toEqual({ fresh: 0, missed: 0 });
      await settle(state, landed({ a: "new" }, "third"));
      expect(await world.leftBy(state, 10)).toEqual(["old"]);
      await show(state, ["a"], { identities: [{ key: "a", identity: "newer" }] });
      expect((await world.store.known("customers", ["a"])).get("a")?.identity).toBe("newer");
      expect(await world.leftBy(state, 10)).toEqual(["new", "old"]);
    });

    test("are all forgotten by a reset", async () => {
      const state = await world.claim();
      await settle(state, landed({ a: "old", b: "b" }));
      await settle(state, landed({ a: "new" }));
      await beginEnumeration(state, "s");
      await show(state, ["b"], { gone: ["a"] });
      await world.store.reset("customers");
      const after = await world.claim("run 2");
      expect(await after.deletions()).toEqual({
        enumeration: "none",
        hasSeen: false,
        selection: null,
        landedRows: 0,
      });
      expect([await absentKeys(after), await world.leftBy(after, 10)]).toEqual([[], []]);
    });
  });
}
