import { describe, expect, test } from "vitest";
import { BugError } from "../../contracts/errors.ts";
import type { Pace } from "../../contracts/state.ts";
import { penalizeUse, type PaceRow, reserveUnits, toUsablePace } from "../../state/pace.ts";
import { start, type StateWorld } from "./world.ts";

export function describeRates(world: StateWorld): void {
  describe("a rate", () => {
    const pace: Pace = { unitsPerMinute: 60, burstUnits: 5 };
    const interval = 60_000 / 55;

    test("lets a burst through at once, then one unit after the other", async () => {
      const waits: number[] = [];
      for (let call = 0; call < 8; call++) waits.push(await world.store.reserve("key", 1, pace));
      expect(waits).toEqual([0, 0, 0, 0, 0, Math.ceil(interval), Math.ceil(2 * interval), Math.ceil(3 * interval)]);
      expect(await world.store.reserve("other key", 5, pace)).toBe(0);
    });

    test("is remembered: null stands for the pace last used, and for no limit before there was one", async () => {
      for (let call = 0; call < 10; call++) expect(await world.store.reserve("key", 100, null)).toBe(0);
      await world.store.reserve("key", 5, pace);
      expect(await world.store.reserve("key", 1, null)).toBe(Math.ceil(interval));
    });

    test("is shared by every process, and survives them", async () => {
      const other = await world.openAgain();
      await world.store.reserve("key", 5, pace);
      expect(await other.reserve("key", 1, pace)).toBe(Math.ceil(interval));
      await other.close();
      await world.store.close();
      expect(await (await world.openAgain()).reserve("key", 1, pace)).toBe(Math.ceil(2 * interval));
    });

    test("lets nobody through while the other side wants silence", async () => {
      await world.store.reserve("key", 1, pace);
      await world.store.penalize("key", 20_000, pace);
      expect(await world.store.reserve("key", 1, pace)).toBe(Math.ceil(20_000 + interval));
      world.clock += 20_000;
      await world.store.penalize("key", 5, null);
      await world.store.penalize("key", -5, null);
      expect(await world.store.reserve("key", 1, null)).toBeGreaterThanOrEqual(Math.ceil(interval));
      await world.store.penalize("unseen key", 7_000, null);
      expect(await world.store.reserve("unseen key", 1, null)).toBe(7_000);
      expect(await world.store.reserve("unseen key", 1, pace)).toBe(Math.ceil(7_000 + interval));
    });

    test("can be looked at without using any of it", async () => {
      expect(await world.store.rate("key")).toBeNull();
      await world.store.reserve("key", 5, pace);
      const seen = { pace, freeAt: start + Math.ceil(interval) };
      expect(await world.store.rate("key")).toEqual(seen);
      expect(await (await world.openAgain()).rate("key")).toEqual(seen);
      expect(await world.store.reserve("key", 1, pace)).toBe(Math.ceil(interval));
      world.clock += 3_600_000;
      expect((await world.store.rate("key"))?.freeAt).toBe(world.clock);
      await world.store.penalize("unseen key", 7_000, null);
      expect(await world.store.rate("unseen key")).toEqual({ pace: null, freeAt: world.clock + 7_000 });
    });

    test("waits no longer after the clock went back than before", async () => {
      world.clock += 365 * 86_400_000;
      await world.store.reserve("key", 8, pace);
      const before = await world.store.reserve("key", 1, pace);
      world.clock = start;
      expect(await world.store.reserve("key", 1, pace)).toBeLessThanOrEqual(before + Math.ceil(interval));
    });

    test("without any limit, or with none at all, still answers", async () => {
      for (const unitsPerMinute of [1e9, Infinity]) {
        const unlimited = { unitsPerMinute, burstUnits: 1_000 };
        for (let call = 0; call < 50; call++)
          expect(await world.store.reserve(`${unitsPerMinute}`, 20, unlimited)).toBe(0);
      }
      for (const unitsPerMinute of [0, -1, Number.NaN]) {
        const nothing = { unitsPerMinute, burstUnits: Number.NaN };
        await world.store.reserve(`${unitsPerMinute}`, 1, nothing);
        expect(await world.store.reserve(`${unitsPerMinute}`, 1, nothing)).toBe(61_000);
      }
      await expect(world.store.reserve("key", Number.NaN, pace)).rejects.toBeInstanceOf(BugError);
      await expect(world.store.reserve("key", -1, pace)).rejects.toBeInstanceOf(BugError);
      await expect(world.store.penalize("key", Infinity, pace)).rejects.toBeInstanceOf(BugError);
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
        world.clock += Math.floor(random() * 4_000) - (random() < 0.05 ? 600 : 0) - (random() < 0.02 ? 90_000 : 0);
        const given = random() < 0.3 ? null : (paces[Math.floor(random() * paces.length)] ?? pace);
        if (random() < 0.1) {
          const waitMs = Math.floor(random() * 30_000);
          await world.store.penalize("key", waitMs, given);
          row = penalizeUse(row, world.clock, waitMs, given === null ? null : toUsablePace(given));
          continue;
        }
        const units: number = random() < 0.1 ? 55 : Math.ceil(random() * 6);
        const used: Pace | null = given === null ? (row?.pace ?? null) : toUsablePace(given);
        const waited = await world.store.reserve("key", units, given);
        if (used === null) {
          // Nothing is known of the pace: no arithmetic, only the silence that was asked for.
          row = null;
          await world.store.close();
          await world.move();
          continue;
        }
        row = reserveUnits(row, world.clock, units, used);
        expect(waited, `step ${step}`).toBe(row.usedAt - row.seenAt);
      }
    });
  });

  test("usage adds up by month; the provider's figures are its last", async () => {
    const none = { attempted: 0, accepted: 0, refused: 0, unknown: 0, providerCurrent: null, providerLimit: null };
    expect(await world.store.usage("key", "2026-11")).toEqual(none);
    await world.store.addUsage("key", "2026-11", { attempted: 2, accepted: 1, unknown: 1 });
    await world.store.addUsage("key", "2026-11", {
      attempted: 1,
      refused: 1,
      providerCurrent: 40,
      providerLimit: 10_000,
    });
    await world.store.addUsage("key", "2026-11", { accepted: 1, providerCurrent: 41 });
    await world.store.addUsage("key", "2026-12", { attempted: 7 });
    await world.store.addUsage("other", "2026-11", { attempted: 9 });
    expect(await world.store.usage("key", "2026-11")).toEqual({
      attempted: 3,
      accepted: 2,
      refused: 1,
      unknown: 1,
      providerCurrent: 41,
      providerLimit: 10_000,
    });
  });
}

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
