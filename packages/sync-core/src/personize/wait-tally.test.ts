import { describe, expect, it } from "vitest";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { createWaitTally } from "./wait-tally.ts";

function setUp() {
  const runtime = createVirtualRuntime();
  const tally = createWaitTally(runtime);
  const wait = (reason: string, ms: number, signal = new AbortController().signal): Promise<void> =>
    tally.during(reason, ms, () => runtime.sleep(ms, signal));
  const sleep = (ms: number): Promise<void> => runtime.run(runtime.sleep(ms, new AbortController().signal));
  return { runtime, tally, wait, sleep };
}

describe("the tally of waits", () => {
  it("adds up by reason, without what follows the colon, and counts waits that overlap once", async () => {
    const { runtime, tally, wait } = setUp();
    await runtime.run(
      Promise.all([
        wait("another try after: HTTP 503", 3000),
        wait("another try after: no answer", 2000),
        wait("x", 5),
      ]),
    );
    expect(tally.waitedMs()).toEqual({ "another try after": 3000, x: 5 });
    await runtime.run(wait("x", 7));
    expect(tally.waitedMs()).toEqual({ "another try after": 3000, x: 12 });
  });

  it("counts the time that an aborted wait really took", async () => {
    const { runtime, tally, wait, sleep } = setUp();
    const controller = new AbortController();
    const waiting = wait("x", 60_000, controller.signal);
    await sleep(1500);
    controller.abort(new Error("stopped"));
    await expect(runtime.run(waiting)).rejects.toThrow("stopped");
    expect(tally.waitedMs()).toEqual({ x: 1500 });
    expect(tally.waitingFor()).toBeNull();
  });

  it("names the wait that lasts longest, as long as it lasts, and no short ones", async () => {
    const { runtime, tally, wait, sleep } = setUp();
    const all = Promise.all([wait("short", 1000), wait("long", 10_000), wait("longest: HTTP 500", 30_000)]);
    expect(tally.waitingFor()).toBe("longest: HTTP 500 (30 s)");
    await sleep(12_500);
    expect(tally.waitingFor()).toBe("longest: HTTP 500 (18 s)");
    tally.note("429 from Personize", 60_000);
    expect(tally.waitingFor()).toBe("429 from Personize (60 s)");
    await runtime.run(all);
    await sleep(60_000);
    expect(tally.waitingFor()).toBeNull();
  });
});
