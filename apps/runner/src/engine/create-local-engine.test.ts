import { expect, test } from "vitest";
import { createEngineWorld, type EngineWorld } from "./__fixtures__/world.ts";
import { HAND_PRIORITY } from "./choose-next.ts";
import { createSchedule } from "./schedule.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const MONDAY = Date.UTC(2026, 10, 23);

const byHand = (sync: string, kind: "sync" | "retry" = "sync") =>
  ({ sync, kind, trigger: kind === "retry" ? "retry" : "hand", priority: HAND_PRIORITY }) as const;
const runsOf = (world: EngineWorld, sync: string) => world.ran.filter((one) => one.sync === sync);
const stop = { graceMs: 10_000, interrupt: { signal: "SIGTERM" } } as const;

/** What must hold of any history: one run a sync at a time. */
function expectOneAtATime(world: EngineWorld): void {
  for (const sync of new Set(world.ran.map((one) => one.sync))) {
    const runs = runsOf(world, sync).toSorted((a, b) => a.at - b.at);
    for (const [at, run] of runs.entries()) {
      const next = runs[at + 1];
      if (next !== undefined && run.endedAt !== null) expect(next.at).toBeGreaterThanOrEqual(run.endedAt);
    }
  }
}

test("a week of schedules: every moment has its run, none has two", async () => {
  await using world = createEngineWorld(MONDAY);
  await world.runner("runner 1", {
    schedules: { hourly: "0 * * * *", nightly: "30 2 * * *", workdays: "0 9 * * 1-5", quarterly: "*/15 * * * *" },
  });
  await world.pass(7 * DAY + MINUTE);
  expect(runsOf(world, "hourly")).toHaveLength(7 * 24);
  expect(runsOf(world, "nightly")).toHaveLength(7);
  expect(runsOf(world, "workdays")).toHaveLength(5);
  expect(runsOf(world, "quarterly")).toHaveLength(7 * 96);
  for (const { at } of runsOf(world, "hourly")) expect(at % HOUR).toBe(0);
  expectOneAtATime(world);
  expect(world.problems).toEqual([]);
});

test.each([
  { change: "forward", from: Date.UTC(2027, 2, 27, 12), nightly: 2, halfHourly: 96 },
  { change: "back", from: Date.UTC(2027, 9, 30, 12), nightly: 2, halfHourly: 96 },
])("when clocks go $change no night is left out and none is run twice", async ({ from, nightly, halfHourly }) => {
  await using world = createEngineWorld(from);
  await world.runner("runner 1", {
    timezone: "Europe/Berlin",
    schedules: { nightly: "30 2 * * *", often: "*/30 * * * *" },
  });
  await world.pass(2 * DAY + MINUTE);
  expect(runsOf(world, "nightly")).toHaveLength(nightly);
  expect(runsOf(world, "often")).toHaveLength(halfHourly);
});

test("a run begins later by the delay of its sync, each time the same", async () => {
  await using world = createEngineWorld(MONDAY);
  const syncs = Array.from({ length: 20 }, (_, at) => `sync-${at}`);
  await world.runner("runner 1", {
    maxConcurrentRuns: 20,
    jitterMs: 10 * MINUTE,
    schedules: Object.fromEntries(syncs.map((sync) => [sync, "0 * * * *"])),
  });
  await world.pass(3 * HOUR);
  const delays = new Map<string, number[]>();
  for (const { sync, at } of world.ran) delays.set(sync, [...(delays.get(sync) ?? []), at % HOUR]);
  for (const [sync, [first, ...others]] of delays) {
    expect(first, sync).toBeLessThanOrEqual(10 * MINUTE);
    for (const other of others) expect(other, sync).toBe(first);
  }
  expect(new Set([...delays.values()].map(([first]) => first)).size).toBeGreaterThan(15);
});

test("moments that passed while nobody was there are made up for by one run, or left", async () => {
  await using world = createEngineWorld(MONDAY);
  const schedules = { made: "0 * * * *" };
  const first = await world.runner("runner 1", { schedules });
  await world.pass(90 * MINUTE);
  expect(runsOf(world, "made")).toHaveLength(1);
  await world.runtime.run(first.engine.stop(stop));
  await world.pass(10 * HOUR);
  await world.runner("runner 2", { schedules, jitterMs: 10 * MINUTE });
  await world.pass(MINUTE);
  // At once: it is late as it is.
  expect(runsOf(world, "made")).toHaveLength(2);
  await world.pass(HOUR);
  expect(runsOf(world, "made")).toHaveLength(3);
});

test("with `skip` they are left, and the next moment counts", async () => {
  await using world = createEngineWorld(MONDAY);
  const schedules = { left: "0 * * * *" };
  const first = await world.runner("runner 1", { schedules, missed: "skip" });
  await world.pass(90 * MINUTE);
  await world.runtime.run(first.engine.stop(stop));
  await world.pass(10 * HOUR);
  const { engine } = await world.runner("runner 2", { schedules, missed: "skip" });
  await world.pass(10_000);
  expect(runsOf(world, "left")).toHaveLength(1);
  expect(engine.nextRunAt("left")).toBe(MONDAY + 12 * HOUR);
  await world.pass(HOUR);
  expect(runsOf(world, "left")).toHaveLength(2);
});

