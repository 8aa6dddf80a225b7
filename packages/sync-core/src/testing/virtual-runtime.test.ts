import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createVirtualRuntime } from "./virtual-runtime.ts";

const never = new AbortController().signal;

describe("virtual runtime", () => {
  it("wakes sleepers in the order of their times, then in the order in which they fell asleep", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(50), { minLength: 1, maxLength: 40 }), async (waits) => {
        const runtime = createVirtualRuntime();
        const startAt = runtime.now();
        const woken: { at: number; place: number }[] = [];
        const sleep = async (ms: number, place: number): Promise<void> => {
          await runtime.sleep(ms, never);
          woken.push({ at: runtime.now() - startAt, place });
        };
        await runtime.run(Promise.all(waits.map(sleep)));
        const expected = waits.map((at, place) => ({ at, place })).toSorted((a, b) => a.at - b.at || a.place - b.place);
        expect(woken).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it("lets no time pass for those who were aborted, and hands them the reason at once", async () => {
    const runtime = createVirtualRuntime();
    const startAt = runtime.now();
    const controller = new AbortController();
    const slept = runtime.sleep(60_000, controller.signal);
    const reason = { signal: "SIGTERM" };
    controller.abort(reason);
    await expect(runtime.run(slept)).rejects.toBe(reason);
    await expect(runtime.sleep(5, controller.signal)).rejects.toBe(reason);
    await runtime.run(runtime.sleep(10, never));
    expect(runtime.now() - startAt).toBe(10);
    expect(runtime.sleeping()).toBe(0);
  });

  it("stands still while something real is under way", async () => {
    let busy = true;
    const runtime = createVirtualRuntime({ isBusy: () => busy });
    const startAt = runtime.now();
    const real = new Promise<number>((resolve) => {
      setTimeout(() => {
        busy = false;
        resolve(runtime.now() - startAt);
      }, 15);
    });
    await runtime.run(Promise.all([runtime.sleep(1000, never), real]));
    expect(await real).toBe(0);
  });

  it("says so when nothing can go on any more", async () => {
    const runtime = createVirtualRuntime();
    await expect(runtime.run(new Promise(() => undefined))).rejects.toThrow(/stuck/);
  });

  it("gives the same chances for the same seed", () => {
    const draw = (seed: number): number[] => {
      const runtime = createVirtualRuntime({ seed });
      return Array.from({ length: 5 }, () => runtime.random());
    };
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});
