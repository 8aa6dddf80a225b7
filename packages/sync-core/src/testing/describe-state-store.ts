import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BugError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { ParkedRow } from "../contracts/line.ts";
import type { PageMarks } from "../contracts/deletions.ts";
import type { LandedRow, Pace, StateStore, SyncState } from "../contracts/state.ts";
import type { StatePiece } from "../contracts/state-transfer.ts";
import { rowsOf, toBatch, toDigest, toReceipt } from "./state-rows.ts";
import { penalizeUse, type PaceRow, reserveUnits, toUsablePace } from "../state/pace.ts";

/** Opens the store kept at `place`. The same place is the same store, however often it is opened; a new place is empty. */
export type OpenStateStore = (place: string, now: () => number) => Promise<StateStore>;

const ttlMs = 30_000;
const start = Date.UTC(2026, 10, 22);

/** What every state store promises, whatever it is kept in. */
export function describeStateStore(name: string, open: OpenStateStore): void {
  describe(name, () => {
    let clock = start;
    let place = "";
    let places = 0;
    let opened: StateStore[] = [];
    let store: StateStore;

    const openAgain = async (at = place): Promise<StateStore> => {
      const another = await open(at, () => clock);
      opened.push(another);
      return another;
    };
    const leftBy = async (state: SyncState, limit: number): Promise<string[]> =>
      (await state.left(clock, limit)).map(({ identity }) => identity);
    const claim = async (holder = "run 1", sync = "customers", through = store): Promise<SyncState> => {
      const state = await through.claim(sync, holder, ttlMs);
      if (state === null) throw new Error(`${sync} is held by somebody else`);
      return state;
    };

    beforeEach(async () => {
      clock = start;
      place = `place-${++places}`;
      store = await openAgain();
    });
    afterEach(async () => {
      for (const each of opened) await each.close();
      opened = [];
    });

    describe("a claim", () => {
      test("is refused while another holder's is alive, and says until when it is", async () => {
        await claim("run 1");
        expect(await store.claim("customers", "run 2", ttlMs)).toBeNull();
        expect((await store.summary("customers"))?.heldBy).toEqual({ holder: "run 1", untilMs: start + ttlMs });
        clock += ttlMs - 1;
        expect(await store.claim("customers", "run 2", ttlMs)).toBeNull();
        clock += 1;
        expect((await store.summary("customers"))?.heldBy).toBeNull();
        expect(await store.claim("customers", "run 2", ttlMs)).not.toBeNull();
      });

      test("is given again to the same holder, and raises the fence each time", async () => {
        const fences = [(await claim()).fence, (await claim()).fence, (await claim()).fence];
        expect(fences).toEqual([1, 2, 3]);
        expect((await claim("run 1", "orders")).fence).toBe(1);
      });

      test("lasts as long as it is renewed, and ends when it is released", async () => {
        const state = await claim();
        clock += ttlMs - 1;
        await state.renew(ttlMs);
        clock += ttlMs - 1;
        expect(await store.claim("customers", "run 2", ttlMs)).toBeNull();
        await state.release();
        expect((await store.summary("customers"))?.heldBy).toBeNull();
        expect((await claim("run 2")).fence).toBe(2);
      });

      test("is renewed even after it has expired, when nobody took it", async () => {
        const state = await claim();
        clock += ttlMs * 2;
        await state.renew(ttlMs);
        expect(await store.claim("customers", "run 2", ttlMs)).toBeNull();
      });

      test("that was taken over is not released by the one who lost it", async () => {
        const lost = await claim("run 1");
        clock += ttlMs;
        await claim("run 2");
        await lost.release();
        expect((await store.summary("customers"))?.heldBy?.holder).toBe("run 2");
      });

      test("made before the clock went back does not block the sync for long", async () => {
        clock += 365 * 86_400_000;
        await claim("run 1");
        clock = start;
        expect(await store.claim("customers", "run 2", ttlMs)).not.toBeNull();
      });

      test("of a holder that is known to be gone does not count", async () => {
        await claim("run 1");
        expect(await store.claim("customers", "run 2", ttlMs, "run 0")).toBeNull();
        expect((await store.claim("customers", "run 2", ttlMs, "run 1"))?.fence).toBe(2);
      });

      test("survives a small step back of the clock", async () => {
        await claim("run 1");
        clock -= 2_000;
        expect(await store.claim("customers", "run 2", ttlMs)).toBeNull();
      });

      test("is one claim for every process that shares the store", async () => {
        const other = await openAgain();
        await claim("run 1");
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
        const reader = await claim("reader");
        const view = {
          summary: { ...(await store.summary("customers")), heldBy: null },
          batches: await reader.unsettled(),
          parked: await store.parked("customers", 10),
          receipts: await store.receipts("customers", 10),
          known: await store.known("customers", ["landed", "late", "b1-row"]),
          deletions: await reader.deletions(),
        };
        await reader.release();
        return view;
      };

      for (const [method, write] of Object.entries(writes)) {
        test(`cannot ${method} any more, and changes nothing by trying`, async () => {
          const state = await claim("run 1");
          await state.writeDown([toBatch("b0", ["landed"]), toBatch("b1", ["b1-row"])], []);
          await state.settle({ batchId: "b0", landed: rowsOf("landed"), parked: [], replacedBy: [] });
          clock += ttlMs;
          const before = await describeState();
          await claim("run 2 on host b");

          const attempt = write(state);
          await expect(attempt).rejects.toBeInstanceOf(TransientError);
          await expect(attempt).rejects.toThrow('Another run has taken over sync "customers": run 2 on host b');
          clock += ttlMs;
          expect(await describeState()).toEqual(before);
        });
      }

      test("because the sync was reset is told so", async () => {
        const state = await claim();
        await store.reset("customers");
        await expect(state.checkpoint(1, null)).rejects.toThrow("was reset");
        expect((await store.summary("customers"))?.cursor).toBeNull();
      });
    });

    describe("rows", () => {
      test("are known by the digest that landed last, and unknown before", async () => {
        const state = await claim();
        expect(await store.known("customers", ["a", "b"])).toEqual(new Map());
        await land(state, ["a", "b"], "first");
        await land(state, ["b"], "second");
        expect(await store.known("customers", ["a", "b", "c", "a"])).toEqual(
          new Map([
            ["a", { landed: toDigest("first"), parked: null }],
            ["b", { landed: toDigest("second"), parked: null }],
          ]),
        );
        expect(await store.known("customers", [])).toEqual(new Map());
        expect((await store.summary("customers"))?.landedRows).toBe(2);
      });

      test("of one sync are not those of another", async () => {
        await land(await claim(), ["a"], "first");
        await claim("run 1", "orders");
        expect(await store.known("orders", ["a"])).toEqual(new Map());
        expect((await store.summary("orders"))?.landedRows).toBe(0);
      });

      test("keep apart whatever text their keys are", async () => {
        const keys = [
          "",
          " ",
          "a",
          "A",
          "a\0",
          "a\0b",
          "\ud800",
          "\udc00",
          "\ufffd",
          "\u001a",
          '\u001a"a\\u0000"',
          "'",
          '"',
          "é",
          "e\u0301",
          "🙂",
          "1",
          "1.0",
          "x".repeat(5_000),
          // Longer than an index entry of any database, and not to be compressed; they differ at their end only.
          `${incompressible}a`,
          `${incompressible}b`,
        ];
        const state = await claim();
        for (const [index, key] of keys.entries()) await land(state, [key], String(index));
        const known = await store.known("customers", keys);
        expect(new Set(known.keys())).toEqual(new Set(keys));
        for (const [index, key] of keys.entries()) expect(known.get(key)?.landed).toEqual(toDigest(String(index)));
        await state.writeDown(
          [toBatch("odd", keys)],
          keys.map((key) => toParked(key)),
        );
        expect((await state.unsettled())[0]?.rows.map((row) => row.key)).toEqual(keys);
        expect(new Set((await store.parked("customers", Infinity)).map((row) => row.key))).toEqual(new Set(keys));
      });

      test("that are forgotten are new again", async () => {
        const state = await claim();
        await land(state, ["a", "b"], "first");
        await state.writeDown([], [toParked("b"), toParked("c")]);
        await state.forgetRows(["b", "c", "never seen"]);
        expect([...(await store.known("customers", ["a", "b", "c"])).keys()]).toEqual(["a"]);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 0 });
      });
    });

    describe("parked rows", () => {
      test("carry reason, digest and times; a newer version replaces all but the first time", async () => {
        const state = await claim();
        await state.writeDown([], [toParked("a", "too-large", "first"), { ...toParked("b"), digest: null }]);
        clock += 1_000;
        await state.writeDown([], [toParked("a", "no-identity", "second")]);
        expect(await store.known("customers", ["a", "b"])).toEqual(
          new Map([
            ["a", { landed: null, parked: toDigest("second") }],
            // No version of it is: it could not be mapped.
            ["b", { landed: null, parked: new Uint8Array() }],
          ]),
        );
        expect(await store.parked("customers", 10)).toEqual([
          { key: "a", code: "no-identity", reason: "because of a", firstAt: start, lastAt: start + 1_000 },
          { key: "b", code: "refused", reason: "because of b", firstAt: start, lastAt: start },
        ]);
        expect(await store.parked("customers", 1)).toHaveLength(1);
        expect((await store.summary("customers"))?.parkedRows).toBe(2);
      });

      test("are freed when a version of them lands, and may come from a settlement", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a", "b"])], [toParked("a")]);
        await state.settle({ batchId: "b1", landed: rowsOf("a"), parked: [toParked("b")], replacedBy: [] });
        expect((await store.parked("customers", 10)).map((row) => row.key)).toEqual(["b"]);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 1 });
      });

      test("keep what had landed before", async () => {
        const state = await claim();
        await land(state, ["a"], "first");
        await state.writeDown([], [toParked("a", "refused", "second")]);
        expect((await store.known("customers", ["a"])).get("a")).toEqual({
          landed: toDigest("first"),
          parked: toDigest("second"),
        });
      });

      test("come from rows that are distrusted: what is known of them changes, but for their record, if they had landed", async () => {
        const state = await claim();
        await state.settle({
          batchId: "any",
          landed: [...rowsOf("a", "a\0"), { key: "b", digest: toDigest("b"), identity: "record b" }],
          parked: [toParked("b", "refused", "second")],
          replacedBy: [],
        });
        const rows = ["a", "a\0", "b", "never landed"].map((key) => ({ key, digest: toDigest("unknown") }));
        for (let times = 0; times < 2; times += 1) {
          await state.distrust(rows, { code: "differs", reason: "it differs" });
          expect(await store.summary("customers")).toMatchObject({ landedRows: 3, parkedRows: 3 });
          const parked = await store.parked("customers", 10);
          expect(parked.map(({ key, code, reason }) => [key, code, reason])).toEqual(
            expect.arrayContaining(["a", "a\0", "b"].map((key) => [key, "differs", "it differs"])),
          );
        }
        const known = await store.known("customers", ["a", "a\0", "b", "never landed"]);
        const distrusted = { landed: toDigest("unknown"), parked: new Uint8Array() };
        expect([...known].toSorted(([left], [right]) => (left < right ? -1 : 1))).toEqual([
          ["a", distrusted],
          ["a\0", distrusted],
          ["b", { ...distrusted, identity: "record b" }],
        ]);
      });

      test("of an unknown sync are none", async () => {
        expect(await store.parked("nobody", 10)).toEqual([]);
      });
    });

    describe("batches", () => {
      test("are found again, oldest first, with what is known of them", async () => {
        const state = await claim();
        const { recordKind } = toBatch("z", []);
        const alone = { superseded: [], recordKind, echoUntilMs: null };
        await state.writeDown([toBatch("z", ["a", "b"]), toBatch("y", ["c"])], []);
        clock += 10;
        await state.writeDown([toBatch("x", [])], []);
        await state.markSent("z");
        clock += 10;
        await state.markAccepted("z", "event-1");
        await state.markSent("y");
        expect(await state.unsettled()).toEqual([
          { ...alone, id: "z", eventId: "event-1", rows: packed("a", "b"), writtenAt: start, sentAt: start + 10 },
          { ...alone, id: "y", eventId: null, rows: packed("c"), writtenAt: start, sentAt: start + 20 },
          { ...alone, id: "x", eventId: null, rows: [], writtenAt: start + 10, sentAt: null },
        ]);
        expect((await store.summary("customers"))?.unsettledBatches).toBe(3);
      });

      test("written down twice are one, and keep what was known", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a"])], []);
        await state.markSent("b1");
        await state.writeDown([toBatch("b1", ["a"])], []);
        expect(await state.unsettled()).toMatchObject([{ id: "b1", sentAt: start }]);
      });

      test("remember the rows that lost to one of theirs, with its record", async () => {
        const state = await claim();
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
        expect(await store.underWay("customers", "a")).toBe(false);
        const state = await claim();
        const batch = toBatch("b1", ["a", awkward]);
        const [first, ...rest] = batch.rows;
        if (first === undefined) throw new Error("the batch has rows");
        const superseded = [{ key: "c", digest: toDigest("c") }];
        await state.writeDown([{ ...batch, rows: [{ ...first, superseded }, ...rest] }], []);
        const asked = async () => Promise.all(["a", awkward, "c", "d"].map((key) => store.underWay("customers", key)));
        expect(await asked()).toEqual([true, true, true, false]);
        expect(await store.underWay("orders", "a")).toBe(false);
        await state.settle({ batchId: "b1", landed: [], parked: [], replacedBy: [] });
        expect(await asked()).toEqual([false, false, false, false]);
      });

      test("of which a copy may still land are remembered as echoes, until it no longer can", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a"]), toBatch("b2", ["b"])], []);
        await state.markSent("b1");
        await state.markAccepted("b1", "event-1", start + 500);
        expect(await state.unsettled()).toMatchObject([{ id: "b1", echoUntilMs: start + 500 }, { echoUntilMs: null }]);
        await state.settle({ batchId: "b1", landed: [], parked: [], replacedBy: [], echoUntilMs: start + 500 });
        await state.settle({ batchId: "b2", landed: [], parked: [], replacedBy: [] });
        expect(await state.unsettled()).toEqual([]);
        expect(await state.echoes()).toEqual([{ untilMs: start + 500, rows: packed("a") }]);
        clock += 500;
        expect(await state.echoes()).toEqual([]);
      });

      test("sent again show the latest time", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a"])], []);
        await state.markSent("b1");
        clock += 5_000;
        await state.markSent("b1");
        expect(await state.unsettled()).toMatchObject([{ sentAt: start + 5_000 }]);
      });

      test("that settle are gone; those in their place are there; repeating it changes nothing", async () => {
        const state = await claim();
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
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1, unsettledBatches: 3 });
      });

      test("that were accepted are not withdrawn", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a"]), toBatch("b2", ["b"]), toBatch("b3", ["c"])], []);
        await state.markSent("b2");
        await state.markAccepted("b2", "event-2");
        await state.withdraw(["b1", "b2", "unknown"]);
        expect((await state.unsettled()).map((batch) => batch.id)).toEqual(["b2", "b3"]);
      });

      test("never written down cannot be sent", async () => {
        const state = await claim();
        await expect(state.markSent("b1")).rejects.toBeInstanceOf(BugError);
        await expect(state.markAccepted("b1", "e1")).rejects.toBeInstanceOf(BugError);
      });
    });

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
        const state = await claim();
        await settle(state, [{ key: "a", digest: toDigest("1") }, ...landed({ b: "record b" })]);
        const records = async (): Promise<unknown[]> =>
          [...(await store.known("customers", ["a", "b"])).values()].map(({ identity }) => identity);
        expect(await records()).toEqual([undefined, "record b"]);
        expect(await state.unidentifiedCount()).toBe(1);
        await settle(state, [{ key: "b", digest: toDigest("2") }]);
        expect(await records()).toEqual([undefined, "record b"]);
        await settle(state, landed({ a: "record a", b: null }));
        expect(await records()).toEqual(["record a", undefined]);
        expect(await state.leftCount()).toEqual({ fresh: 0, missed: 0 });
        expect(await state.forgetUnidentified()).toBe(1);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1 });
      });

      test("know what a complete enumeration has not shown, page by page, and nothing before it is complete", async () => {
        const state = await claim();
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
        const state = await claim();
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
        const state = await claim();
        await state.keepSelection("s1");
        expect(await state.deletions()).toMatchObject({ enumeration: "none", selection: "s1" });
        await state.keepSelection("s2");
        await beginEnumeration(state, "s2");
        expect(await state.deletions()).toMatchObject({ enumeration: "open", selection: "s1" });
      });

      test("give an enumeration up when something was read without being tracked", async () => {
        const state = await claim();
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
        const state = await claim();
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
        const state = await claim();
        await settle(state, landed({ a: "shared", b: "shared", c: "own", d: "elsewhere", e: null }));
        await settle(await claim("run 1", "orders"), landed({ o: "elsewhere" }));
        await state.writeDown([], [toParked("a")]);
        await state.leave(["a", "c", "d", "e", "never landed"]);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 0 });
        expect(await state.leftCount()).toEqual({ fresh: 1, missed: 0 });
        expect(await leftBy(state, 10)).toEqual(["own"]);
        await state.leave(["b"]);
        expect(await leftBy(state, 10)).toEqual(["own", "shared"]);
        expect(await leftBy(state, 1)).toEqual(["own"]);
        await settle(state, landed({ c: "own" }));
        expect(await leftBy(state, 10)).toEqual(["shared"]);
        await state.strikeOff("shared");
        expect([await leftBy(state, 10), await state.leftCount()]).toEqual([[], { fresh: 0, missed: 0 }]);
      });

      test("look later for records that were not to be seen, as long as no row maps to them meanwhile", async () => {
        const state = await claim();
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
        const state = await claim();
        const [key, old, other] = [`${incompressible} key`, `${incompressible} old`, `${incompressible} other`];
        await settle(state, landed({ [key]: old }));
        expect((await store.known("customers", [key])).get(key)?.identity).toBe(old);
        await settle(state, landed({ [key]: other, b: other }, "second"));
        expect(await leftBy(state, 10)).toEqual([old]);
        await state.strikeOff(old);
        await beginEnumeration(state, "s");
        await show(state, ["b"]);
        await state.completeEnumeration();
        expect(await state.absent(null, 10)).toEqual([{ key, identity: other }]);
        expect(await state.absent(key, 10)).toEqual([]);
        await state.leave([key, "b"]);
        expect(await leftBy(state, 10)).toEqual([other]);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 0 });
      });

      test("leave the record behind that a row no longer maps to", async () => {
        const state = await claim();
        await settle(state, landed({ a: "old" }));
        await settle(state, landed({ a: "old" }, "second"));
        expect(await state.leftCount()).toEqual({ fresh: 0, missed: 0 });
        await settle(state, landed({ a: "new" }, "third"));
        expect(await leftBy(state, 10)).toEqual(["old"]);
        await show(state, ["a"], { identities: [{ key: "a", identity: "newer" }] });
        expect((await store.known("customers", ["a"])).get("a")?.identity).toBe("newer");
        expect(await leftBy(state, 10)).toEqual(["new", "old"]);
      });

      test("are all forgotten by a reset", async () => {
        const state = await claim();
        await settle(state, landed({ a: "old", b: "b" }));
        await settle(state, landed({ a: "new" }));
        await beginEnumeration(state, "s");
        await show(state, ["b"], { gone: ["a"] });
        await store.reset("customers");
        const after = await claim("run 2");
        expect(await after.deletions()).toEqual({
          enumeration: "none",
          hasSeen: false,
          selection: null,
          landedRows: 0,
        });
        expect([await absentKeys(after), await leftBy(after, 10)]).toEqual([[], []]);
      });
    });

    describe("a checkpoint", () => {
      test("gives back the cursor as it was, and keeps what was proved until more is", async () => {
        const state = await claim();
        expect(await state.cursor()).toBeNull();
        const cursor = { updated_at: "2026-11-22T00:00:00.000001Z", key: ["7", null, { deep: true }] };
        const proved = { field: "updated_at", after: null, through: "2026-11-22", throughExclusive: true };
        await state.checkpoint(cursor, proved);
        await state.checkpoint("later", null);
        expect(await state.cursor()).toBe("later");
        await state.checkpoint(cursor, null);
        expect(await state.cursor()).toEqual(cursor);
        expect(await store.summary("customers")).toMatchObject({ cursor, proved });
      });
    });

    describe("receipts", () => {
      test("come newest first, and are chained by the digest of their text", async () => {
        const state = await claim();
        expect(await state.lastReceiptDigest()).toBeNull();
        await state.saveReceipt(toReceipt("1"));
        await state.saveReceipt(toReceipt("2"));
        await state.saveReceipt(toReceipt("2"));
        expect(await store.receipts("customers", 10)).toEqual([toReceipt("2"), toReceipt("1")]);
        expect(await store.receipts("customers", 1)).toEqual([toReceipt("2")]);
        expect(await store.receipts("nobody", 1)).toEqual([]);
        const digest = createHash("sha256")
          .update(JSON.stringify(toReceipt("2")))
          .digest("hex");
        expect(await state.lastReceiptDigest()).toBe(digest);
      });

      test("are kept up to the newest thousand of each sync", async () => {
        const orders = await claim("run 1", "orders");
        await orders.saveReceipt(toReceipt("orders"));
        const state = await claim();
        for (let run = 1; run <= 1_005; run++) await state.saveReceipt(toReceipt(String(run)));
        const kept = await store.receipts("customers", 2_000);
        expect([kept.length, kept[0]?.runId, kept.at(-1)?.runId]).toEqual([1_000, "1005", "6"]);
        expect(await store.receipts("orders", 10)).toHaveLength(1);
      });
    });

    describe("a reset", () => {
      test("forgets everything about one sync but its receipts and the quota ledger", async () => {
        const state = await claim();
        await fill(state);
        await land(await claim("run 1", "orders"), ["a"], "first");
        await store.addUsage("key", "2026-11", { attempted: 3 });
        await store.reset("customers");
        expect(await store.summary("customers")).toEqual({
          sync: "customers",
          cursor: null,
          proved: null,
          landedRows: 0,
          parkedRows: 0,
          unsettledBatches: 0,
          enumeration: "none",
          heldBy: null,
        });
        expect(await store.receipts("customers", 10)).toHaveLength(1);
        expect((await store.usage("key", "2026-11")).attempted).toBe(3);
        expect((await store.summary("orders"))?.landedRows).toBe(1);
        const after = await claim("run 2");
        expect(after.fence).toBeGreaterThan(state.fence);
        expect(await store.known("customers", ["a", "b"])).toEqual(new Map());
        expect(await after.unsettled()).toEqual([]);
      });

      test("of an unknown sync does nothing", async () => {
        await store.reset("nobody");
        expect(await store.summary("nobody")).toBeNull();
        expect(await store.syncs()).toEqual([]);
      });
    });

    test("syncs are those that were ever claimed, by name", async () => {
      await claim("run 1", "orders");
      await claim("run 1", "customers");
      expect(await store.syncs()).toEqual(["customers", "orders"]);
      expect(await store.summary("invoices")).toBeNull();
    });

    test("usage adds up by month; the provider's figures are its last", async () => {
      const none = { attempted: 0, accepted: 0, refused: 0, unknown: 0, providerCurrent: null, providerLimit: null };
      expect(await store.usage("key", "2026-11")).toEqual(none);
      await store.addUsage("key", "2026-11", { attempted: 2, accepted: 1, unknown: 1 });
      await store.addUsage("key", "2026-11", { attempted: 1, refused: 1, providerCurrent: 40, providerLimit: 10_000 });
      await store.addUsage("key", "2026-11", { accepted: 1, providerCurrent: 41 });
      await store.addUsage("key", "2026-12", { attempted: 7 });
      await store.addUsage("other", "2026-11", { attempted: 9 });
      expect(await store.usage("key", "2026-11")).toEqual({
        attempted: 3,
        accepted: 2,
        refused: 1,
        unknown: 1,
        providerCurrent: 41,
        providerLimit: 10_000,
      });
    });

    describe("a rate", () => {
      const pace: Pace = { unitsPerMinute: 60, burstUnits: 5 };
      const interval = 60_000 / 55;

      test("lets a burst through at once, then one unit after the other", async () => {
        const waits: number[] = [];
        for (let call = 0; call < 8; call++) waits.push(await store.reserve("key", 1, pace));
        expect(waits).toEqual([0, 0, 0, 0, 0, Math.ceil(interval), Math.ceil(2 * interval), Math.ceil(3 * interval)]);
        expect(await store.reserve("other key", 5, pace)).toBe(0);
      });

      test("is remembered: null stands for the pace last used, and for no limit before there was one", async () => {
        for (let call = 0; call < 10; call++) expect(await store.reserve("key", 100, null)).toBe(0);
        await store.reserve("key", 5, pace);
        expect(await store.reserve("key", 1, null)).toBe(Math.ceil(interval));
      });

      test("is shared by every process, and survives them", async () => {
        const other = await openAgain();
        await store.reserve("key", 5, pace);
        expect(await other.reserve("key", 1, pace)).toBe(Math.ceil(interval));
        await other.close();
        await store.close();
        expect(await (await openAgain()).reserve("key", 1, pace)).toBe(Math.ceil(2 * interval));
      });

      test("lets nobody through while the other side wants silence", async () => {
        await store.reserve("key", 1, pace);
        await store.penalize("key", 20_000, pace);
        expect(await store.reserve("key", 1, pace)).toBe(Math.ceil(20_000 + interval));
        clock += 20_000;
        await store.penalize("key", 5, null);
        await store.penalize("key", -5, null);
        expect(await store.reserve("key", 1, null)).toBeGreaterThanOrEqual(Math.ceil(interval));
        await store.penalize("unseen key", 7_000, null);
        expect(await store.reserve("unseen key", 1, null)).toBe(7_000);
        expect(await store.reserve("unseen key", 1, pace)).toBe(Math.ceil(7_000 + interval));
      });

      test("can be looked at without using any of it", async () => {
        expect(await store.rate("key")).toBeNull();
        await store.reserve("key", 5, pace);
        const seen = { pace, freeAt: start + Math.ceil(interval) };
        expect(await store.rate("key")).toEqual(seen);
        expect(await (await openAgain()).rate("key")).toEqual(seen);
        expect(await store.reserve("key", 1, pace)).toBe(Math.ceil(interval));
        clock += 3_600_000;
        expect((await store.rate("key"))?.freeAt).toBe(clock);
        await store.penalize("unseen key", 7_000, null);
        expect(await store.rate("unseen key")).toEqual({ pace: null, freeAt: clock + 7_000 });
      });

      test("waits no longer after the clock went back than before", async () => {
        clock += 365 * 86_400_000;
        await store.reserve("key", 8, pace);
        const before = await store.reserve("key", 1, pace);
        clock = start;
        expect(await store.reserve("key", 1, pace)).toBeLessThanOrEqual(before + Math.ceil(interval));
      });

      test("without any limit, or with none at all, still answers", async () => {
        for (const unitsPerMinute of [1e9, Infinity]) {
          const unlimited = { unitsPerMinute, burstUnits: 1_000 };
          for (let call = 0; call < 50; call++) expect(await store.reserve(`${unitsPerMinute}`, 20, unlimited)).toBe(0);
        }
        for (const unitsPerMinute of [0, -1, Number.NaN]) {
          const nothing = { unitsPerMinute, burstUnits: Number.NaN };
          await store.reserve(`${unitsPerMinute}`, 1, nothing);
          expect(await store.reserve(`${unitsPerMinute}`, 1, nothing)).toBe(61_000);
        }
        await expect(store.reserve("key", Number.NaN, pace)).rejects.toBeInstanceOf(BugError);
        await expect(store.reserve("key", -1, pace)).rejects.toBeInstanceOf(BugError);
        await expect(store.penalize("key", Infinity, pace)).rejects.toBeInstanceOf(BugError);
      });

      test("does what the arithmetic says, step by step", async () => {
        const paces: readonly Pace[] = [
          pace,
          { unitsPerMinute: 1_000, burstUnits: 50 },
          { unitsPerMinute: 90, burstUnits: 0 },
        ];
        const random = toRandom(7);
        let row: PaceRow | null = null;
        // Each of 23 mistakes planted into the statements that showed within 2,000 steps showed within 690.
        for (let step = 0; step < 750; step++) {
          clock += Math.floor(random() * 4_000) - (random() < 0.05 ? 600 : 0) - (random() < 0.02 ? 90_000 : 0);
          const given = random() < 0.3 ? null : (paces[Math.floor(random() * paces.length)] ?? pace);
          if (random() < 0.1) {
            const waitMs = Math.floor(random() * 30_000);
            await store.penalize("key", waitMs, given);
            row = penalizeUse(row, clock, waitMs, given === null ? null : toUsablePace(given));
            continue;
          }
          const units: number = random() < 0.1 ? 55 : Math.ceil(random() * 6);
          const used: Pace | null = given === null ? (row?.pace ?? null) : toUsablePace(given);
          const waited = await store.reserve("key", units, given);
          if (used === null) {
            // Nothing is known of the pace: no arithmetic, only the silence that was asked for.
            row = null;
            await store.close();
            place = `place-${++places}`;
            store = await openAgain();
            continue;
          }
          row = reserveUnits(row, clock, units, used);
          expect(waited, `step ${step}`).toBe(row.usedAt - row.seenAt);
        }
      });
    });

    describe("everything", () => {
      const fillAll = async (through: StateStore): Promise<SyncState> => {
        const state = await claim("run 1", "customers", through);
        const landed = Array.from({ length: 1_203 }, (_, row): LandedRow => {
          return {
            key: `row ${row}`,
            digest: toDigest(String(row)),
            ...(row % 3 === 0 ? { identity: `record ${row}` } : {}),
          };
        });
        const odd = ["a\0", "\ud800", '\u001a"', `${incompressible}!`].map((key): LandedRow => {
          return { key, digest: toDigest(key), identity: `record of ${key}` };
        });
        await state.settle({ batchId: "any", landed: [...landed, ...odd], parked: [], replacedBy: [] });
        await state.settle({
          batchId: "any",
          landed: [{ key: "row 0", digest: toDigest("x"), identity: "other" }],
          parked: [],
          replacedBy: [],
        });
        await state.writeDown(
          [toBatch("b1", ["a", "b"]), toBatch("b2", ["c\0"])],
          [toParked("p"), { ...toParked("q\0"), digest: null }],
        );
        await state.markSent("b1");
        await state.markAccepted("b1", "event-1", start + 7_000.5);
        await state.writeDown([toBatch("b3", ["e"])], []);
        await state.settle({ batchId: "b3", landed: [], parked: [], replacedBy: [], echoUntilMs: start + 9_000 });
        await beginEnumeration(state, "selection");
        await state.checkpoint(
          { page: [1, null, "é"] },
          { field: "f", after: null, through: "t" },
          {
            seen: ["row 1", "row 2", `${incompressible}!`],
            gone: ["row 5"],
            identities: [],
          },
        );
        await state.saveReceipt(toReceipt("1"));
        await state.saveReceipt(toReceipt("2"));
        await land(await claim("run 1", "orders", through), ["a"], "first");
        await through.addUsage("key", "2026-11", { attempted: 3, accepted: 2, providerLimit: 10_000 });
        await through.reserve("key", 3, { unitsPerMinute: 60, burstUnits: 5 });
        await through.penalize("silent", 5_000, null);
        return state;
      };
      const piecesOf = (from: StateStore, syncs: readonly string[] | null = null): Promise<StatePiece[]> =>
        collect(from.exportAll(syncs));
      const given = async function* (pieces: readonly StatePiece[]): AsyncGenerator<StatePiece> {
        yield* pieces;
      };
      const take = (into: StateStore, pieces: readonly StatePiece[], replace = false) =>
        into.importAll(given(pieces), { replace });

      test("moves to another state, and is the same there", async () => {
        await fillAll(store);
        const pieces = await piecesOf(store);
        const other = await openAgain(`${place}-other`);
        expect(await take(other, pieces)).toEqual({ syncs: 2, landedRows: 1_208, parkedRows: 2, unsettledBatches: 2 });
        expect(await piecesOf(other)).toEqual(pieces);
        for (const sync of ["customers", "orders"])
          expect(await other.summary(sync)).toEqual({ ...(await store.summary(sync)), heldBy: null });
        const keys = ["row 0", "row 3", "row 4", "a\0", "\ud800", '\u001a"', `${incompressible}!`, "p", "q\0"];
        expect(await other.known("customers", keys)).toEqual(await store.known("customers", keys));
        expect(await other.receipts("customers", 10)).toEqual([toReceipt("2"), toReceipt("1")]);
        const [before, after] = [await claim(), await claim("run 2", "customers", other)];
        expect(after.fence).toBe(before.fence);
        expect(await after.unsettled()).toEqual(await before.unsettled());
        expect(await after.echoes()).toEqual(await before.echoes());
        expect(await after.deletions()).toEqual(await before.deletions());
        expect(await leftBy(after, 10)).toEqual(["record 0"]);
        expect(await after.lastReceiptDigest()).toBe(await before.lastReceiptDigest());
        expect(await other.usage("key", "2026-11")).toEqual(await store.usage("key", "2026-11"));
        expect(await other.reserve("key", 3, null)).toBe(await store.reserve("key", 3, null));
        expect(await other.reserve("silent", 1, null)).toBe(5_000);
      });

      test("comes in pieces of a bounded size, and of chosen syncs only where that is asked for", async () => {
        await fillAll(store);
        const pieces = await piecesOf(store, ["orders", "nobody"]);
        expect(pieces.map(({ table, sync }) => `${table} of ${sync}`)).toEqual([
          "sync of orders",
          "landed_row of orders",
          "pace of null",
          "quota_usage of null",
        ]);
        for (const { rows } of await piecesOf(store)) expect(rows.length).toBeLessThanOrEqual(500);
      });

      test("is seen as at one moment, whatever is written meanwhile", async () => {
        const state = await fillAll(store);
        const pieces: StatePiece[] = [];
        for await (const piece of (await openAgain()).exportAll(["customers"])) {
          pieces.push(piece);
          if (pieces.length === 1) await state.forgetRows(["row 7", "row 1000"]);
        }
        const landed = pieces.filter(({ table }) => table === "landed_row").flatMap(({ rows }) => rows);
        expect(landed).toHaveLength(1_207);
        expect((await store.summary("customers"))?.landedRows).toBe(1_205);
      });

      test("goes into an empty state only, unless it is to replace what is there", async () => {
        await fillAll(store);
        const pieces = await piecesOf(store, ["customers"]);
        const other = await openAgain(`${place}-other`);
        const stale = await claim("run 1", "customers", other);
        await land(stale, ["left over"], "first");
        await land(await claim("run 1", "invoices", other), ["a"], "first");
        await other.addUsage("key", "2026-11", { attempted: 2, accepted: 9, providerCurrent: 40 });
        await expect(take(other, pieces)).rejects.toBeInstanceOf(ConfigError);
        await expect(take(other, pieces)).rejects.toThrow("is not empty: it knows customers, invoices");
        await expect(take(other, pieces, true)).rejects.toThrow('A run of sync "customers" is at work: run 1');
        expect((await other.known("customers", ["left over"])).size).toBe(1);
        await stale.release();
        await take(other, pieces, true);
        expect((await other.known("customers", ["left over", "row 1"])).size).toBe(1);
        expect((await other.summary("invoices"))?.landedRows).toBe(1);
        expect(await other.usage("key", "2026-11")).toMatchObject({
          attempted: 3,
          accepted: 9,
          providerCurrent: 40,
          providerLimit: 10_000,
        });
        await expect(stale.checkpoint(1, null)).rejects.toBeInstanceOf(TransientError);
        expect((await claim("run 2", "customers", other)).fence).toBeGreaterThan(stale.fence);
      });

      test("is taken in whole, or not at all", async () => {
        await fillAll(store);
        const pieces = await piecesOf(store);
        const landed = pieces.find(({ table }) => table === "landed_row");
        const [first, ...others] = pieces;
        if (first === undefined || landed === undefined) throw new Error("nothing was exported");
        const row = landed.rows[0] ?? {};
        const wrong: Readonly<Record<string, readonly StatePiece[]>> = {
          "a table that is none": [...pieces, { ...landed, table: "sqlite_schema" }],
          "a column that is none": [...pieces, { ...landed, rows: [{ ...row, "key) values (1) --": 1 }] }],
          "a value of another type": [...pieces, { ...landed, rows: [{ ...row, digest: 5 }] }],
          "bytes that are none": [...pieces, { ...landed, rows: [{ ...row, digest: "?" }] }],
          "a value that is missing": [...pieces, { ...landed, rows: [{ key: "k" }] }],
          "a row twice": [...pieces, landed],
          "a sync twice": [...pieces, first],
          "rows before their sync": [...others, first],
          "rows of no sync": [...pieces, { ...landed, sync: null }],
          "a number that is not whole": [...pieces, { ...first, sync: "new", rows: [{ fence: 1.5 }] }],
        };
        const other = await openAgain(`${place}-other`);
        for (const [what, wrongPieces] of Object.entries(wrong)) {
          await expect(take(other, wrongPieces), what).rejects.toBeInstanceOf(ConfigError);
          expect([what, await other.syncs(), await piecesOf(other)]).toEqual([what, [], []]);
        }
        const failing = async function* (): AsyncGenerator<StatePiece> {
          yield* pieces;
          throw new TransientError("the file could not be read any further");
        };
        await expect(other.importAll(failing(), { replace: false })).rejects.toThrow("could not be read any further");
        expect(await piecesOf(other)).toEqual([]);
        await take(other, pieces);
        expect(await piecesOf(other)).toEqual(pieces);
      });
    });

    describe("to forget a row", () => {
      test("erases what is stored about it, and nothing else", async () => {
        const state = await claim();
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
        expect(await store.forget("customers", "a")).toEqual({ landed: true, parked: true, records: 0 });
        expect(await store.forget("customers", "a")).toEqual({ landed: false, parked: false, records: 0 });
        expect([...(await store.known("customers", ["a", "b", "c"])).keys()]).toEqual(["b", "c"]);
        expect(await store.summary("customers")).toMatchObject({ landedRows: 1, parkedRows: 1 });
        const tables = (await collect(store.exportAll(null))).filter(({ rows }) => rows.some(({ key }) => key === "a"));
        expect(tables).toEqual([]);
      });

      test("takes its record from those that are to be deleted", async () => {
        const state = await claim();
        const to = (key: string, identity: string): LandedRow => ({ key, digest: toDigest(identity), identity });
        for (const landed of [[to("a", "shared"), to("b", "shared")], [to("b", "other")]])
          await state.settle({ batchId: "any", landed, parked: [], replacedBy: [] });
        await state.release();
        expect(await store.forget("customers", "a")).toEqual({ landed: true, parked: false, records: 1 });
        expect(await leftBy(await claim(), 10)).toEqual([]);
      });

      test("waits until nothing of it is under way", async () => {
        const state = await claim();
        await state.writeDown([toBatch("b1", ["a", "b"])], []);
        await expect(store.forget("customers", "a")).rejects.toThrow('A run of sync "customers" is at work: run 1');
        await state.release();
        await expect(store.forget("customers", "a")).rejects.toBeInstanceOf(TransientError);
        await expect(store.forget("customers", "a")).rejects.toThrow("is not settled yet");
        const next = await claim();
        await next.settle({
          batchId: "b1",
          landed: rowsOf("a", "b"),
          parked: [],
          replacedBy: [],
          echoUntilMs: start + 5_000,
        });
        await next.release();
        await expect(store.forget("customers", "a")).rejects.toThrow(
          "may still land in Personize, until 2026-11-22T00:00:05.000Z",
        );
        expect((await store.known("customers", ["a"])).size).toBe(1);
        clock += 5_000;
        expect(await store.forget("customers", "a")).toMatchObject({ landed: true });
        expect(await (await claim()).echoes()).toEqual([]);
      });

      test("of an unknown sync or key does nothing", async () => {
        expect(await store.forget("nobody", "a")).toEqual({ landed: false, parked: false, records: 0 });
        expect(await store.syncs()).toEqual([]);
      });
    });

    test("a crash between any two steps loses nothing that was done, and the run after it ends the same", async () => {
      const steps: readonly ((state: SyncState) => Promise<void>)[] = [
        (state) => state.writeDown([toBatch("b1", ["a", "b"]), toBatch("b2", ["c"])], [toParked("d")]),
        (state) => state.markSent("b1"),
        (state) => state.markAccepted("b1", "event-1"),
        (state) => state.markSent("b2"),
        (state) => state.settle({ batchId: "b1", landed: rowsOf("a", "b"), parked: [], replacedBy: [] }),
        (state) =>
          state.settle({ batchId: "b2", landed: [], parked: [toParked("c")], replacedBy: [toBatch("b3", ["e"])] }),
        (state) => state.markSent("b3"),
        (state) => state.settle({ batchId: "b3", landed: rowsOf("e"), parked: [], replacedBy: [] }),
        (state) => state.checkpoint({ page: 1 }, { field: null, after: null, through: null }),
        (state) => state.forgetRows(["b"]),
        (state) => state.saveReceipt(toReceipt("1")),
      ];
      const view = async (at: StateStore, state: SyncState): Promise<unknown> => ({
        summary: { ...(await at.summary("customers")), heldBy: null },
        batches: (await state.unsettled()).map(({ id, eventId, rows, sentAt }) => ({
          id,
          eventId,
          rows,
          sent: sentAt !== null,
        })),
        known: await at.known("customers", ["a", "b", "c", "d", "e"]),
        parked: await at.parked("customers", 10),
        receipts: await at.receipts("customers", 10),
      });

      const expected: unknown[] = [];
      const state = await claim();
      expected.push(await view(store, state));
      for (const step of steps) {
        await step(state);
        expected.push(await view(store, state));
      }

      for (let crash = 0; crash <= steps.length; crash++) {
        const crashPlace = `${place}-crash-${crash}`;
        const dying = await claim("dying", "customers", await openAgain(crashPlace));
        for (const step of steps.slice(0, crash)) await step(dying);
        // Not closed: the process that held it is gone, and its claim with the time that passes.
        clock += ttlMs;
        const next = await openAgain(crashPlace);
        const resumed = await claim("next", "customers", next);
        const normal = (text: unknown): string =>
          JSON.stringify(text, (_, value) => (value instanceof Map ? [...value] : value)).replaceAll(
            /"(first|last)At":\d+/g,
            "",
          );
        expect(normal(await view(next, resumed)), `after step ${crash}`).toEqual(normal(expected[crash]));
        for (const step of steps.slice(crash)) await step(resumed);
        expect(normal(await view(next, resumed)), `resumed after step ${crash}`).toEqual(normal(expected.at(-1)));
      }
    });

    test("a closed store says so, and may be closed again", async () => {
      const state = await claim();
      await store.close();
      await store.close();
      await expect(state.cursor()).rejects.toBeInstanceOf(BugError);
      await expect(store.syncs()).rejects.toBeInstanceOf(BugError);
    });

    const fill = async (state: SyncState): Promise<void> => {
      await land(state, ["a"], "first");
      await state.writeDown([toBatch("left", ["b"])], [toParked("b")]);
      await state.checkpoint({ page: 1 }, { field: null, after: null, through: null });
      await state.saveReceipt(toReceipt("1"));
    };
  });
}

async function collect(pieces: AsyncIterable<StatePiece>): Promise<StatePiece[]> {
  const all: StatePiece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

const incompressible = Array.from({ length: 200 }, (_, part) =>
  Buffer.from(toDigest(String(part))).toString("hex"),
).join("");

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
function toRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function packed(...keys: readonly string[]): { key: string; record: string; digest: Uint8Array }[] {
  return keys.map((key) => ({ key, record: `record of ${key}`, digest: toDigest(key) }));
}

function toParked(key: string, code = "refused", version = key): ParkedRow {
  return { key, code, reason: `because of ${key}`, digest: toDigest(version) };
}

/** With a page that shows nothing. */
async function beginEnumeration(state: SyncState, selection: string): Promise<void> {
  await state.checkpoint("at", null, { begins: selection, seen: [], gone: [], identities: [] });
}

async function land(state: SyncState, keys: readonly string[], version: string): Promise<void> {
  const landed = keys.map((key) => ({ key, digest: toDigest(version) }));
  await state.settle({ batchId: "any", landed, parked: [], replacedBy: [] });
}