test("a sync that is new has missed nothing", async () => {
  await using world = createEngineWorld(MONDAY + 30 * MINUTE);
  await world.runner("runner 1", { schedules: { fresh: "0 0 * * *" } });
  await world.pass(HOUR);
  expect(world.ran).toEqual([]);
});

test("moments that come during a run are made up for by one run after it", async () => {
  await using world = createEngineWorld(MONDAY);
  await world.runner("runner 1", { schedules: { slow: "* * * * *" }, takesMs: () => 150_000 });
  await world.pass(20 * MINUTE);
  const runs = runsOf(world, "slow");
  expect(runs.map(({ trigger }) => trigger)).toEqual(["schedule", ...runs.slice(1).map(() => "again")]);
  // One after the other without a pause: 19 minutes hold seven runs of two and a half, the last one begun.
  expect(runs).toHaveLength(8);
  expectOneAtATime(world);
});

test("several syncs run at once, up to the limit, and nobody starves", async () => {
  await using world = createEngineWorld(MONDAY);
  const syncs = Array.from({ length: 12 }, (_, at) => `sync-${at}`);
  let most = 0;
  await world.runner("runner 1", {
    maxConcurrentRuns: 3,
    schedules: Object.fromEntries(syncs.map((sync) => [sync, "* * * * *"])),
    takesMs: () => {
      most = Math.max(most, world.ran.filter(({ endedAt }) => endedAt === null).length);
      return 45_000;
    },
  });
  await world.pass(HOUR);
  expect(most).toBe(3);
  const counts = syncs.map((sync) => runsOf(world, sync).length);
  // Three places, 45 seconds each: 240 runs an hour for twelve syncs that all want more.
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(19);
  expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
});

test("what a person asks for does not wait behind long runs", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", {
    maxConcurrentRuns: 2,
    schedules: { a: "0 * * * *", b: "0 * * * *", c: "0 * * * *" },
    takesMs: ({ sync }) => (sync === "hand" ? 1000 : 10 * HOUR),
  });
  await world.pass(HOUR + MINUTE);
  await engine.enqueueRun(byHand("hand"));
  await world.pass(10);
  expect(world.ran.map(({ sync }) => sync)).toEqual(["a", "b", "hand"]);
});

test("a wish that waits already is not noted twice; one during a run is, once", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", { takesMs: () => MINUTE });
  expect(await engine.enqueueRun(byHand("customers"))).not.toBeNull();
  await world.pass(1000);
  expect(await engine.enqueueRun(byHand("customers"))).not.toBeNull();
  expect(await engine.enqueueRun(byHand("customers"))).toBeNull();
  expect(await engine.enqueueRun(byHand("customers", "retry"))).not.toBeNull();
  await world.pass(10 * MINUTE);
  expect(world.ran.map(({ trigger }) => trigger).toSorted()).toEqual(["again", "hand", "retry"]);
  expectOneAtATime(world);
});

test("to cancel ends the run, and takes out what waits behind it", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", {
    takesMs: () => HOUR,
    end: () => ({ state: "again", dueAt: 0 }),
  });
  await engine.enqueueRun(byHand("customers"));
  await world.pass(1000);
  await engine.enqueueRun(byHand("customers"));
  expect(await engine.cancelRun("customers")).toBe("cancelling");
  await world.pass(MINUTE);
  expect(world.ran).toMatchObject([{ interrupted: true }]);
  expect(engine.list()).toEqual([]);
  expect(await engine.cancelRun("customers")).toBe("none");
});

test("to cancel reaches a run of another runner", async () => {
  await using world = createEngineWorld(MONDAY);
  const one = await world.runner("runner 1", { takesMs: () => HOUR });
  await one.engine.enqueueRun(byHand("customers"));
  await world.pass(1000);
  const two = await world.runner("runner 2", { syncs: [] });
  expect(await two.engine.cancelRun("customers")).toBe("cancelling");
  await world.pass(MINUTE);
  expect(world.ran).toMatchObject([{ runner: "runner 1", interrupted: true }]);
});

test("a paused sync fires no more until it is resumed, and makes up for nothing", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", { schedules: { customers: "0 * * * *" } });
  await world.pass(HOUR + MINUTE);
  await engine.pause("customers");
  expect(engine.nextRunAt("customers")).toBeNull();
  await world.pass(5 * HOUR);
  expect(world.ran).toHaveLength(1);
  await engine.enqueueRun(byHand("customers"));
  await world.pass(MINUTE);
  expect(world.ran).toHaveLength(2);
  await engine.resume("customers");
  expect(engine.nextRunAt("customers")).toBe(MONDAY + 7 * HOUR);
  await world.pass(HOUR);
  expect(world.ran).toHaveLength(3);
});

