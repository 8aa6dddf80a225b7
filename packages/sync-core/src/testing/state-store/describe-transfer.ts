import { describe, expect, test } from "vitest";
import { ConfigError, TransientError } from "../../contracts/errors.ts";
import type { LandedRow, StateStore, SyncState } from "../../contracts/state.ts";
import type { StatePiece } from "../../contracts/state-transfer.ts";
import {
  toBatch,
  toDigest,
  toReceipt,
  toParked,
  land,
  beginEnumeration,
  collect,
  incompressible,
} from "../state-rows.ts";
import { start, type StateWorld } from "./world.ts";

export function describeTransfer(world: StateWorld): void {
  describe("everything", () => {
    const fillAll = async (through: StateStore): Promise<SyncState> => {
      const state = await world.claim("run 1", "customers", through);
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
      await land(await world.claim("run 1", "orders", through), ["a"], "first");
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
      await fillAll(world.store);
      const pieces = await piecesOf(world.store);
      const other = await world.openAgain(`${world.place}-other`);
      expect(await take(other, pieces)).toEqual({ syncs: 2, landedRows: 1_208, parkedRows: 2, unsettledBatches: 2 });
      expect(await piecesOf(other)).toEqual(pieces);
      for (const sync of ["customers", "orders"])
        expect(await other.summary(sync)).toEqual({ ...(await world.store.summary(sync)), heldBy: null });
      const keys = ["row 0", "row 3", "row 4", "a\0", "\ud800", '\u001a"', `${incompressible}!`, "p", "q\0"];
      expect(await other.known("customers", keys)).toEqual(await world.store.known("customers", keys));
      expect(await other.receipts("customers", 10)).toEqual([toReceipt("2"), toReceipt("1")]);
      const [before, after] = [await world.claim(), await world.claim("run 2", "customers", other)];
      expect(after.fence).toBe(before.fence);
      expect(await after.unsettled()).toEqual(await before.unsettled());
      expect(await after.echoes()).toEqual(await before.echoes());
      expect(await after.deletions()).toEqual(await before.deletions());
      expect(await world.leftBy(after, 10)).toEqual(["record 0"]);
      expect(await after.lastReceiptDigest()).toBe(await before.lastReceiptDigest());
      expect(await other.usage("key", "2026-11")).toEqual(await world.store.usage("key", "2026-11"));
      expect(await other.reserve("key", 3, null)).toBe(await world.store.reserve("key", 3, null));
      expect(await other.reserve("silent", 1, null)).toBe(5_000);
    });

    test("comes in pieces of a bounded size, and of chosen syncs only where that is asked for", async () => {
      await fillAll(world.store);
      const pieces = await piecesOf(world.store, ["orders", "nobody"]);
      expect(pieces.map(({ table, sync }) => `${table} of ${sync}`)).toEqual([
        "sync of orders",
        "landed_row of orders",
        "pace of null",
        "quota_usage of null",
      ]);
      for (const { rows } of await piecesOf(world.store)) expect(rows.length).toBeLessThanOrEqual(500);
    });

    test("is seen as at one moment, whatever is written meanwhile", async () => {
      const state = await fillAll(world.store);
      const pieces: StatePiece[] = [];
      for await (const piece of (await world.openAgain()).exportAll(["customers"])) {
        pieces.push(piece);
        if (pieces.length === 1) await state.forgetRows(["row 7", "row 1000"]);
      }
      const landed = pieces.filter(({ table }) => table === "landed_row").flatMap(({ rows }) => rows);
      expect(landed).toHaveLength(1_207);
      expect((await world.store.summary("customers"))?.landedRows).toBe(1_205);
    });

    test("goes into an empty state only, unless it is to replace what is there", async () => {
      await fillAll(world.store);
      const pieces = await piecesOf(world.store, ["customers"]);
      const other = await world.openAgain(`${world.place}-other`);
      const stale = await world.claim("run 1", "customers", other);
      await land(stale, ["left over"], "first");
      await land(await world.claim("run 1", "invoices", other), ["a"], "first");
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
      expect((await world.claim("run 2", "customers", other)).fence).toBeGreaterThan(stale.fence);
    });

    test("is taken in whole, or not at all", async () => {
      await fillAll(world.store);
      const pieces = await piecesOf(world.store);
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
      const other = await world.openAgain(`${world.place}-other`);
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
}
