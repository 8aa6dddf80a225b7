import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../contracts/json.ts";
import type { Batch, BatchLimits, BatchRow, ChangedRow, RateUnit } from "../contracts/line.ts";
import { roomy, sketchMapping, sourceRow } from "./__fixtures__/mapping.ts";
import { batch, type BatchResult, halve, unitsOf } from "./batch.ts";
import { createDigester } from "./digest.ts";
import { map } from "./map.ts";

const mapping = sketchMapping();
const digester = createDigester(mapping);
const here = { fence: 3, page: 7 };

interface Sketch {
  readonly key: string;
  readonly email?: string;
  readonly bio?: Json;
  readonly name?: Json;
  readonly sendStructured?: boolean;
  readonly sendExtracting?: readonly number[];
  readonly isNew?: boolean;
}

function changedRow({
  key,
  sendStructured = true,
  sendExtracting = [0, 1],
  isNew = true,
  ...fields
}: Sketch): ChangedRow {
  const [row] = map([sourceRow(key, fields)], mapping).rows;
  if (row === undefined) throw new Error("the row was not mapped");
  return { row, isNew, sendStructured, sendExtracting, digest: digester.digest(row) };
}

function pack(sketches: readonly Sketch[], limits: Partial<BatchLimits> = {}, position = here): BatchResult {
  return batch(sketches.map(changedRow), mapping, { ...roomy, ...limits }, position);
}

function keysOf(batches: readonly Batch[]): string[][] {
  return batches.map(({ rows }) => rows.map(({ key }) => key));
}

function payloadBytes(rows: readonly BatchRow[]): number {
  return rows.reduce((sum, { values }) => sum + Buffer.byteLength(JSON.stringify(values)), 0);
}

const anySketch: fc.Arbitrary<Sketch> = fc
  .record({
    email: fc.constantFrom("a@x.y", "A@x.y", "b@x.y", "c@x.y", "d@x.y", "e@x.y"),
    bio: fc.string({ unit: "grapheme", maxLength: 120 }),
    sendStructured: fc.boolean(),
    sendExtracting: fc.subarray([0, 1]),
    isNew: fc.boolean(),
  })
  .filter(({ sendStructured, sendExtracting }) => sendStructured || sendExtracting.length > 0)
  .map((sketch) => ({ key: "", ...sketch }));
const anyPage = fc
  .array(anySketch, { maxLength: 15 })
  .map((sketches) => sketches.map((sketch, index) => ({ ...sketch, key: `k${index}` })));
const anyLimits = fc.record({
  maxRows: fc.integer({ min: 1, max: 6 }),
  maxBytes: fc.integer({ min: 50, max: 600 }),
  maxRowCharacters: fc.integer({ min: 60, max: 200 }),
  rateUnit: fc.constantFrom<RateUnit>("row", "chunk", "call"),
  chunkSize: fc.integer({ min: 1, max: 4 }),
});

