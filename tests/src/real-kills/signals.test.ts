import { describe, expect, it } from "vitest";
import { contact, contactSync, useWorlds, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const worlds = useWorlds();

/** How long a run may go on asking about accepted batches after the first signal (engine.interruptGraceMs). */
const GRACE_MS = 6000;
/** For the machine to get round to it. */
const SLACK_MS = 6000;

async function createPeople(landingDelayMs: number): Promise<World> {
  // Slow enough that a run takes half a minute.
  const world = await worlds.create({
    landingDelayMs,
    organizations: [{ id: "org", keys: ["sk_test_wr1tten4tests"], plan: { perMinute: 600, perMonth: 1_000_000 } }],
  });
  await world.database.query(
    `create table people (id int primary key, email text, city text, updated_at timestamptz default now());
     insert into people select n, 'p' || n || '@people.example', 'city' from generate_series(1, 300) n`,
  );
  await world.configure({
    personize: { maxRowsPerCall: 5 },
    engine: { interruptGraceMs: GRACE_MS },
    syncs: { people: contactSync("people", { city: contact("city") }, { source: { pageRows: 10 } }) },
  });
  return world;
}

const SIGNALS = [
  ["SIGTERM", 143],
  ["SIGINT", 130],
] as const;

describe.concurrent("signals", () => {
  it.each(SIGNALS)(
    "%s: what is in flight is settled, checkpointed, exit code %i within the stated time",
    async (signal, code) => {
      const world = await createPeople(300);
      const running = world.start(["sync"]);
      await until("requests", () => world.writes() > 4);
      const signalledAt = performance.now();
      running.child.kill(signal);
      const ended = await running.ended;
      expect(performance.now() - signalledAt).toBeLessThan(GRACE_MS + SLACK_MS);
      expect(ended.code).toBe(code);
      expect(ended.err).not.toMatch(/^ +at /m);
      const summary = await world.summary();
      expect(summary).toMatchObject({ unsettledBatches: 0, heldBy: null });
      expect(summary?.cursor ?? null).not.toBeNull();
      expect(summary?.landedRows).toBe(world.api.control.counts().rowsReceived);

      // The next run goes on from there and sends nothing twice.
      world.api.control.setPlan({ perMinute: 100_000, perMonth: 1_000_000 });
      expect(await world.run("sync")).toMatchObject({ code: 0 });
      expect(world.api.control.counts()).toMatchObject({ records: 300, rowsReceived: 300 });
    },
  );

  it.each(SIGNALS)("%s while batches do not land: they are left to the next run in time", async (signal, code) => {
    const world = await createPeople(60_000);
    const running = world.start(["sync"]);
    await until("requests", () => world.writes() > 1);
    const signalledAt = performance.now();
    running.child.kill(signal);
    expect((await running.ended).code).toBe(code);
    expect(performance.now() - signalledAt).toBeLessThan(GRACE_MS + SLACK_MS);
    expect((await world.summary())?.unsettledBatches).toBeGreaterThan(0);
    const { rowsReceived } = world.api.control.counts();

    world.api.control.settleAll();
    world.api.control.setKnobs({ landingDelayMs: 10 });
    world.api.control.setPlan({ perMinute: 100_000, perMonth: 1_000_000 });
    expect(await world.run("sync")).toMatchObject({ code: 0 });
    expect(rowsReceived).toBeGreaterThan(0);
    expect(world.api.control.counts()).toMatchObject({ records: 300, rowsReceived: 300 });
  });

  it.each(SIGNALS)("a second %s leaves at once, safely", async (signal, code) => {
    const world = await createPeople(60_000);
    const running = world.start(["sync"]);
    await until("requests", () => world.writes() > 1);
    running.child.kill(signal);
    await running.said(/once more to stop at once/);
    const signalledAt = performance.now();
    running.child.kill(signal);
    expect((await running.ended).code).toBe(code);
    expect(performance.now() - signalledAt).toBeLessThan(1500);

    world.api.control.settleAll();
    world.api.control.setKnobs({ landingDelayMs: 10 });
    world.api.control.setPlan({ perMinute: 100_000, perMonth: 1_000_000 });
    expect(await world.run("sync")).toMatchObject({ code: 0 });
    expect(world.api.control.counts().records).toBe(300);
  });

  it.each(["check", "plan", "verify"])("%s is interrupted cleanly, too", async (command) => {
    const world = await createPeople(10);
    world.api.control.addFault({ kind: "slow-headers", delayMs: 3000, path: "collections" });
    const running = world.start([command]);
    await until("the request", () => world.api.control.faults()[0]?.hits === 1);
    running.child.kill("SIGINT");
    const { code, err } = await running.ended;
    expect(code).toBe(130);
    expect(err).not.toMatch(/^ +at /m);
  });
});
