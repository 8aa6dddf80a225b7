import { type Page, type Source, type Stream, TransientError } from "@acme/sync-core";
import { createVirtualRuntime, type VirtualRuntime } from "@acme/sync-core/testing";
import { expect, test } from "vitest";
import { watchSource, type WatchedSource } from "./watch-source.ts";

const STALL_MS = 15 * 60_000;
const stream: Stream = {
  name: "rows",
  fields: [],
  key: ["id"],
  cursorField: null,
  cursorCandidates: [],
  estimatedRows: null,
};
const never = new AbortController().signal;
const forever = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));
const page = (cursor: number): Page => ({ rows: [], cursor, bytes: 0, proved: null });

function watched(source: Partial<Source>): { runtime: VirtualRuntime; watched: WatchedSource; said: string[] } {
  const runtime = createVirtualRuntime();
  const said: string[] = [];
  const whole: Source = {
    check: async () => [],
    streams: async () => [stream],
    async *read() {},
    lookup: async () => [],
    close: async () => undefined,
    ...source,
  };
  return {
    runtime,
    said,
    watched: watchSource(whole, { runtime, stallMs: STALL_MS, onStall: (text) => void said.push(text) }),
  };
}

async function readAll(source: Source): Promise<number[]> {
  const cursors: number[] = [];
  for await (const { cursor } of source.read(stream, null, never)) cursors.push(Number(cursor));
  return cursors;
}

test("passes on what the source gives", async () => {
  const {
    runtime,
    watched: one,
    said,
  } = watched({
    async *read() {
      yield page(1);
      await runtime.sleep(STALL_MS - 1, never);
      yield page(2);
    },
  });
  expect(await runtime.run(readAll(one.source))).toEqual([1, 2]);
  expect(await runtime.run(one.source.streams(never))).toEqual([stream]);
  expect(one.silentSince()).toBeNull();
  expect(said).toEqual([]);
  expect(runtime.sleeping()).toBe(0);
});

test("a source that does not heed an abort is left after five seconds, and one that does at once", async () => {
  const deaf = watched({ streams: () => new Promise(() => undefined) });
  const heeds = watched({ streams: (signal) => forever(signal) });
  const reason = new Error("the run is to end");
  for (const [{ runtime, watched: one }, waitMs] of [
    [deaf, 5000],
    [heeds, 0],
  ] as const) {
    const controller = new AbortController();
    const asked = one.source.streams(controller.signal);
    await runtime.run(runtime.sleep(1000, never));
    const began = runtime.now();
    controller.abort(reason);
    await expect(runtime.run(asked)).rejects.toThrow(waitMs > 0 ? reason.message : "aborted");
    expect(runtime.now() - began).toBe(waitMs);
    expect(one.silentSince()).toBeNull();
    expect(runtime.sleeping()).toBe(0);
  }
});

test("a call without an answer fails as a passing fault, and the second time for good", async () => {
  const { runtime, watched: one, said } = watched({ read: (_, __, signal) => hanging(signal) });
  const began = runtime.now();
  await expect(runtime.run(readAll(one.source))).rejects.toThrow(TransientError);
  expect(runtime.now() - began).toBe(STALL_MS);
  await expect(runtime.run(readAll(one.source))).rejects.toThrow("2 times in a row");
  expect(runtime.now() - began).toBe(2 * STALL_MS);
  await expect(runtime.run(readAll(one.source))).rejects.toThrow(TransientError);
  await expect(runtime.run(one.source.lookup(stream, ["1"], never))).rejects.toThrow(TransientError);
  expect(runtime.now() - began).toBe(2 * STALL_MS);
  expect(said).toEqual([
    "the source has said nothing for 15 minutes; it is asked again",
    "the source has said nothing for 15 minutes, 2 times in a row",
  ]);
});

test("the source is told to let go of a call that is given up", async () => {
  let letGo = false;
  const { runtime, watched: one } = watched({
    check: (signal) => {
      signal.addEventListener("abort", () => {
        letGo = true;
      });
      return new Promise(() => undefined);
    },
  });
  await expect(runtime.run(one.source.check(never))).rejects.toThrow("the source has said nothing for 15 minutes");
  expect(letGo).toBe(true);
});

test("a page between two silences counts as a sign of life", async () => {
  let reads = 0;
  const { runtime, watched: one } = watched({
    async *read(_, __, signal) {
      reads += 1;
      yield page(reads);
      await forever(signal);
    },
  });
  for (let round = 0; round < 4; round += 1)
    await expect(runtime.run(readAll(one.source))).rejects.toThrow("the source has said nothing");
  expect(reads).toBe(4);
});

test("the same cursor again and again is given up", async () => {
  let pages = 0;
  const {
    runtime,
    watched: one,
    said,
  } = watched({
    async *read() {
      for (;;) {
        pages += 1;
        yield page(7);
      }
    },
  });
  await expect(runtime.run(readAll(one.source))).rejects.toThrow("the same cursor 50 times in a row");
  expect(pages).toBe(51);
  expect(said).toHaveLength(1);
});

test("a cursor may repeat itself as often as a connector does", async () => {
  const { runtime, watched: one } = watched({
    async *read() {
      for (let round = 0; round < 5; round += 1) for (let pages = 0; pages < 20; pages += 1) yield page(round);
    },
  });
  expect(await runtime.run(readAll(one.source))).toHaveLength(100);
});

test("says since when the source is silent", async () => {
  const { runtime, watched: one } = watched({ check: forever });
  const asked = one.source.check(never).catch(() => undefined);
  const since = runtime.now();
  await runtime.run(runtime.sleep(60_000, never));
  expect(one.silentSince()).toBe(since);
  await runtime.run(asked);
  expect(one.silentSince()).toBeNull();
});

test("an abort ends the reading, as it does without the watch", async () => {
  const stop = new AbortController();
  const { runtime, watched: one } = watched({ read: (_, __, signal) => hanging(signal) });
  const reading = (async () => {
    for await (const _ of one.source.read(stream, null, stop.signal)) continue;
  })();
  stop.abort(new Error("enough"));
  await expect(runtime.run(reading)).rejects.toThrow("aborted");
});

test("a source that does not close is not waited for", async () => {
  const { runtime, watched: one } = watched({ close: () => new Promise(() => undefined) });
  const began = runtime.now();
  await runtime.run(one.source.close());
  expect(runtime.now() - began).toBe(5000);
});

// oxlint-disable-next-line require-yield -- it hangs before its first page
async function* hanging(signal: AbortSignal): AsyncGenerator<Page> {
  await forever(signal);
}
