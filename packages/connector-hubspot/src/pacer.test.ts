import { createTestRuntime } from "@acme/test-servers";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createPacer } from "./pacer.ts";

const never: AbortSignal = new AbortController().signal;

function mostIn(times: readonly number[], windowMs: number): number {
  return Math.max(0, ...times.map((end) => times.filter((time) => time <= end && time > end - windowMs).length));
}

describe("pacer", () => {
  it("P35 keeps every limit in any sliding window, whoever asks and however long they paused", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 250 }), async (pauses) => {
        const runtime = createTestRuntime(0);
        const pacer = createPacer(runtime, 4);
        const left = { search: [] as number[], general: [] as number[] };
        const work = async (lane: "search" | "general", own: readonly number[]): Promise<void> => {
          for (const pause of own) {
            if (pause > 700) await runtime.sleep(pause, never);
            await pacer.take(lane, never);
            left[lane].push(runtime.now());
          }
        };
        await Promise.all([work("search", pauses.slice(0, 40)), work("general", pauses), work("general", pauses)]);
        expect(mostIn(left.search, 1000)).toBeLessThanOrEqual(4);
        expect(mostIn(left.general, 10_000)).toBeLessThanOrEqual(90);
      }),
      { numRuns: 20 },
    );
  });

  it("learns the limit of the account, and steps back when others use it up", async () => {
    const runtime = createTestRuntime(0);
    const pacer = createPacer(runtime, 4);
    pacer.learn({ max: 190, remaining: 100, intervalMs: 10_000 });
    for (let call = 0; call < 171; call += 1) await pacer.take("general", never);
    expect(runtime.now()).toBe(0);
    await pacer.take("general", never);
    expect(runtime.now()).toBe(10_000);
    pacer.learn({ max: 190, remaining: 2, intervalMs: 10_000 });
    await pacer.take("general", never);
    expect(runtime.now()).toBe(15_000);
  });

  it("lets nothing out while it is blocked, and leaves other lanes alone", async () => {
    const runtime = createTestRuntime(0);
    const pacer = createPacer(runtime, 4);
    pacer.block("search", 5000);
    await pacer.take("general", never);
    expect(runtime.now()).toBe(0);
    await pacer.take("search", never);
    expect(runtime.now()).toBe(5000);
  });

  it("lets go at once of somebody who gives up, and does not count the call", async () => {
    const runtime = createTestRuntime(0);
    const pacer = createPacer({ ...runtime, sleep: () => new Promise<void>(() => undefined) }, 4);
    pacer.block("search", 5000);
    const controller = new AbortController();
    const waiting = [pacer.take("search", controller.signal), pacer.take("search", controller.signal)];
    controller.abort(new Error("enough"));
    for (const each of waiting) await expect(each).rejects.toThrow("enough");
  });
});
