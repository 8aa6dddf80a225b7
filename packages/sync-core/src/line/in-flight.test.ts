import { describe, expect, it } from "vitest";
import type { Batch, BatchRow } from "../contracts/line.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { byEmail } from "./__fixtures__/mapping.ts";
import { createInFlight } from "./in-flight.ts";

const never = new AbortController().signal;

function batchOf(records: readonly string[], bytes: number): Batch {
  const rows = records.map(
    (record): BatchRow => ({
      key: record,
      record,
      values: {},
      digest: new Uint8Array(),
      isNew: true,
      aiCharacters: 0,
      superseded: [],
    }),
  );
  return { id: records.join("+"), page: 0, recordKind: byEmail, properties: [], rows, bytes, units: rows.length };
}

function setUp(maxBytes = 100) {
  const runtime = createVirtualRuntime();
  const startAt = runtime.now();
  const inFlight = createInFlight(maxBytes);
  const hold = (records: string[], bytes: number, ms: number, fails = false): void => {
    const settled = runtime.sleep(ms, never).then(() => {
      if (fails) throw new Error("the batch failed");
    });
    inFlight.hold(batchOf(records, bytes), settled);
  };
  /** Milliseconds after the start at which a promise resolves. */
  const timeOf = (promise: Promise<void>): Promise<number> => runtime.run(promise.then(() => runtime.now() - startAt));
  return { runtime, inFlight, hold, timeOf };
}

describe("in flight", () => {
  it("waits until the bytes fit", async () => {
    const { inFlight, hold, timeOf } = setUp();
    hold(["a"], 60, 10);
    hold(["b"], 40, 30);
    expect(await timeOf(inFlight.makeRoom(0))).toBe(0);
    expect(await timeOf(inFlight.makeRoom(60))).toBe(10);
    expect(await timeOf(inFlight.makeRoom(61))).toBe(30);
  });

  it("lets more than the whole budget go when nothing else is held", async () => {
    const { inFlight, hold, timeOf } = setUp();
    expect(await timeOf(inFlight.makeRoom(1000))).toBe(0);
    hold(["a"], 1, 10);
    expect(await timeOf(inFlight.makeRoom(1000))).toBe(10);
  });

  it("waits while 100,000 rows are held, however small they are", async () => {
    const { inFlight, hold, timeOf } = setUp();
    hold(
      Array.from({ length: 99_999 }, (_, index) => `record-${index}`),
      0,
      30,
    );
    expect(await timeOf(inFlight.makeRoom(1))).toBe(0);
    hold(["one more"], 0, 10);
    expect(await timeOf(inFlight.makeRoom(1))).toBe(10);
  });

  it("waits while 5,000 batches are held, however small they are", async () => {
    const { inFlight, hold, timeOf } = setUp();
    for (let index = 0; index < 4999; index += 1) hold([`record-${index}`], 0, 30);
    expect(await timeOf(inFlight.makeRoom(1))).toBe(0);
    hold(["one more"], 0, 10);
    expect(await timeOf(inFlight.makeRoom(1))).toBe(10);
  });

  it("waits for the unsettled version of a record, and for no other", async () => {
    const { inFlight, hold, timeOf } = setUp();
    hold(["a", "b"], 1, 10);
    hold(["c"], 1, 30);
    expect(await timeOf(inFlight.untilSettled(["x", "y"], []))).toBe(0);
    expect(await timeOf(inFlight.untilSettled(["x", "b"], []))).toBe(10);
    expect(await timeOf(inFlight.untilSettled(["a", "c"], []))).toBe(30);
  });

  it("holds the rows by their keys, too: a row may have become another record, or none", async () => {
    const { inFlight, hold, timeOf } = setUp();
    hold(["a", "b"], 1, 10);
    expect(await timeOf(inFlight.untilSettled([], ["x"]))).toBe(0);
    expect(await timeOf(inFlight.untilSettled([], ["a"]))).toBe(10);
  });

  it("lets go of what failed just the same, and leaves the failure to others", async () => {
    const { inFlight, hold, timeOf } = setUp();
    hold(["a"], 100, 10, true);
    hold(["b"], 10, 20, true);
    expect(await timeOf(inFlight.untilSettled(["a"], []))).toBe(10);
    expect(await timeOf(inFlight.makeRoom(95))).toBe(20);
    expect(await timeOf(inFlight.allSettled())).toBe(20);
  });

  it("knows when everything has ended", async () => {
    const { inFlight, hold, timeOf } = setUp();
    expect(await timeOf(inFlight.allSettled())).toBe(0);
    hold(["a", "b"], 1, 30);
    hold(["c"], 1, 10, true);
    expect(await timeOf(inFlight.allSettled())).toBe(30);
  });
});