describe("batch", () => {
  it("sends every changed row exactly once, or says what became of it", () => {
    fc.assert(
      fc.property(anyPage, anyLimits, (page, limits) => {
        const { batches, parked, superseded } = pack(page, limits);
        const sent = batches.flatMap(({ rows }) => rows);
        const stoodFor = sent.flatMap((row) => row.superseded);
        const keys = [...sent, ...stoodFor, ...parked].map(({ key }) => key);
        expect(keys.toSorted()).toEqual(page.map(({ key }) => key).toSorted());
        expect(sent.length + superseded + parked.length).toBe(page.length);
      }),
    );
  });

  it("holds a record at most once in a page", () => {
    fc.assert(
      fc.property(anyPage, anyLimits, (page, limits) => {
        const records = pack(page, limits).batches.flatMap(({ rows }) => rows.map(({ record }) => record));
        expect(new Set(records).size).toBe(records.length);
      }),
    );
  });

  it("keeps to the bounds of rows and bytes, but a single row goes all the same", () => {
    fc.assert(
      fc.property(anyPage, anyLimits, (page, limits) => {
        for (const { rows, bytes, units } of pack(page, limits).batches) {
          expect(rows.length).toBeLessThanOrEqual(limits.maxRows);
          if (rows.length > 1) expect(Math.max(bytes, payloadBytes(rows))).toBeLessThanOrEqual(limits.maxBytes);
          expect(bytes * 6).toBeGreaterThanOrEqual(payloadBytes(rows));
          expect(units).toBe(unitsOf(rows.length, limits));
        }
      }),
    );
  });

  it("never mixes sets of properties", () => {
    fc.assert(
      fc.property(anyPage, anyLimits, (page, limits) => {
        for (const { rows, properties } of pack(page, limits).batches) {
          const fields = new Set(["email", ...properties.map(({ field }) => field)]);
          for (const row of rows) expect(new Set(Object.keys(row.values))).toEqual(fields);
        }
      }),
    );
  });

  it("gives ids that are unique, the same for the same page at the same place, and others elsewhere", () => {
    fc.assert(
      fc.property(anyPage, anyLimits, (page, limits) => {
        const ids = (position: typeof here): string[] => pack(page, limits, position).batches.map(({ id }) => id);
        const all = [ids(here), ids({ fence: 3, page: 8 }), ids({ fence: 4, page: 7 })].flat();
        expect(new Set(all).size).toBe(all.length);
        expect(ids(here)).toEqual(ids(here));
      }),
    );
  });

  it("gives the same place another id when its content differs", () => {
    const [one] = pack([{ key: "1" }]).batches;
    const [other] = pack([{ key: "1", name: "other" }]).batches;
    expect(one?.id).not.toBe(other?.id);
  });

  it("parks rows that are too large, with a reason without values", () => {
    const { batches, parked } = pack([{ key: "1", bio: "secret".repeat(50) }, { key: "2" }], { maxRowCharacters: 200 });
    expect(keysOf(batches)).toEqual([["2"]]);
    expect(parked).toEqual([
      {
        key: "1",
        code: "CONTENT_TOO_LARGE",
        reason: expect.stringMatching(/take \d+ characters; the destination takes 200 a row at most/),
        digest: expect.any(Uint8Array),
      },
    ]);
    expect(JSON.stringify(parked)).not.toContain("secret");
  });

  it("lets the later of two rows with one record win; it sends what either had to send", () => {
    const { batches, superseded } = pack([
      { key: "1", email: "A@x.y", name: "old", sendStructured: false, sendExtracting: [1], isNew: false },
      { key: "2", email: "b@x.y" },
      { key: "3", email: "a@x.y", name: "new", sendStructured: true, sendExtracting: [] },
    ]);
    expect(superseded).toBe(1);
    expect(batches.map(({ properties }) => properties.map(({ name }) => name))).toEqual([
      ["age", "name", "bio", "notes"],
      ["age", "name", "notes"],
    ]);
    expect(batches[1]?.rows).toEqual([
      expect.objectContaining({
        key: "3",
        record: "a@x.y",
        isNew: false,
        values: { email: "a@x.y", age: 1, name: "new", notes: "t" },
        superseded: [{ key: "1", digest: expect.any(Uint8Array) }],
      }),
    ]);
  });

  it("counts the characters that will be extracted from, and nothing else", () => {
    const [first] = pack([{ key: "1", bio: "four", sendExtracting: [0], name: "long name" }]).batches;
    expect(first?.rows[0]?.aiCharacters).toBe(4);
    const [second] = pack([{ key: "1", bio: null, sendExtracting: [0] }]).batches;
    expect(second?.rows[0]).toMatchObject({ aiCharacters: 0, values: { bio: null } });
    const [third] = pack([{ key: "1", bio: ["ab"], sendExtracting: [0] }]).batches;
    expect(third?.rows[0]?.aiCharacters).toBe('["ab"]'.length);
  });

  it("makes nothing of nothing", () => {
    expect(pack([])).toEqual({ batches: [], parked: [], superseded: 0 });
  });

  it.each<[RateUnit, number, number, number]>([
    ["row", 7, 3, 7],
    ["chunk", 7, 3, 3],
    ["chunk", 6, 3, 2],
    ["chunk", 1, 50, 1],
    ["call", 7, 3, 1],
  ])("counted by %s, %i rows in chunks of %i cost %i", (rateUnit, rows, chunkSize, units) => {
    expect(unitsOf(rows, { rateUnit, chunkSize })).toBe(units);
  });
});

describe("halve", () => {
  it("keeps every row in its order, and everything else", () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 20 }), anyLimits, (size, limits) => {
        const sketches = Array.from({ length: size }, (_, index) => ({ key: `k${index}` }));
        const [whole] = pack(sketches).batches;
        if (whole === undefined) throw new Error("no batch");
        const halves = halve(whole, limits);
        expect(halves.flatMap(({ rows }) => rows)).toEqual(whole.rows);
        for (const half of halves) {
          expect(half.rows.length).toBeGreaterThan(0);
          expect(half).toMatchObject({ page: whole.page, properties: whole.properties });
          expect(half.units).toBe(unitsOf(half.rows.length, limits));
        }
        expect(new Set([whole.id, ...halves.map(({ id }) => id)]).size).toBe(3);
      }),
    );
  });
});
