import { describe, expect, it } from "vitest";
import type { RetryReport } from "../contracts/job.ts";
import { createWorld, fill, type World, type WorldOptions } from "./__fixtures__/world.ts";
import { retrySync } from "./retry.ts";

function retry(world: World, drain = new AbortController().signal): Promise<RetryReport> {
  return world.runtime.run(retrySync(world.job, world.engine, { drain }));
}

/** Ten rows, of which r2, r5 and r7 are refused and parked; the others have landed. */
async function parkedWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(options);
  fill(world.source, 10);
  const bad = new Set(["r2", "r5", "r7"]);
  world.destination.weather.onSend = ({ rows }) =>
    rows.some(({ key }) => bad.has(key)) ? { state: "refused", reason: "HTTP 400", ambiguous: false } : null;
  const receipt = await world.run();
  expect(receipt).toMatchObject({ exitCode: 4, rows: { landed: 7, refused: 3 } });
  return world;
}

async function parkedKeys(world: World): Promise<string[]> {
  return (await world.state.parked("customers", 100)).map(({ key }) => key);
}

describe("retry", () => {
  it("sends the parked rows only, as they are now, and moves no checkpoint", async () => {
    const world = await parkedWorld();
    const before = await world.state.summary("customers");
    world.destination.weather.onSend = () => null;
    const sentBefore = world.destination.sent.length;
    world.source.put("r5", { email: "r5@example.com", name: "newer" });
    fill(world.source, 1, 10);

    const report = await retry(world);
    expect(report).toMatchObject({
      parked: 3,
      gone: 0,
      receipt: { exitCode: 0, rows: { read: 3, sent: 3, landed: 3 } },
    });
    const sent = world.destination.sent.slice(sentBefore).flatMap(({ batch }) => batch.rows.map(({ key }) => key));
    expect(sent.toSorted()).toEqual(["r2", "r5", "r7"]);
    expect(world.actual().get("r5@example.com")?.name).toBe("newer");
    expect(await parkedKeys(world)).toEqual([]);
    const after = await world.state.summary("customers");
    expect([after?.cursor, after?.proved]).toEqual([before?.cursor, before?.proved]);

    expect((await world.run()).rows).toMatchObject({ read: 2, unchanged: 1, landed: 1 });
    expect(world.actual()).toEqual(world.expected());
    expect(world.destination.violations).toEqual([]);
  });

  it("keeps what is refused again, and ends with exit code 4", async () => {
    const world = await parkedWorld();
    const report = await retry(world);
    expect(report).toMatchObject({ receipt: { exitCode: 4, rows: { read: 3, landed: 0, refused: 3 } } });
    expect(await parkedKeys(world)).toEqual(["r2", "r5", "r7"]);
  });

  it("drops rows that are gone at the source, left out by now, or back at what had landed", async () => {
    const world = await parkedWorld({ where: [{ field: "age", notEquals: 99 }] });
    world.destination.weather.onSend = () => null;
    world.source.remove("r2");
    world.source.put("r5", { email: "r5@example.com", age: 99 });
    const report = await retry(world);
    expect(report).toMatchObject({ parked: 3, gone: 1, receipt: { rows: { read: 2, filtered: 1, landed: 1 } } });
    expect(await parkedKeys(world)).toEqual([]);

    // r7 has landed by now. A newer version is refused, and then taken back at the source.
    const landed = world.source.rows().find(({ key }) => key === "r7");
    world.source.put("r7", { email: "r7@example.com", name: "refused" });
    world.destination.weather.onSend = () => ({ state: "refused", reason: "HTTP 400", ambiguous: false });
    await world.run();
    expect(await parkedKeys(world)).toEqual(["r7"]);
    world.source.put("r7", { ...landed?.fields });
    const sentBefore = world.destination.sent.length;
    expect(await retry(world)).toMatchObject({ gone: 0, receipt: { exitCode: 0, rows: { read: 1, unchanged: 1 } } });
    expect(world.destination.sent).toHaveLength(sentBefore);
    expect(await parkedKeys(world)).toEqual([]);
  });

  it("does nothing where nothing is parked", async () => {
    const world = await createWorld();
    expect(await retry(world)).toEqual({ sync: "customers", parked: 0, gone: 0, receipt: null });
    expect(world.destination.sent).toEqual([]);
  });

  it("forgets nothing when it dies with rows under way: whatever became of them, they stay parked", async () => {
    const world = await parkedWorld();
    // The replies are lost for good, as far as the state knows: so it is when the process is killed.
    world.destination.weather.onSend = () => null;
    world.destination.weather.losesReply = () => true;
    world.destination.weather.neverLands = () => true;
    expect(await retry(world)).toMatchObject({ receipt: { exitCode: 6 } });
    expect((await world.state.summary("customers"))?.unsettledBatches).toBeGreaterThan(0);
    world.destination.weather.losesReply = () => false;
    world.destination.weather.neverLands = () => false;
    await world.run();
    expect(await parkedKeys(world)).toEqual(["r2", "r5", "r7"]);
    expect(await retry(world)).toMatchObject({ parked: 3, receipt: { exitCode: 0, rows: { landed: 3 } } });
    expect(world.actual()).toEqual(world.expected());
  });

  it("keeps a row parked that had no identity when it was, if it dies with the row under way", async () => {
    const world = await createWorld();
    world.source.put("nobody", { email: null, name: "nobody@example.com" });
    expect((await world.run()).rows.parked).toBe(1);
    // Another field identifies it from now on: the checkpoint has passed it.
    world.job = { ...world.job, mapping: { ...world.job.mapping, email: "name" } };
    world.destination.weather.losesReply = () => true;
    world.destination.weather.neverLands = () => true;
    expect(await retry(world)).toMatchObject({ receipt: { exitCode: 6 } });
    world.destination.weather.losesReply = () => false;
    world.destination.weather.neverLands = () => false;
    await world.run();
    expect(await parkedKeys(world)).toEqual(["nobody"]);
    expect(await retry(world)).toMatchObject({ parked: 1, receipt: { exitCode: 0, rows: { landed: 1 } } });
    expect(await parkedKeys(world)).toEqual([]);
  });

  it("forgets nothing when it is interrupted: what was not tried stays parked", async () => {
    const world = await parkedWorld();
    world.destination.weather.onSend = () => null;
    world.destination.weather.turnMs = 60_000;
    const drain = world.interruptAfter(1000, { signal: "SIGTERM" });
    const report = await retry(world, drain);
    expect(report).toMatchObject({ receipt: { exitCode: 143, rows: { landed: 0 } } });
    expect(await parkedKeys(world)).toEqual(["r2", "r5", "r7"]);
    world.destination.weather.turnMs = 20;
    expect(await retry(world)).toMatchObject({ parked: 3, receipt: { exitCode: 0, rows: { landed: 3 } } });
  });
});
