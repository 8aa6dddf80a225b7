import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Batch } from "../contracts/line.ts";
import { createWorld, fill, type World } from "./__fixtures__/world.ts";

type How = "refused at once" | "failed later" | "failed in part, unsaid where";

/** From now on, batches with one of these rows do not land. */
function refuse(world: World, bad: ReadonlySet<string>, how: How): void {
  const isBad = ({ rows }: Batch): boolean => rows.some(({ key }) => bad.has(key));
  const { weather } = world.destination;
  if (how === "refused at once") {
    weather.onSend = (batch) => (isBad(batch) ? { state: "refused", reason: "HTTP 400", ambiguous: false } : null);
    return;
  }
  weather.neverLands = isBad;
  weather.onAsked = (batch) => {
    if (!isBad(batch)) return null;
    return how === "failed later"
      ? { state: "failed", reason: "HTTP 400", again: false }
      : { state: "partial", reason: "HTTP 400", failures: null };
  };
}

async function worldOf(rows: number, batchRows: number): Promise<World> {
  const world = await createWorld();
  world.destination.weather.limits = { ...world.destination.weather.limits, maxRows: batchRows };
  world.source.pageSize = batchRows;
  fill(world.source, rows);
  return world;
}

const log2 = (size: number): number => Math.ceil(Math.log2(size));

describe("batches that are refused as a whole", () => {
  it.each<How>(["refused at once", "failed later", "failed in part, unsaid where"])(
    "%s: all good rows land, all bad ones are parked, within the bound of calls",
    (how) =>
      fc.assert(
        fc.asyncProperty(
          fc.integer({ min: 2, max: 40 }),
          fc.uniqueArray(fc.nat(39), { minLength: 1, maxLength: 6 }),
          async (size, places) => {
            const bad = new Set(places.map((place) => `r${place % size}`));
            const world = await worldOf(size, size);
            refuse(world, bad, how);
            const receipt = await world.run();
            expect(receipt).toMatchObject({
              exitCode: 4,
              cursorAfter: size,
              rows: { sent: size, landed: size - bad.size, refused: bad.size, unsent: 0 },
            });
            const parked = await world.state.parked("customers", 100);
            expect(new Set(parked.map(({ key }) => key))).toEqual(bad);
            expect(parked.every(({ reason }) => reason.includes("HTTP 400"))).toBe(true);
            expect(await world.state.summary("customers")).toMatchObject({ unsettledBatches: 0 });
            expect(world.destination.violations).toEqual([]);
            const found = bad.size * (log2(size) + 1);
            expect(world.destination.sent.length - 1).toBeLessThanOrEqual(found < size ? found : 2 * size + log2(size));
          },
        ),
        { numRuns: 25 },
      ),
  );

  it("leaves nothing unknown when it is interrupted in the middle of a search", async () => {
    const world = await worldOf(32, 32);
    refuse(world, new Set(["r3", "r20"]), "refused at once");
    for (let ms = 200; ms < 1200; ms += 130) {
      await world.run({ drain: world.interruptAfter(ms, { signal: "SIGTERM" }) });
      expect((await world.state.summary("customers"))?.unsettledBatches).toBe(0);
    }
    await world.run();
    expect((await world.state.parked("customers", 10)).map(({ key }) => key)).toEqual(["r20", "r3"]);
    expect(world.actual().size).toBe(30);
  });
});

describe("a destination that refuses almost everything", () => {
  const all = (count: number): Set<string> => new Set(Array.from({ length: count }, (_, index) => `r${index}`));

  it("ends the run after a hundred rows, resumable, with the reason", async () => {
    const world = await worldOf(2000, 50);
    // So that one batch is under way at a time.
    world.source.beforePage = () => world.runtime.sleep(60_000, new AbortController().signal);
    refuse(world, all(2000), "refused at once");
    const receipt = await world.run();
    expect(receipt).toMatchObject({
      exitCode: 6,
      outcome: "gave-up",
      message: "The destination refuses almost everything: HTTP 400",
      hint: expect.stringContaining("`retry`"),
    });
    expect(receipt.rows).toMatchObject({ refused: 100, sent: 100 });
    expect(receipt.calls).toBeLessThan(2 * 110 + 5);

    refuse(world, new Set(), "refused at once");
    const { rows } = await world.run();
    expect(rows).toMatchObject({ refused: 0 });
    expect(rows.landed + receipt.rows.refused).toBe(2000);
    const parked = (await world.state.parked("customers", Infinity)).map(({ key }) => key);
    expect(parked).toHaveLength(receipt.rows.refused);
    expect(world.actual().size + parked.length).toBe(2000);
  });

  it("does not end it while at least half of the rows land", async () => {
    const world = await worldOf(300, 10);
    const bad = new Set([...all(300)].filter((_, index) => index % 5 > 2));
    refuse(world, bad, "refused at once");
    expect(await world.run()).toMatchObject({ exitCode: 4, rows: { landed: 180, refused: 120 } });
  });

  it("says nothing about fewer rows than a hundred", async () => {
    const world = await worldOf(99, 10);
    refuse(world, all(99), "refused at once");
    expect(await world.run()).toMatchObject({ exitCode: 4, rows: { refused: 99 } });
  });
});
