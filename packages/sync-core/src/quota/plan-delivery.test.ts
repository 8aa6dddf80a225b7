import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { RateUnit } from "../contracts/line.ts";
import { type DeliverySettings, planDelivery } from "./plan-delivery.ts";

const byRow: DeliverySettings = { rateUnit: "row", maxRowsPerCall: null, chunkSize: 1, eventsListed: true };

function plan(callsPerMinute: number | null, settings: Partial<DeliverySettings> = {}) {
  const { pace, limits } = planDelivery({ callsPerMinute }, { ...byRow, ...settings });
  return { ...pace, maxRows: limits.maxRows };
}

describe("planning the delivery", () => {
  it.each<[number | null, number, number, number]>([
    // plan, units a minute, burst, rows a call
    [60, 60, 1, 1],
    [120, 120, 1, 1],
    [160, 160, 1, 1],
    [300, 300, 3, 3],
    [1000, 1000, 10, 10],
    [2, 2, 1, 1],
    [1, 1, 0, 1],
    [null, 1_000_000_000, 10_000_000, 100],
  ])("%j a minute, counted by row", (limit, unitsPerMinute, burstUnits, maxRows) => {
    expect(plan(limit)).toEqual({ unitsPerMinute, burstUnits, maxRows });
  });

  it.each<[number, Partial<DeliverySettings>, number, number]>([
    // burst, rows a call
    [60, { eventsListed: false }, 6, 6],
    [300, { eventsListed: false }, 16, 16],
    [1000, { eventsListed: false }, 30, 30],
    [60, { rateUnit: "chunk", chunkSize: 10 }, 1, 10],
    [300, { rateUnit: "chunk", chunkSize: 10 }, 3, 30],
    [1000, { rateUnit: "chunk", chunkSize: 50 }, 10, 100],
    [60, { rateUnit: "call" }, 1, 100],
    [1000, { rateUnit: "call" }, 10, 100],
    [60, { maxRowsPerCall: 25 }, 25, 25],
    [60, { maxRowsPerCall: 500 }, 59, 59],
    [1000, { rateUnit: "call", maxRowsPerCall: 500 }, 10, 500],
    [60, { rateUnit: "chunk", chunkSize: 10, maxRowsPerCall: 25 }, 3, 25],
  ])("%i a minute with %j", (limit, settings, burstUnits, maxRows) => {
    expect(plan(limit, settings)).toEqual({ unitsPerMinute: limit, burstUnits, maxRows });
  });

  const anySettings: fc.Arbitrary<DeliverySettings> = fc.record({
    rateUnit: fc.constantFrom<RateUnit>("row", "chunk", "call"),
    maxRowsPerCall: fc.option(fc.integer({ min: 1, max: 500 })),
    chunkSize: fc.integer({ min: 1, max: 100 }),
    eventsListed: fc.boolean(),
  });

  it("never plans for more than the limit, and leaves some of it to flow steadily", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5000 }), anySettings, (limit, settings) => {
        const { pace, limits } = planDelivery({ callsPerMinute: limit }, settings);
        expect(pace.unitsPerMinute).toBe(limit);
        expect(pace.burstUnits).toBeLessThan(limit);
        expect(limits.maxRows).toBeGreaterThanOrEqual(1);
        if (settings.maxRowsPerCall !== null) expect(limits.maxRows).toBeLessThanOrEqual(settings.maxRowsPerCall);
      }),
    );
  });

  it("makes no call heavier than a burst", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 5000 }), anySettings, (limit, settings) => {
        const { pace, limits } = planDelivery({ callsPerMinute: limit }, settings);
        const heaviest = { row: limits.maxRows, chunk: Math.ceil(limits.maxRows / settings.chunkSize), call: 1 };
        expect(pace.burstUnits).toBeGreaterThanOrEqual(heaviest[settings.rateUnit]);
      }),
    );
  });

  it("uses at least 97 % of every plan, 99 % from 300 a minute, where rows are counted and events are listed", () => {
    fc.assert(
      fc.property(fc.integer({ min: 60, max: 5000 }), (limit) => {
        const { unitsPerMinute, burstUnits } = plan(limit);
        const share = (unitsPerMinute - burstUnits) / limit;
        expect(share).toBeGreaterThanOrEqual(limit >= 300 ? 0.99 : 0.97);
      }),
    );
  });

  it("lands more rows a minute with fewer, larger calls where every batch costs a call of its own to ask about", () => {
    for (const limit of [60, 120, 300, 1000]) {
      const rowsAMinute = (settings: Partial<DeliverySettings>): number => {
        const { unitsPerMinute, burstUnits, maxRows } = plan(limit, settings);
        return ((unitsPerMinute - burstUnits) * maxRows) / (maxRows + 1);
      };
      const chosen = rowsAMinute({ eventsListed: false });
      for (let rows = 1; rows < Math.min(limit, 100); rows += 1)
        expect(chosen).toBeGreaterThanOrEqual(rowsAMinute({ eventsListed: false, maxRowsPerCall: rows }) * 0.995);
    }
  });
});
