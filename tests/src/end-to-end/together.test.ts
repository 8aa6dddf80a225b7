import { describe, expect, it } from "vitest";
import { contact, contactSync, KEY, useWorlds, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const worlds = useWorlds();

async function createTable(world: World, name: string, rows: number): Promise<void> {
  await world.database.query(
    `create table ${name} (id int primary key, email text, city text, updated_at timestamptz default now());
     insert into ${name} select n, '${name}' || n || '@people.example', 'city' from generate_series(1, ${rows}) n`,
  );
}

describe.concurrent("several processes", () => {
  it("of one sync: exactly one works, the others say who holds it and end with 6", async () => {
    const world = await worlds.create({ landingDelayMs: 3000 });
    await createTable(world, "people", 50);
    await world.configure({ syncs: { people: contactSync("people", { city: contact("city") }) } });
    const started = [1, 2, 3].map(() => world.start(["sync"]));
    const ended = await Promise.all(started.map((process) => process.ended));
    const winner = ended.findIndex(({ code }) => code === 0);
    expect(ended.map(({ code }) => code).toSorted((left, right) => Number(left) - Number(right))).toEqual([0, 6, 6]);
    for (const [index, { code, err }] of ended.entries()) {
      if (code === 0) continue;
      expect(err).toContain('Another run of sync "people" is at work');
      expect(err).toContain(`process ${started[winner]?.child.pid}`);
      expect(err, String(index)).toMatch(/→ One run per sync at a time/);
    }
    expect(world.api.control.counts()).toMatchObject({ records: 50, rowsReceived: 50 });
    expect(await world.run("sync")).toMatchObject({ code: 0 });
  });

  it("while one runs, status says who, and reset refuses", async () => {
    const world = await worlds.create({ landingDelayMs: 4000 });
    await createTable(world, "people", 5);
    await world.configure({ syncs: { people: contactSync("people", { city: contact("city") }) } });
    const running = world.start(["sync"]);
    await until("requests", () => world.writes() > 0);
    const [status, reset] = await Promise.all([world.run("status"), world.run("state", "reset", "--yes")]);
    expect(status.out).toContain(`process ${running.child.pid}`);
    expect(reset.code).toBe(6);
    expect(reset.err).toMatch(/a run is at work/);
    expect((await running.ended).code).toBe(0);
    expect((await world.summary())?.landedRows).toBe(5);
  });

  it("of different syncs with one key and one state: together they stay under the minute limit", {
    timeout: 180_000,
  }, async () => {
    const world = await worlds.create({ organizations: [{ id: "org_free", keys: [KEY], plan: "free" }] });
    await createTable(world, "people", 45);
    await createTable(world, "others", 45);
    await world.configure({
      syncs: {
        people: contactSync("people", { city: contact("city") }),
        others: contactSync("others", { city: contact("city") }),
      },
    });
    const started = ["people", "others"].map((name) => world.start(["sync", "--only", name]));
    const landed = (name: string): number =>
      world.api.control.records().filter(({ key }) => key.startsWith(name)).length;
    // Both at once would take two minutes to their end; what has to hold shows long before, sooner or later as the machine is busy.
    for (let second = 0; second < 60 && (landed("people") < 8 || landed("others") < 8); second += 1)
      await new Promise((resolve) => setTimeout(resolve, 1000));
    for (const { child } of started) child.kill("SIGTERM");
    const codes = (await Promise.all(started.map((process) => process.ended))).map(({ code }) => code);
    expect(codes.every((code) => code === 0 || code === 143)).toBe(true);
    const { control } = world.api;
    expect(control.counts().rateLimited).toEqual({ perMinute: 0, perMonth: 0, concurrent: 0 });
    expect(control.peakUnitsInWindow()).toBeLessThanOrEqual(60);
    // Neither starves the other.
    expect(landed("people")).toBeGreaterThan(3);
    expect(landed("others")).toBeGreaterThan(3);
  });
});
