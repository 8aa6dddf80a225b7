import { createTestRuntime, never } from "@acme/test-servers";
import { describe, expect, it } from "vitest";
import { createMemoryFiles } from "./__fixtures__/memory-files.ts";
import { withLock } from "./with-lock.ts";

const MINUTE = 60_000;

/** Several that want the same lock, at one virtual time. */
function open() {
  const runtime = createTestRuntime(0);
  const files = createMemoryFiles();
  const state = { inside: 0, most: 0 };
  const takeLock = () => files.takeLock("lock");
  return {
    runtime,
    takeLock,
    state,
    work: (ms: number, signal: AbortSignal = never) =>
      withLock(takeLock, runtime, signal, async () => {
        state.inside += 1;
        state.most = Math.max(state.most, state.inside);
        await runtime.sleep(ms, never);
        state.inside -= 1;
        return runtime.now();
      }),
  };
}

describe("a lock", () => {
  it("is held for as long as the work takes, however slow it is", async () => {
    const { work, state } = open();
    const ends = await Promise.all([work(30 * MINUTE), work(30 * MINUTE), work(1)]);
    expect(state.most).toBe(1);
    expect(ends.toSorted((left, right) => left - right)[2]).toBeGreaterThanOrEqual(60 * MINUTE);
  });

  it("that was left behind is ended after a minute of watching, by one of those who wait", async () => {
    const { work, state, takeLock } = open();
    await takeLock();
    const ends = await Promise.all([work(1), work(1), work(1)]);
    expect(state.most).toBe(1);
    expect(Math.min(...ends)).toBeGreaterThanOrEqual(MINUTE);
    expect(Math.max(...ends)).toBeLessThan(2 * MINUTE);
  });

  it("is not ended by a clock that jumps, nor by a machine that slept", async () => {
    const { work, state, takeLock, runtime } = open();
    let aheadMs = 0;
    const jumping = { ...runtime, now: () => runtime.now() + aheadMs };
    const holding = work(20_000);
    const waiting = withLock(takeLock, jumping, never, () => Promise.resolve(state.inside));
    await runtime.sleep(5000, never);
    aheadMs = 8 * 60 * MINUTE;
    expect(await waiting).toBe(0);
    await holding;
  });

  it("of a holder who stood still is somebody else's, and is not ended when he wakes up", async () => {
    const { work, state, takeLock, runtime } = open();
    const frozen = await takeLock();
    const other = work(10 * MINUTE);
    await runtime.sleep(5 * MINUTE, never);
    expect(state.inside).toBe(1);
    await frozen.renew();
    await frozen.end();
    await Promise.all([other, work(1)]);
    expect(state.most).toBe(1);
  });

  it("is not waited for any longer by whoever is aborted", async () => {
    const { work, takeLock } = open();
    await takeLock();
    const controller = new AbortController();
    const waiting = work(1, controller.signal);
    const reason = new Error("stop");
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
  });

  it("is free after work that failed, and an abort does not cut work off", async () => {
    const { work, takeLock, runtime } = open();
    const failure = new Error("no");
    await expect(withLock(takeLock, runtime, never, () => Promise.reject(failure))).rejects.toBe(failure);
    const controller = new AbortController();
    const working = work(MINUTE, controller.signal);
    await runtime.sleep(1000, never);
    controller.abort();
    expect(await working).toBeGreaterThanOrEqual(MINUTE);
  });

  it("that cannot be renewed cuts no work off", async () => {
    const { takeLock, runtime } = open();
    const brittle = async () => ({ ...(await takeLock()), renew: () => Promise.reject(new Error("EIO")) });
    const work = async () => {
      await runtime.sleep(10 * MINUTE, never);
      return "done";
    };
    expect(await withLock(brittle, runtime, never, work)).toBe("done");
  });
});
