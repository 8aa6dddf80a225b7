import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Batch, BatchRow } from "../contracts/line.ts";
import { byEmail, roomy } from "./__fixtures__/mapping.ts";
import { halve } from "./batch.ts";
import { bisect, type Sent } from "./bisect.ts";

function batchOf(size: number): Batch {
  const rows = Array.from(
    { length: size },
    (_, index): BatchRow => ({
      key: `k${index}`,
      record: `r${index}`,
      values: { id: index },
      digest: Uint8Array.of(index % 256),
      isNew: true,
      aiCharacters: 0,
      superseded: [],
    }),
  );
  return { id: "b", page: 0, recordKind: byEmail, properties: [], rows, bytes: 100 * size, units: size };
}

interface Told {
  readonly landed: readonly string[];
  readonly parked: readonly { readonly key: string; readonly reason: string }[];
  /** Besides the one that was refused at first. */
  readonly calls: readonly string[];
  readonly unsettled: readonly string[];
}

/** A service that refuses whatever `isRefused` says, and a state that knows what is written down. */
async function search(size: number, isRefused: (keys: readonly string[]) => boolean): Promise<Told> {
  const landed: string[] = [];
  const parked: { key: string; reason: string }[] = [];
  const calls: string[] = [];
  const written = new Map<string, Batch>();
  const used = new Set<string>();

  function writeDown(parts: readonly Batch[]): void {
    for (const part of parts) {
      expect(used).not.toContain(part.id);
      used.add(part.id);
      written.set(part.id, part);
    }
  }
  function settle(part: Batch): void {
    expect([...written.keys()]).toContain(part.id);
    written.delete(part.id);
  }
  async function send(part: Batch): Promise<Sent> {
    const keys = part.rows.map(({ key }) => key);
    calls.push(keys.map((key) => key.slice(1)).join(" "));
    settle(part);
    if (!isRefused(keys)) {
      landed.push(...keys);
      return { state: "landed" };
    }
    const reason = `refused call ${calls.length}`;
    const [only] = part.rows;
    if (part.rows.length === 1 && only !== undefined) {
      parked.push({ key: only.key, reason });
      return { state: "settled" };
    }
    const halves = halve(part, roomy);
    writeDown(halves);
    return { state: "refused", halves, reason };
  }

  const whole = batchOf(size);
  const halves = halve(whole, roomy);
  writeDown(halves);
  await bisect(
    whole,
    { state: "refused", halves, reason: "refused at first" },
    {
      send,
      limits: () => roomy,
      async replace(parts, by) {
        const rows = (batches: readonly Batch[]): unknown => batches.flatMap((each) => each.rows);
        expect(rows(by)).toEqual(rows(parts));
        for (const part of parts) settle(part);
        writeDown(by);
      },
      async park(single, reason) {
        expect(single.rows).toHaveLength(1);
        settle(single);
        for (const { key } of single.rows) parked.push({ key, reason });
      },
    },
  );
  return { landed, parked, calls, unsettled: [...written.keys()] };
}

const withBad = (bad: ReadonlySet<string>) => (keys: readonly string[]) => keys.some((key) => bad.has(key));
const log2 = (size: number): number => Math.ceil(Math.log2(size));

describe("bisect", () => {
  it("lands every good row, parks every bad one, and keeps to its bound of calls", () =>
    fc.assert(
      fc.asyncProperty(
        fc
          .integer({ min: 2, max: 130 })
          .chain((size) =>
            fc.tuple(fc.constant(size), fc.uniqueArray(fc.nat(size - 1), { minLength: 1, maxLength: size })),
          ),
        async ([size, places]) => {
          const bad = new Set(places.map((place) => `k${place}`));
          const { landed, parked, calls, unsettled } = await search(size, withBad(bad));
          expect(new Set(parked.map(({ key }) => key))).toEqual(bad);
          expect(landed.toSorted()).toEqual(
            batchOf(size)
              .rows.map(({ key }) => key)
              .filter((key) => !bad.has(key))
              .toSorted(),
          );
          expect(parked).toHaveLength(bad.size);
          expect(unsettled).toEqual([]);
          const found = bad.size * (log2(size) + 1);
          expect(calls.length).toBeLessThanOrEqual(found < size ? found : 2 * size + log2(size));
        },
      ),
    ));

  it("takes ⌈log2 n⌉ + 1 calls for a single bad row, wherever it stands", async () => {
    for (const size of [2, 3, 8, 50, 64, 100]) {
      const counts = await Promise.all(
        Array.from({ length: size }, (_, place) => search(size, withBad(new Set([`k${place}`])))),
      );
      expect(Math.max(...counts.map(({ calls }) => calls.length))).toBe(log2(size) + 1);
    }
  });

  it("never sends whole what is known by inference to hold the bad row", async () => {
    expect((await search(8, withBad(new Set(["k6"])))).calls).toEqual(["0 1 2 3", "4 5", "6", "7"]);
    expect((await search(8, withBad(new Set(["k2"])))).calls).toEqual(["0 1 2 3", "0 1", "2", "3 4 5 6 7"]);
    expect((await search(8, withBad(new Set(["k3"])))).calls).toEqual(["0 1 2 3", "0 1", "2", "4 5 6 7"]);
  });

  it("gives the reason of the smallest batch around a row", async () => {
    expect((await search(8, withBad(new Set(["k3"])))).parked).toEqual([{ key: "k3", reason: "refused call 1" }]);
    expect((await search(8, withBad(new Set(["k0"])))).parked).toEqual([{ key: "k0", reason: "refused call 3" }]);
  });

  it("parks no row for a fault of the batch: a suspect that nothing but the first refusal speaks against is sent alone", async () => {
    const { landed, parked, calls } = await search(8, (keys) => keys.length > 4);
    expect(parked).toEqual([]);
    expect(landed).toHaveLength(8);
    expect(calls).toEqual(["0 1 2 3", "4 5", "6", "7"]);
  });

  it("goes row by row once it has made as many calls as the batch has rows", async () => {
    const { parked, calls } = await search(64, () => true);
    expect(parked).toHaveLength(64);
    expect(calls.length).toBeLessThanOrEqual(2 * 64 + 6);
    expect(calls.slice(-40).every((keys) => !keys.includes(" "))).toBe(true);
  });

  it("goes on with what is set aside when the service names the bad rows of a half itself", async () => {
    const whole = batchOf(4);
    const calls: string[] = [];
    await bisect(
      whole,
      { state: "refused", halves: halve(whole, roomy), reason: "x" },
      {
        limits: () => roomy,
        send: async ({ rows }) => {
          calls.push(rows.map(({ key }) => key).join(" "));
          return calls.length === 1 ? { state: "settled" } : { state: "landed" };
        },
        replace: () => Promise.reject(new Error("nothing to replace")),
        park: () => Promise.reject(new Error("nothing to park")),
      },
    );
    expect(calls).toEqual(["k0 k1", "k2 k3"]);
  });
});
