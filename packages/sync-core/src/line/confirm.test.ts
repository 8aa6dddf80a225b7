import { describe, expect, it } from "vitest";
import type { Outcome } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import { createVirtualRuntime } from "../testing/virtual-runtime.ts";
import { createConfirmations } from "./confirm.ts";

const never = new AbortController().signal;

function setUp(
  options: {
    callsPerMinute?: number | null;
    sending?: boolean;
    expectedLandingMs?: number;
    landingTimeoutMs?: number;
  } = {},
) {
  const runtime = createVirtualRuntime();
  const startAt = runtime.now();
  const leave = new AbortController();
  const hurry = new AbortController();
  const asked: { at: number; events: string[] }[] = [];
  const world = {
    sending: options.sending ?? false,
    /** Event → when it ends and how; events that are not here are in flight. */
    ends: new Map<string, { at: number; outcome: Outcome }>(),
    /** Events that there is no time to look at. */
    overlooked: new Set<string>(),
    fault: null as Error | null,
  };
  const confirmations = createConfirmations({
    destination: {
      async outcomes(accepted: ReadonlyMap<string, number>) {
        asked.push({ at: runtime.now() - startAt, events: [...accepted.keys()] });
        if (world.fault !== null) throw world.fault;
        const outcomes = new Map<string, Outcome>();
        for (const eventId of accepted.keys()) {
          const end = world.ends.get(eventId);
          if (world.overlooked.has(eventId)) continue;
          const hasEnded = end !== undefined && end.at <= runtime.now() - startAt;
          outcomes.set(eventId, hasEnded ? end.outcome : { state: "in-flight" });
        }
        return outcomes;
      },
    },
    runtime,
    landingTimeoutMs: options.landingTimeoutMs ?? 600_000,
    callsPerMinute: options.callsPerMinute === undefined ? 60 : options.callsPerMinute,
    expectedLandingMs: options.expectedLandingMs ?? null,
    stillSending: () => world.sending,
    hurry: hurry.signal,
    signal: leave.signal,
  });
  return { runtime, startAt, leave, hurry, asked, world, confirmations };
}

function landsAt(at: number, outcome: Outcome = { state: "landed" }) {
  return { at, outcome };
}

