import { describe, expect, it } from "vitest";
import type { ChangedRow } from "../contracts/line.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { createEchoes } from "./echoes.ts";

const never = new AbortController().signal;

function version(record: string, digest: number) {
  return { record, digest: Uint8Array.of(digest) };
}

function changed(record: string, digest: number): ChangedRow {
  return {
    row: { key: record, record, identity: {}, structured: [], extracting: [] },
    isNew: false,
    sendStructured: true,
    sendExtracting: [],
    digest: Uint8Array.of(digest),
  };
}

function setUp() {
  const runtime = createVirtualRuntime();
  const startAt = runtime.now();
  const echoes = createEchoes(runtime);
  const silentAfter = async (rows: ChangedRow[], signal = never): Promise<number> => {
    const before = runtime.now();
    await runtime.run(echoes.untilSilent(rows, signal));
    return runtime.now() - before;
  };
  return { runtime, startAt, echoes, silentAfter };
}

describe("echoes", () => {
  it("hold back another version of their record until they can no longer land", async () => {
    const { startAt, echoes, silentAfter } = setUp();
    echoes.add([version("a", 1), version("b", 1)], startAt + 1000);
    expect(await silentAfter([changed("c", 2)])).toBe(0);
    expect(await silentAfter([changed("c", 2), changed("b", 2)])).toBe(1000);
    expect(await silentAfter([changed("a", 2)])).toBe(0);
  });

  it("let the same version through", async () => {
    const { startAt, echoes, silentAfter } = setUp();
    echoes.add([version("a", 1)], startAt + 1000);
    expect(await silentAfter([changed("a", 1)])).toBe(0);
  });

  it("count the last of several, and of each record all copies", async () => {
    const { startAt, echoes, silentAfter } = setUp();
    echoes.add([version("a", 1)], startAt + 3000);
    echoes.add([version("a", 2)], startAt + 1000);
    echoes.add([version("b", 1)], startAt + 2000);
    expect(await silentAfter([changed("a", 1), changed("b", 2)])).toBe(2000);
    expect(await silentAfter([changed("a", 3)])).toBe(1000);
    expect(await silentAfter([changed("a", 3)])).toBe(0);
  });

  it("tell how long they are waited for, and end the wait at once when aborted", async () => {
    const { runtime, startAt, echoes, silentAfter } = setUp();
    echoes.add([version("a", 1)], startAt + 60_000);
    const controller = new AbortController();
    const reason = new Error("stopped");
    void runtime.sleep(100, never).then(() => {
      expect(echoes.waitingUntilMs()).toBe(startAt + 60_000);
      controller.abort(reason);
    });
    await expect(silentAfter([changed("a", 2)], controller.signal)).rejects.toBe(reason);
    expect(runtime.now() - startAt).toBe(100);
    expect(echoes.waitingUntilMs()).toBeNull();
  });
});
