import { describe, expect, it } from "vitest";
import { ConfigError, TransientError } from "../contracts/errors.ts";
import type { Cursor, Page } from "../contracts/source.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { createFakeSource, type FakeSource, fakeStream } from "./__fixtures__/fake-source.ts";
import { fill } from "./__fixtures__/world.ts";
import { read } from "./read.ts";

function setUp(rows: number) {
  const runtime = createVirtualRuntime();
  const source = createFakeSource();
  fill(source, rows);
  const leave = new AbortController();
  const waits: number[] = [];
  const ports = { runtime, signal: leave.signal, onFault: (_: unknown, waitMs: number) => void waits.push(waitMs) };
  const pages = (from: FakeSource, after: Cursor | null = null): AsyncGenerator<Page> =>
    read(from, fakeStream, after, ports);
  const all = async (after: Cursor | null = null): Promise<Cursor[]> => {
    const cursors: Cursor[] = [];
    for await (const page of pages(source, after)) cursors.push(page.cursor);
    return cursors;
  };
  return { runtime, source, leave, waits, pages, all };
}

describe("read", () => {
  it("yields every page after the cursor, in order", async () => {
    const { runtime, all, source } = setUp(35);
    expect(await runtime.run(all())).toEqual([10, 20, 30, 35]);
    expect(await runtime.run(all(20))).toEqual([30, 35]);
    expect(await runtime.run(all(35))).toEqual([]);
    expect(source.ended()).toBe(3);
  });

  it("reads one page ahead, and no more", async () => {
    const { runtime, source, pages } = setUp(50);
    let asked = 0;
    source.beforePage = async () => {
      asked += 1;
    };
    const generator = pages(source);
    await runtime.run(generator.next());
    await runtime.run(runtime.sleep(1000, new AbortController().signal));
    expect(asked).toBe(2);
    await runtime.run(generator.return(undefined));
  });

  it("goes on from the last page after passing faults, with longer waits, and starts counting anew after a page", async () => {
    const { runtime, source, waits, all } = setUp(30);
    let faults = 6;
    source.beforePage = async (place) => {
      if (place !== 1 || faults === 0) return;
      faults -= 1;
      throw new TransientError("the connection was lost");
    };
    expect(await runtime.run(all())).toEqual([10, 20, 30]);
    expect(source.reads).toEqual([null, 10, 20, 30]);
    faults = 0;
    source.beforePage = async () => {
      faults += 1;
      if (faults <= 6) throw new TransientError("the connection was lost");
    };
    waits.length = 0;
    expect(await runtime.run(all())).toEqual([10, 20, 30]);
    expect(waits).toHaveLength(6);
    for (const [index, wait] of waits.entries()) {
      const full = Math.min(20_000, 500 * 2 ** index);
      expect(wait).toBeGreaterThanOrEqual(full / 2);
      expect(wait).toBeLessThanOrEqual(full);
    }
  });

  it("waits as long as the source asked for", async () => {
    const { runtime, source, waits, all } = setUp(10);
    let faults = 1;
    source.beforePage = async () => {
      faults -= 1;
      if (faults === 0) throw new TransientError("too many requests", { retryAfterMs: 45_000 });
    };
    expect(await runtime.run(all())).toEqual([10]);
    expect(waits).toEqual([45_000]);
  });

  it("gives up after seven passing faults without a page between them", async () => {
    const { runtime, source, waits, all } = setUp(10);
    source.beforePage = async () => {
      throw new TransientError("the connection was lost");
    };
    await expect(runtime.run(all())).rejects.toThrow("the connection was lost");
    expect(source.reads).toHaveLength(7);
    expect(waits).toHaveLength(6);
  });

  it.each([new ConfigError("no such table"), new Error("unexpected")])("passes %s straight through", async (error) => {
    const { runtime, source, waits, all } = setUp(10);
    source.beforePage = async () => {
      throw error;
    };
    await expect(runtime.run(all())).rejects.toBe(error);
    expect(waits).toEqual([]);
    expect(source.reads).toHaveLength(1);
  });

  it("ends the source's iterator when its reader leaves early", async () => {
    const { runtime, source, pages } = setUp(50);
    const leaveEarly = async (): Promise<void> => {
      for await (const page of pages(source)) if (page.cursor === 20) break;
    };
    await runtime.run(leaveEarly());
    await runtime.run(runtime.sleep(0, new AbortController().signal));
    expect(source.reads).toHaveLength(1);
    expect(source.ended()).toBe(1);
  });

  it("ends at once when it is aborted, also while it waits for another try", async () => {
    const { runtime, source, leave, all } = setUp(10);
    const startAt = runtime.now();
    source.beforePage = async () => {
      throw new TransientError("too many requests", { retryAfterMs: 600_000 });
    };
    const reason = { signal: "SIGTERM" };
    void runtime.sleep(1000, new AbortController().signal).then(() => leave.abort(reason));
    await expect(runtime.run(all())).rejects.toBe(reason);
    expect(runtime.now() - startAt).toBe(1000);
  });
});