describe("confirming", () => {
  it("resolves each batch with its own end, and asks no more once all have ended", async () => {
    const { runtime, asked, world, confirmations } = setUp();
    world.ends.set("a", landsAt(3000));
    world.ends.set("b", landsAt(40_000, { state: "vanished" }));
    world.ends.set("c", landsAt(9000, { state: "partial", failures: null, reason: "x" }));
    const all = ["a", "b", "c"].map((event) => confirmations.confirm(event, 5, runtime.now()));
    expect(confirmations.pending()).toBe(3);
    const outcomes = await runtime.run(Promise.all(all));
    expect(outcomes.map(({ state }) => state)).toEqual(["landed", "vanished", "partial"]);
    expect(confirmations.pending()).toBe(0);
    expect(confirmations.oldestAgeMs()).toBeNull();
    const questions = asked.length;
    await runtime.run(runtime.sleep(600_000, never));
    expect(asked).toHaveLength(questions);
    expect(asked[0]?.events).toEqual(["a", "b", "c"]);
    expect(asked.at(-1)?.events).toEqual(["b"]);
  });

  it.each([60, 120, 300, 1000])(
    "of %i calls a minute, questions take three in a hundred at most while rows are being sent",
    async (callsPerMinute) => {
      const { runtime, asked, confirmations } = setUp({ callsPerMinute, sending: true, landingTimeoutMs: 3_600_000 });
      void confirmations.confirm("a", 5, runtime.now()).catch(() => undefined);
      const minutes = 20;
      await runtime.run(runtime.sleep(minutes * 60_000, never));
      expect(asked.length).toBeGreaterThan(minutes);
      expect(100 * asked.length).toBeLessThanOrEqual(3 * callsPerMinute * minutes);
    },
  );

  it("asks more often once everything has been sent, but never for more than a quarter of the calls", async () => {
    const { runtime, asked, confirmations } = setUp({ callsPerMinute: 60 });
    void confirmations.confirm("a", 5, runtime.now()).catch(() => undefined);
    await runtime.run(runtime.sleep(60_000, never));
    expect(asked.length).toBeGreaterThan(5);
    expect(asked.length).toBeLessThanOrEqual(15);
  });

  it("asks less often the longer a batch takes", async () => {
    const { runtime, asked, confirmations } = setUp({ callsPerMinute: null, landingTimeoutMs: 3_600_000 });
    void confirmations.confirm("a", 5, runtime.now()).catch(() => undefined);
    await runtime.run(runtime.sleep(1_200_000, never));
    const gaps = asked.slice(1).map(({ at }, index) => at - (asked[index]?.at ?? 0));
    expect(gaps).toEqual(gaps.toSorted((left, right) => left - right));
    expect(Math.max(...gaps)).toBe(60_000);
    expect(asked.length).toBeLessThan(120);
  });

  it("asks soon once the run is asked to end, however long it wanted to wait", async () => {
    const { runtime, asked, world, confirmations, hurry } = setUp({ sending: true, expectedLandingMs: 100_000 });
    world.ends.set("a", landsAt(12_000));
    const landed = confirmations.confirm("a", 5, runtime.now());
    await runtime.run(runtime.sleep(10_000, never));
    expect(asked).toEqual([]);
    world.sending = false;
    hurry.abort();
    expect(await runtime.run(landed)).toEqual({ state: "landed" });
    // A quarter of 60 calls a minute.
    expect(asked.at(-1)?.at).toBeLessThanOrEqual(14_000);
  });

  it("gives up on a batch that does not land in time, after one last question, and on no other", async () => {
    const { runtime, startAt, world, confirmations } = setUp({ landingTimeoutMs: 120_000 });
    world.ends.set("late", landsAt(200_000));
    const stuck = confirmations.confirm("stuck", 7, startAt);
    const failed = stuck.then(
      () => null,
      (error: unknown) => ({ error, at: runtime.now() - startAt }),
    );
    await runtime.run(runtime.sleep(100_000, never));
    const late = confirmations.confirm("late", 5, runtime.now());
    expect((await runtime.run(late)).state).toBe("landed");
    const { error, at } = (await failed) ?? { error: null, at: 0 };
    expect(error).toBeInstanceOf(TransientError);
    expect(String(error)).toMatch(/7 rows was accepted 2 minutes ago.*event stuck/);
    expect(at).toBeGreaterThan(120_000);
    expect(at).toBeLessThan(160_000);
  });

  it("does not give up on a batch that there was no time to ask about", async () => {
    const { runtime, world, confirmations } = setUp({ landingTimeoutMs: 60_000 });
    world.ends.set("a", landsAt(1000));
    world.overlooked.add("a");
    const outcome = confirmations.confirm("a", 5, runtime.now());
    await runtime.run(runtime.sleep(300_000, never));
    expect(confirmations.pending()).toBe(1);
    world.overlooked.clear();
    expect((await runtime.run(outcome)).state).toBe("landed");
  });

  it("takes a batch that has landed for landed, although it is late", async () => {
    const { runtime, world, confirmations } = setUp({ landingTimeoutMs: 1000 });
    world.ends.set("a", landsAt(0));
    const outcome = confirmations.confirm("a", 5, runtime.now() - 5000);
    expect((await runtime.run(outcome)).state).toBe("landed");
  });

  it("rejects everything at once when the run leaves, and everything that comes after", async () => {
    const { runtime, startAt, leave, confirmations } = setUp();
    const reason = new Error("leaving");
    const waiting = ["a", "b"].map((event) => confirmations.confirm(event, 5, runtime.now()));
    const settled = Promise.allSettled(waiting);
    void runtime.sleep(5000, never).then(() => leave.abort(reason));
    const ends = await runtime.run(settled);
    expect(ends).toEqual([
      { status: "rejected", reason },
      { status: "rejected", reason },
    ]);
    expect(runtime.now() - startAt).toBe(5000);
    await expect(runtime.run(confirmations.confirm("c", 5, runtime.now()))).rejects.toBe(reason);
    expect(confirmations.pending()).toBe(0);
  });

  it("rejects everything when asking fails for good, and begins afresh with the next batch", async () => {
    const { runtime, world, confirmations } = setUp();
    world.fault = new TransientError("Personize did not answer");
    await expect(runtime.run(confirmations.confirm("a", 5, runtime.now()))).rejects.toBe(world.fault);
    world.fault = null;
    world.ends.set("b", landsAt(0));
    expect((await runtime.run(confirmations.confirm("b", 5, runtime.now()))).state).toBe("landed");
  });
});

describe("how often questions are asked", () => {
  it("asks once or twice a batch when it knows how long landing takes", async () => {
    const { runtime, asked, world, confirmations } = setUp({ callsPerMinute: 1000, expectedLandingMs: 90_000 });
    world.ends.set("a", landsAt(92_000));
    await runtime.run(confirmations.confirm("a", 5, runtime.now()));
    expect(asked.length).toBeLessThanOrEqual(3);
    expect(asked.at(-1)?.at).toBeLessThan(110_000);
  });

  it("needs few questions to find out how long landing takes", async () => {
    const { runtime, asked, world, confirmations } = setUp({ callsPerMinute: 60 });
    world.ends.set("a", landsAt(90_000));
    await runtime.run(confirmations.confirm("a", 5, runtime.now()));
    expect(asked.length).toBeLessThanOrEqual(8);
  });

  it("learns how long landing takes, and does not drift away from it over many batches", async () => {
    const { runtime, startAt, world, confirmations } = setUp({ callsPerMinute: 300 });
    expect(confirmations.landingMs()).toBeNull();
    for (let index = 0; index < 40; index += 1) {
      world.ends.set(`e${index}`, landsAt(runtime.now() - startAt + 60_000));
      await runtime.run(confirmations.confirm(`e${index}`, 5, runtime.now()));
    }
    expect(confirmations.landingMs()).toBeGreaterThanOrEqual(60_000);
    expect(confirmations.landingMs()).toBeLessThan(75_000);
  });

  it("learns nothing from batches of an earlier run", async () => {
    const { runtime, world, confirmations } = setUp();
    world.ends.set("old", landsAt(0));
    await runtime.run(confirmations.confirm("old", 5, null));
    expect(confirmations.landingMs()).toBeNull();
  });
});
