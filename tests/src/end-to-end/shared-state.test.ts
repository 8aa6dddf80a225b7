import { mkdir, mkdtemp, readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectDestinationEqualsSource, syncToTheEnd } from "../real-kills/expect-equal.ts";
import { CREATE_PEOPLE, startWriters } from "../real-kills/writers.ts";
import { root } from "../repository.ts";
import { createRandom, drawSeed } from "../support/random.ts";
import { contact, contactSync, TEXTS, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();
const SEED = drawSeed("SHARED_STATE_SEED");
/** In the database of the source, which is as good as any. The URL holds the password that no output may show. */
const STATE = "${DATABASE_URL}?schema=sync_state";

/** As `npm install @acme/state-postgres` leaves it beside a configuration. */
async function install(world: World): Promise<void> {
  await mkdir(join(world.folder, "node_modules/@acme"), { recursive: true });
  await symlink(join(root, "packages/state-postgres"), join(world.folder, "node_modules/@acme/state-postgres"));
}

async function createTable(world: World, rows: number): Promise<void> {
  await world.database.query(
    `create table people (id int primary key, email text, city text, updated_at timestamptz default now());
     insert into people select n, n || '@people.example', 'city' from generate_series(1, ${rows}) n`,
  );
}

const cities = { people: contactSync("people", { city: contact("city") }) };

/** The same database, service and state, seen from another machine: another folder with nothing in it but a configuration. */
async function elsewhere(world: World): Promise<World> {
  const other = world.inFolder(await mkdtemp(join(world.folder, "machine-")));
  await install(other);
  return other;
}

describe.concurrent("a state in PostgreSQL", () => {
  it("serves every command, and keeps its password to itself", async () => {
    const world = await worlds.create();
    await install(world);
    await createTable(world, 30);
    await world.configure({ state: STATE, syncs: cities });
    expect((await world.run("status")).out).toContain("people: never ran");
    expect(await world.database.query("select 1 from pg_namespace where nspname = 'sync_state'")).toEqual([]);
    expect((await world.sync()).rows).toMatchObject({ read: 30, landed: 30 });
    await world.database.query("update people set city = 'other', updated_at = now() where id = 7");
    // In a folder that knows nothing of the first run.
    const other = await elsewhere(world);
    await other.configure({ state: STATE, syncs: cities });
    expect((await other.sync()).rows).toMatchObject({ sent: 1, landed: 1 });
    const show = await other.run("state", "show");
    expect(show.out).toMatch(/^State: postgres:\/\/127\.0\.0\.1:\d+\/test_\d+\?schema=sync_state\n/);
    expect(show.out).toContain('"landedRows": 30');
    for (const words of [["check"], ["plan"], ["verify"], ["retry"], ["status"], ["state", "forget", "7"]])
      expect(await other.run(...words), words.join(" ")).toMatchObject({ code: 0, err: "" });
    expect(await other.summary()).toMatchObject({ landedRows: 29 });
    expect((await other.sync("--full")).rows).toMatchObject({ sent: 1, landed: 1, unchanged: 29 });
    expect(await world.run("state", "reset", "--yes")).toMatchObject({ code: 0 });
    expect(await other.summary()).toMatchObject({ cursor: null, landedRows: 0 });
  });

  it("without the package for it: what to install, exit code 2", async () => {
    const world = await worlds.create();
    await world.configure({ state: STATE, syncs: cities });
    const { code, err } = await world.run("status");
    expect([code, err]).toEqual([2, expect.stringContaining("npm install @acme/state-postgres")]);
  });

  it("that cannot be reached, or refuses: one message, its exit code, and no password", async () => {
    const world = await worlds.create();
    await install(world);
    const wrong: readonly (readonly [string, number, string])[] = [
      ["postgres://owner:n0tthepassword@127.0.0.1:1/x", 6, "cannot be reached"],
      [`postgres://owner:n0tthepassword@127.0.0.1:${worlds.server().port}/x`, 3, "refused user owner"],
      ["${DATABASE_URL}_none", 2, 'there is no database "test_'],
      ["${DATABASE_URL}?schema=sync-state", 2, "schema is made of letters"],
      ["${DATABASE_URL}?sslmode=require", 2, "offers no TLS"],
      ["postgres://owner:n0tthepassword@/x", 2, "the URL of the database is wrong"],
    ];
    for (const [state, exitCode, message] of wrong) {
      await world.configure({ state, syncs: cities });
      for (const words of [["sync"], ["status"]]) {
        const { code, out, err } = await world.run(...words);
        expect([state, code, err]).toEqual([state, exitCode, expect.stringContaining(message)]);
        expect(out + err).not.toContain("n0tthepassword");
        expect(err.match(/^error: /gm)).toHaveLength(1);
      }
    }
  });

  it("lets one of two machines run a sync, and the other say who does", async () => {
    const world = await worlds.create({ landingDelayMs: 3000 });
    await install(world);
    await createTable(world, 50);
    const machines = [world, await elsewhere(world), await elsewhere(world)];
    for (const machine of machines) await machine.configure({ state: STATE, syncs: cities });
    const ended = await Promise.all(machines.map((machine) => machine.run("sync")));
    expect(ended.map(({ code }) => code).toSorted((left, right) => Number(left) - Number(right))).toEqual([0, 6, 6]);
    for (const { code, err } of ended)
      if (code !== 0) expect(err).toMatch(/Another run of sync "people" is at work: .*, process \d+ \([0-9a-f]{6}\)/);
    expect(world.api.control.counts()).toMatchObject({ records: 50, rowsReceived: 50 });
  });

  it("moves from a file into PostgreSQL and back, and nothing is sent again", async () => {
    const world = await worlds.create();
    await install(world);
    await createTable(world, 1_234);
    await world.database.query("update people set email = null where id = 5");
    await world.configure({ syncs: cities });
    expect((await world.sync()).rows).toMatchObject({ landed: 1_233, parked: 1 });
    const move = async (from: number, state: string): Promise<void> => {
      expect(await world.run("state", "export", "--output", `${from}.jsonl`)).toMatchObject({ code: 0 });
      await world.configure({ state, syncs: cities });
      expect(await world.run("state", "import", `${from}.jsonl`)).toMatchObject({ code: 0, err: "" });
    };
    await move(1, STATE);
    expect(await world.run("state", "import", "1.jsonl")).toMatchObject({ code: 2 });
    await move(2, "back.db");
    await world.run("state", "export", "--output", "3.jsonl");
    const files = await Promise.all([1, 2, 3].map((number) => readFile(join(world.folder, `${number}.jsonl`), "utf8")));
    const [first, second, third] = files.map((text) => text.split("\n").slice(1, -2));
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    const receipt = await world.sync("--full");
    expect(receipt.rows).toMatchObject({ read: 1_234, unchanged: 1_233, sent: 0 });
    expect(receipt.previousReceipt).toMatch(/^[0-9a-f]{64}$/);
  });

  it("while two machines are killed at any moment and take turns: the destination equals the source", {
    timeout: 240_000,
  }, async () => {
    const random = createRandom(SEED);
    const world = await worlds.create({ landingDelayMs: { minMs: 10, maxMs: 250 }, seed: SEED });
    await install(world);
    await world.database.query(CREATE_PEOPLE);
    const machines = [world, await elsewhere(world)];
    for (const machine of machines) {
      await machine.configure({
        state: STATE,
        personize: { maxRowsPerCall: 8 },
        engine: { lateLandingMs: 1500, landingTimeoutMs: 10_000, interruptGraceMs: 2000 },
        syncs: {
          people: contactSync("people", {
            city: contact("city"),
            lifetime_value: contact("amount"),
            notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
          }),
        },
      });
    }
    world.api.control.addFault({
      kind: "late-landing",
      method: "POST",
      path: "batch-memorize",
      probability: 0.1,
      delayMs: 650,
      seed: SEED,
    });
    const writers = startWriters(world.database, SEED);
    let kills = 0;
    for (let round = 0; round < 12; round += 1) {
      const both = machines.map((machine) => machine.start(["sync"]));
      await new Promise((resolve) => setTimeout(resolve, random.between(400, 1800)));
      const [dying, other] = random.chance(0.5) ? both : both.toReversed();
      dying?.child.kill("SIGKILL");
      if ((await dying?.ended)?.signal === "SIGKILL") kills += 1;
      if (random.chance(0.5)) other?.child.kill("SIGKILL");
      await other?.ended;
    }
    await writers.stop();
    expect(kills).toBeGreaterThan(3);
    await syncToTheEnd(world, 3);
    await expectDestinationEqualsSource(world);
    expect(await world.summary()).toMatchObject({ heldBy: null, unsettledBatches: 0 });
  });
});