test("two runners of one queue fire every moment once, and share the runs", async () => {
  await using world = createEngineWorld(MONDAY);
  const syncs = Array.from({ length: 10 }, (_, at) => `sync-${at}`);
  const schedules = Object.fromEntries(syncs.map((sync) => [sync, "*/5 * * * *"]));
  for (const name of ["runner 1", "runner 2"])
    await world.runner(name, { schedules, maxConcurrentRuns: 2, takesMs: () => 40_000 });
  await world.pass(6 * HOUR + 4 * MINUTE);
  for (const sync of syncs) expect(runsOf(world, sync)).toHaveLength(72);
  for (const name of ["runner 1", "runner 2"])
    expect(world.ran.filter(({ runner }) => runner === name).length).toBeGreaterThan(100);
  expectOneAtATime(world);
  expect(world.problems).toEqual([]);
});

test("what a killed runner was at is taken over when its lease is over, or at once where its death can be seen", async () => {
  await using world = createEngineWorld(MONDAY);
  const first = await world.runner("runner 1", { takesMs: () => HOUR });
  await first.engine.enqueueRun(byHand("customers"));
  await world.pass(1000);
  await world.runner("runner 2", { takesMs: () => MINUTE });
  first.kill();
  await world.pass(50_000);
  expect(world.ran).toHaveLength(1);
  await world.pass(MINUTE);
  expect(world.ran).toMatchObject([{ runner: "runner 1" }, { runner: "runner 2", trigger: "hand" }]);

  await first.queue.enqueue({ ...byHand("orders"), dueAt: 0 });
  await world.pass(10_000);
  await world.runner("runner 3");
  expect(world.ran).toHaveLength(3);
});

test("a runner that starts sees at once that the one before it is gone", async () => {
  await using world = createEngineWorld(MONDAY);
  const first = await world.runner("runner 1", { takesMs: () => HOUR });
  await first.engine.enqueueRun(byHand("customers"));
  await world.pass(1000);
  first.kill();
  await world.runner("runner 2");
  await world.pass(1000);
  expect(world.ran).toMatchObject([{ runner: "runner 1" }, { runner: "runner 2" }]);
});

test("to stop asks every run to end, waits as long as it may, and leaves them to the next runner", async () => {
  await using world = createEngineWorld(MONDAY);
  const first = await world.runner("runner 1", { takesMs: () => HOUR });
  await first.engine.enqueueRun(byHand("customers"));
  await first.engine.enqueueRun(byHand("orders"));
  await world.pass(1000);
  expect(await world.runtime.run(first.engine.stop(stop))).toBe(0);
  expect(world.ran.every(({ interrupted }) => interrupted)).toBe(true);
  await first.engine.enqueueRun(byHand("late"));
  await world.pass(MINUTE);
  expect(world.ran).toHaveLength(2);
  await world.runner("runner 2");
  await world.pass(MINUTE);
  expect(
    world.ran
      .slice(2)
      .map(({ sync }) => sync)
      .toSorted(),
  ).toEqual(["customers", "late", "orders"]);
});

test("to stop does not wait longer than it was told to", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", { takesMs: () => HOUR, isDeaf: true });
  await engine.enqueueRun(byHand("customers"));
  await world.pass(1000);
  const before = world.runtime.now();
  expect(await world.runtime.run(engine.stop(stop))).toBe(1);
  expect(world.runtime.now() - before).toBe(stop.graceMs);
});

test("a run that is to go on later waits until then", async () => {
  await using world = createEngineWorld(MONDAY);
  let tries = 0;
  const { engine } = await world.runner("runner 1", {
    end: () => (++tries < 3 ? { state: "again", dueAt: world.runtime.now() + 15_000 } : { state: "ended" }),
  });
  await engine.enqueueRun(byHand("customers"));
  await world.pass(5 * MINUTE);
  expect(world.ran.map(({ at }) => at - MONDAY)).toEqual([0, 16_000, 32_000]);
});

test("a queue that cannot be reached is a problem, and none any more when it can", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine, queue } = await world.runner("runner 1", { schedules: { customers: "* * * * *" } });
  const { entries } = queue;
  queue.entries = () => Promise.reject(new Error("no disk"));
  await world.pass(MINUTE);
  expect(engine.problem()).toBe("the run queue cannot be reached");
  queue.entries = entries;
  await world.pass(2 * MINUTE);
  expect(engine.problem()).toBeNull();
  expect(world.ran.length).toBeGreaterThanOrEqual(2);
});

test("a schedule that is taken away fires no more; one that changes counts from then on", async () => {
  await using world = createEngineWorld(MONDAY);
  const { engine } = await world.runner("runner 1", { schedules: { a: "0 * * * *", b: "0 * * * *" } });
  await engine.setSchedule("a", null);
  const options = { sync: "b", cron: "30 * * * *", timezone: "UTC", jitterMs: 0, missed: "once" } as const;
  await engine.setSchedule("b", createSchedule(options, world.runtime.now()));
  await world.pass(HOUR + MINUTE);
  expect(world.ran.map(({ sync, at }) => [sync, at - MONDAY])).toEqual([["b", 30 * MINUTE]]);
});
