import { describe, expect, test } from "vitest";
import { createRequestSlots, type RequestLane } from "./request-slots.ts";

const never = new AbortController().signal;

/** Asks `count` times and notes in which order places were given. */
function ask(lane: RequestLane, name: string, count: number, given: string[], carriesRows = true): (() => void)[] {
  const releases: (() => void)[] = [];
  for (let place = 0; place < count; place += 1) {
    void lane.take(carriesRows, never).then((release) => {
      given.push(`${name}${place}`);
      releases.push(release);
    });
  }
  return releases;
}

const settle = () => new Promise((resolve) => void setImmediate(resolve));

describe("request slots", () => {
  test("never let more through at once than they have, over all lanes", async () => {
    const slots = createRequestSlots(2);
    const given: string[] = [];
    const first = ask(slots.lane(), "a", 2, given);
    ask(slots.lane(), "b", 2, given);
    await settle();
    expect(given).toEqual(["a0", "a1"]);
    first.shift()?.();
    await settle();
    expect(given).toHaveLength(3);
  });

  test("go round the lanes, however much one of them has waiting", async () => {
    const slots = createRequestSlots(1);
    const given: string[] = [];
    const holding = await slots.lane().take(true, never);
    const busy = ask(slots.lane(), "a", 100, given);
    const others = [ask(slots.lane(), "b", 2, given), ask(slots.lane(), "c", 1, given)];
    holding();
    await settle();
    for (let turn = 0; turn < 6; turn += 1) {
      for (const releases of [busy, ...others]) releases.shift()?.();
      await settle();
    }
    expect(given).toEqual(["a0", "b0", "c0", "a1", "b1", "a2", "a3"]);
  });

  test("let questions of a lane go before its batches", async () => {
    const slots = createRequestSlots(1);
    const lane = slots.lane();
    const given: string[] = [];
    const holding = await lane.take(true, never);
    const batches = ask(lane, "batch", 2, given);
    const questions = ask(lane, "question", 1, given, false);
    holding();
    await settle();
    questions[0]?.();
    await settle();
    expect(given).toEqual(["question0", "batch0"]);
    batches[0]?.();
  });

  test("turn away whoever is aborted while waiting, and lose no place over it", async () => {
    const slots = createRequestSlots(1);
    const lane = slots.lane();
    const holding = await lane.take(true, never);
    const stop = new AbortController();
    const waiting = lane.take(true, stop.signal);
    const given: string[] = [];
    ask(slots.lane(), "b", 1, given);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(lane.take(false, stop.signal)).rejects.toThrow("enough");
    holding();
    await settle();
    expect(given).toEqual(["b0"]);
  });
});
