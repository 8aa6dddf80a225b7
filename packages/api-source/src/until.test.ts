import { describe, expect, it } from "vitest";
import { until } from "./until.ts";

describe("until", () => {
  it("gives what the promise gives, and leaves no listener behind", async () => {
    const { signal } = new AbortController();
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...words: Parameters<typeof add>) => {
      listeners += 1;
      add(...words);
    };
    signal.removeEventListener = (...words: Parameters<typeof remove>) => {
      listeners -= 1;
      remove(...words);
    };
    expect(await until(Promise.resolve(1), signal)).toBe(1);
    const failure = new Error("no");
    await expect(until(Promise.reject(failure), signal)).rejects.toBe(failure);
    await new Promise(setImmediate);
    expect(listeners).toBe(0);
  });

  it("is over as soon as the signal is aborted, or was before, whatever becomes of the promise", async () => {
    const reason = new Error("stop");
    const controller = new AbortController();
    const waiting = until(new Promise(() => undefined), controller.signal);
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(until(Promise.reject(new Error("late")), controller.signal)).rejects.toBe(reason);
  });
});
