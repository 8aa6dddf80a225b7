import { describe, expect, it } from "vitest";
import { createRandom, drawSeed } from "../support/random.ts";
import { contact, contactSync, TEXTS, useWorlds, type World } from "../support/world.ts";
import { expectDestinationEqualsSource, syncToTheEnd } from "./expect-equal.ts";
import { CREATE_PEOPLE, startWriters } from "./writers.ts";

const worlds = useWorlds();

/** In all. `REAL_KILLS=500` for a long search, `REAL_KILLS_SEED` to repeat one. */
const KILLS = Number(process.env["REAL_KILLS"] ?? 52);
const SEED = drawSeed("REAL_KILLS_SEED");
/** No copy may land later than this after it was sent: landing takes up to 250 ms, 900 ms where it is late. */
const LATE_LANDING_MS = 1500;

const SOURCES = [
  { name: "by cursor, small pages", source: { pageRows: 35 } },
  { name: "compared in full", source: { cursor: undefined } },
] as const;

async function createPeople(seed: number, source: Readonly<Record<string, unknown>>): Promise<World> {
  const world = await worlds.create({ landingDelayMs: { minMs: 10, maxMs: 250 }, seed });
  await world.database.query(CREATE_PEOPLE);
  await world.configure({
    personize: { maxRowsPerCall: 8 },
    engine: { lateLandingMs: LATE_LANDING_MS, landingTimeoutMs: 10_000, interruptGraceMs: 2000 },
    syncs: {
      people: contactSync(
        "people",
        {
          city: contact("city"),
          lifetime_value: contact("amount"),
          notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
        },
        { source },
      ),
    },
  });
  const { control } = world.api;
  const write = { method: "POST", path: "batch-memorize", seed } as const;
  control.addFault({ kind: "late-landing", ...write, probability: 0.08, delayMs: 650 });
  control.addFault({ kind: "reset-after", ...write, probability: 0.03, seed: seed + 1 });
  control.addFault({ kind: "reset-before", ...write, probability: 0.02, seed: seed + 2 });
  control.addFault({ kind: "server-error", status: 503, applied: true, ...write, probability: 0.02, seed: seed + 3 });
  control.addFault({ kind: "slow-headers", ...write, probability: 0.1, delayMs: 120, seed: seed + 4 });
  control.addFault({ kind: "event-failed-stale", applied: true, ...write, probability: 0.02, seed: seed + 5 });
  return world;
}

describe.concurrent("SIGKILL at any moment while rows change", () => {
  it.each(SOURCES.map(({ name, source }, index) => [name, source, SEED + index * 100] as const))(
    "%s: in the end the destination equals the source",
    { timeout: 60_000 + KILLS * 5000 },
    async (_, source, seed) => {
      const random = createRandom(seed);
      const world = await createPeople(seed, source);
      const writers = startWriters(world.database, seed);
      let kills = 0;
      let ends = 0;
      while (kills < KILLS / SOURCES.length && ends < KILLS) {
        const seen = world.writes();
        const dying = world.start(["sync"]);
        // Anywhere from the start of the process on, or close to the moments at which batches are under way.
        if (random.chance(0.3)) await pause(random.between(50, 900));
        else {
          while (world.writes() === seen && dying.child.exitCode === null) await pause(5);
          await pause(random.between(0, 400));
        }
        dying.child.kill("SIGKILL");
        const { signal, code, err } = await dying.ended;
        if (signal === "SIGKILL") kills += 1;
        else {
          ends += 1;
          expect([0, 4], `${code}: ${err}`).toContain(code);
        }
      }
      await writers.stop();
      expect(kills).toBeGreaterThanOrEqual(KILLS / SOURCES.length);
      await syncToTheEnd(world, 3);
      await expectDestinationEqualsSource(world);
      expect(await world.run("verify", "--sample", "20")).toMatchObject({ code: 0 });
      expect(await world.summary()).toMatchObject({ heldBy: null });
      const { events, rowsReceived } = world.api.control.counts();
      process.stdout.write(`${kills} kills, ${ends} ended by themselves; ${events} batches, ${rowsReceived} rows\n`);
    },
  );
});

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
