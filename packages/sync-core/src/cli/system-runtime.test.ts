import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { createSystemRuntime } from "./system-runtime.ts";

describe("createSystemRuntime", () => {
  const runtime = createSystemRuntime();

  it("sleeps, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    const startedAt = runtime.now();
    await runtime.sleep(20, signal);
    expect(runtime.now() - startedAt).toBeGreaterThanOrEqual(15);
    expect(getEventListeners(signal, "abort")).toHaveLength(0);
  });

  it("rejects with the reason as soon as it is aborted, whatever the reason is", async () => {
    const controller = new AbortController();
    const asleep = runtime.sleep(60_000, controller.signal);
    controller.abort({ signal: "SIGINT" });
    await expect(asleep).rejects.toEqual({ signal: "SIGINT" });
    await expect(runtime.sleep(60_000, controller.signal)).rejects.toEqual({ signal: "SIGINT" });
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
  });

  it("gives chances in [0, 1)", () => {
    const chances = Array.from({ length: 100 }, () => runtime.random());
    expect(Math.min(...chances)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...chances)).toBeLessThan(1);
  });
});
