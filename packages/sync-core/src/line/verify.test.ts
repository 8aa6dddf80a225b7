import { describe, expect, it } from "vitest";
import type { VerifyReport } from "../contracts/job.ts";
import { createWorld, fill, type World } from "./__fixtures__/world.ts";
import { retrySync } from "./retry.ts";
import { verifySync, type VerifyOptions } from "./verify.ts";

function verify(world: World, options: Partial<VerifyOptions> = {}): Promise<VerifyReport> {
  const all = { sample: null, repair: false, signal: new AbortController().signal, ...options };
  return world.runtime.run(verifySync(world.job, world.engine, all));
}

/** A world of ten rows that have landed, but for what was done to the destination behind the sync's back. */
async function landedWorld(): Promise<World> {
  const world = await createWorld();
  fill(world.source, 10);
  await world.run();
  return world;
}

function tamper(world: World): void {
  world.destination.weather.overwrite("r3@example.com", { name: "somebody else" });
  world.destination.weather.overwrite("r5@example.com", null);
}

describe("verify", () => {
  it("finds every row that landed equal, and sends nothing", async () => {
    const world = await landedWorld();
    const sent = world.destination.sent.length;
    expect(await verify(world)).toEqual({
      sync: "customers",
      rowsRead: 10,
      checked: 10,
      equal: 10,
      notLanded: 0,
      missing: [],
      different: [],
      withoutMemories: [],
      repaired: null,
    });
    expect(world.destination.sent).toHaveLength(sent);
  });

  it("checks as many as the sample asks for", async () => {
    expect(await verify(await landedWorld(), { sample: 4 })).toMatchObject({ rowsRead: 10, checked: 4, equal: 4 });
  });

  it("does not take rows that changed or failed for differences", async () => {
    const world = await landedWorld();
    world.source.put("r1", { email: "r1@example.com", name: "newer" });
    world.source.put("nobody", { email: null });
    world.source.put("late", { email: "late@example.com" });
    expect(await verify(world)).toMatchObject({ checked: 9, equal: 9, notLanded: 3, missing: [], different: [] });
  });

  it("names rows that are missing, and properties that differ, never their values", async () => {
    const world = await landedWorld();
    tamper(world);
    const report = await verify(world);
    expect(report).toMatchObject({
      checked: 10,
      equal: 8,
      missing: ["r5"],
      different: [{ key: "r3", properties: ["name"] }],
    });
    expect(JSON.stringify(report)).not.toContain("somebody");
  });

  it("repairs them, and leaves the checkpoint and what was proved as they were", async () => {
    const world = await landedWorld();
    const before = await world.state.summary("customers");
    tamper(world);
    const report = await verify(world, { repair: true });
    expect(report.repaired).toMatchObject({ exitCode: 0, rows: { read: 2, sent: 2, landed: 2 } });
    expect(await verify(world)).toMatchObject({ checked: 10, equal: 10 });
    const after = await world.state.summary("customers");
    expect(after?.cursor).toEqual(before?.cursor);
    expect(after?.proved).toEqual(before?.proved);
    expect((await world.run()).rows).toMatchObject({ read: 0, sent: 0 });
  });

  describe("that repairs and is killed", () => {
    const parkedKeys = async (world: World): Promise<string[]> =>
      (await world.state.parked("customers", 100)).map(({ key }) => key);

    /** The replies are lost for good, as far as the state knows: so it is when the process is killed. */
    async function killedRepair(world: World, options: Partial<VerifyOptions> = {}): Promise<void> {
      world.destination.weather.losesReply = () => true;
      world.destination.weather.neverLands = () => true;
      expect((await verify(world, { ...options, repair: true })).repaired).toMatchObject({ exitCode: 6 });
      expect((await world.state.summary("customers"))?.unsettledBatches).toBeGreaterThan(0);
      world.destination.weather.losesReply = () => false;
      world.destination.weather.neverLands = () => false;
    }

    it("leaves what it has found parked, whatever a sync does meanwhile, and `retry` sends it", async () => {
      for (const compared of [false, true]) {
        const world = await createWorld();
        world.source.isCompared = compared;
        fill(world.source, 10);
        await world.run();
        tamper(world);
        await killedRepair(world);
        expect(await parkedKeys(world)).toEqual(["r3", "r5"]);
        const { rows } = await world.run();
        // Where everything is read it takes them up by itself.
        expect(rows).toMatchObject({ landed: compared ? 2 : 0 });
        expect(await parkedKeys(world)).toEqual(compared ? [] : ["r3", "r5"]);
        const retried = await world.runtime.run(
          retrySync(world.job, world.engine, { drain: new AbortController().signal }),
        );
        expect(retried).toMatchObject({ parked: compared ? 0 : 2 });
        expect(await parkedKeys(world)).toEqual([]);
        expect(world.actual()).toEqual(world.expected());
        expect(world.destination.violations).toEqual([]);
      }
    });

    it("leaves it to the next repair, although that may look at other rows, or before anything was settled", async () => {
      for (const settles of [true, false]) {
        const world = await landedWorld();
        tamper(world);
        await killedRepair(world);
        if (settles) await world.run();
        const next = await verify(world, { repair: true, sample: 1 });
        expect(next.repaired).toMatchObject({ exitCode: 0, rows: { landed: 2 } });
        expect(await parkedKeys(world)).toEqual([]);
        expect(world.actual()).toEqual(world.expected());
        expect(await verify(world, { repair: true })).toMatchObject({ checked: 10, equal: 10, repaired: null });
      }
    });

    it("leaves rows in doubt that the checkpoint has passed: the next repair takes them up", async () => {
      const world = await createWorld();
      const { mapping } = world.job;
      const { notes: _, ...properties } = mapping.properties;
      world.job = { ...world.job, mapping: { ...mapping, properties } };
      fill(world.source, 10);
      await world.run();
      // A text joins in, and is empty everywhere: all is as it landed, though no digest is what it was.
      world.job = { ...world.job, mapping };
      tamper(world);
      await killedRepair(world);
      await world.run();
      // Nothing is parked any more, as an operator may have it.
      const state = await world.state.claim("customers", "somebody", 1000);
      await state?.writeDown([], [], ["r3", "r5"]);
      await state?.release();
      expect((await verify(world, { repair: true })).repaired).toMatchObject({ exitCode: 0, rows: { landed: 2 } });
      expect(await verify(world)).toMatchObject({ checked: 10, equal: 10 });
    });
  });

  it("that repairs keeps a row that is refused parked, also where everything is read again", async () => {
    const world = await landedWorld();
    tamper(world);
    world.destination.weather.onSend = ({ rows }) =>
      rows.some(({ key }) => key === "r3") ? { state: "refused", reason: "HTTP 400", ambiguous: false } : null;
    expect((await verify(world, { repair: true })).repaired).toMatchObject({
      exitCode: 4,
      rows: { landed: 1, refused: 1 },
    });
    expect(await world.run({ full: true })).toMatchObject({ exitCode: 4, rows: { parked: 1 } });
    world.destination.weather.onSend = () => null;
    expect((await verify(world, { repair: true })).repaired).toMatchObject({ exitCode: 0, rows: { landed: 1 } });
    expect(world.actual()).toEqual(world.expected());
  });
});
