import { execFileSync } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { startPersonizeApi } from "@acme/personize-api";
import { findFreePort } from "@acme/test-servers";
import { afterAll, describe, expect, it } from "vitest";
import { type Config, contact, contactSync, KEY, TEXTS, useWorlds, type World } from "../support/world.ts";
import { until } from "../support/until.ts";
import { expectDestinationEqualsSource, syncToTheEnd } from "./expect-equal.ts";
import { CREATE_PEOPLE } from "./writers.ts";

const worlds = useWorlds();

const CONFIG: Config = {
  personize: { maxRowsPerCall: 3, maxConcurrentRequests: 2 },
  engine: { maxBufferedBytes: 1_048_576 },
  syncs: {
    people: contactSync(
      "people",
      {
        city: contact("city"),
        lifetime_value: contact("amount"),
        notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
      },
      { source: { pageRows: 10 } },
    ),
  },
};

async function createPeople(config: Config = CONFIG): Promise<World> {
  // 180 rows in batches of three, two at a time, each taking a little: time for something to happen in the middle.
  const world = await worlds.create();
  await world.database.query(CREATE_PEOPLE);
  await world.configure(config);
  world.api.control.addFault({ kind: "slow-headers", path: "batch-memorize", delayMs: 100, probability: 1 });
  return world;
}

async function inTheMiddle(world: World): Promise<void> {
  await until("requests", () => world.writes() > 8);
}

const canMount = process.getuid?.() === 0 && process.platform === "linux";
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync("umount", ["--lazy", mount]);
});

async function mountSmall(world: World): Promise<string> {
  const folder = join(world.folder, "small");
  await mkdir(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", folder]);
  mounts.push(folder);
  return folder;
}

describe("in the middle of a run", () => {
  it("PostgreSQL restarts: the run goes on by itself, or the next one does", { timeout: 120_000 }, async () => {
    const world = await createPeople();
    const running = world.start(["sync"]);
    await inTheMiddle(world);
    await worlds.server().halt();
    await worlds.server().resume();
    const { code, err } = await running.ended;
    expect([0, 6], err).toContain(code);
    if (code === 6) expect(err).toMatch(/→/);
    await syncToTheEnd(world, 2);
    await expectDestinationEqualsSource(world);
  });

  it("PostgreSQL stops and stays away: exit code 6, and the next run goes on", { timeout: 150_000 }, async () => {
    const world = await createPeople();
    // More than a run may hold in memory: so it still has to read when the server goes away.
    await world.database.query("update people set notes = repeat('long ', 5000) || '.'");
    const running = world.start(["sync"]);
    await inTheMiddle(world);
    await worlds.server().halt();
    const { code, err } = await running.ended;
    await worlds.server().resume();
    expect(code, err).toBe(6);
    expect(err).toMatch(/PostgreSQL/);
    expect(err).not.toMatch(/^ +at /m);
    const { rowsReceived } = world.api.control.counts();
    expect(await world.run("sync")).toMatchObject({ code: 0 });
    expect(rowsReceived).toBeGreaterThan(20);
    await expectDestinationEqualsSource(world);
  });

  it("Personize restarts, and keeps what it had: the run waits and goes on", async () => {
    const world = await createPeople();
    const port = await findFreePort();
    const options = {
      port,
      file: join(world.folder, "personize.jsonl"),
      saveEveryMs: 0,
      landingDelayMs: { minMs: 5, maxMs: 60 },
      organizations: [{ id: "org_tests", keys: [KEY], plan: "unlimited" as const }],
    };
    const first = await startPersonizeApi(options);
    first.control.addFault({ kind: "slow-headers", path: "batch-memorize", delayMs: 100, probability: 1 });
    await world.configure({ ...CONFIG, personize: { ...CONFIG.personize, baseUrl: first.url } });
    const running = world.start(["sync"]);
    await until("requests", () => first.control.counts().rowsReceived > 20);
    await first.close();
    await new Promise((resolve) => setTimeout(resolve, 300));
    const second = await startPersonizeApi(options);
    const { code, err } = await running.ended;
    expect(code, err).toBe(0);
    await expectDestinationEqualsSource({ ...world, api: second });
    await second.close();
  });

  it.skipIf(!canMount)(
    "the disk of the state is full [needs root and tmpfs: run the tests as root on Linux]",
    async () => {
      const world = await createPeople({ ...CONFIG, state: "small/state.db" });
      const folder = await mountSmall(world);
      const running = world.start(["sync"]);
      await inTheMiddle(world);
      try {
        execFileSync("dd", ["if=/dev/zero", `of=${join(folder, "filler")}`, "bs=4k"], { stdio: "ignore" });
      } catch {
        // It ends with "no space left": that is what it is for.
      }
      const { code, err } = await running.ended;
      expect(code, err).toBe(6);
      expect(err).toMatch(/no space left/);
      expect(err).not.toMatch(/^ +at /m);
      await rm(join(folder, "filler"));
      await syncToTheEnd(world, 2);
      await expectDestinationEqualsSource(world);
    },
  );
});
