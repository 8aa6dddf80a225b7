import { describe, expect, it } from "vitest";
import type { VerifyReport } from "../contracts/job.ts";
import { createWorld, fill, type World } from "./__fixtures__/world.ts";
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
});
