import { describe, expect, it } from "vitest";
import { AuthError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import { createWorld, fill, type World, type WorldOptions } from "./__fixtures__/world.ts";
import { retrySync } from "./retry.ts";

type Properties = Readonly<Record<string, Json>>;

/** Two batches of five rows each; of the first it is not known what became of an earlier copy. */
async function doubtfulWorld(options: WorldOptions = {}): Promise<World> {
  const world = await createWorld(options);
  fill(world.source, 10);
  let isFirst = true;
  world.destination.weather.isAmbiguous = () => {
    const was = isFirst;
    isFirst = false;
    return was;
  };
  return world;
}

function expectInOrder(world: World): void {
  expect(world.actual()).toEqual(world.expected());
  expect(world.destination.violations).toEqual([]);
}

const other = (record: string, stored: Properties | null): Properties | null =>
  record === "r1@example.com" && stored !== null ? { ...stored, name: "an older value" } : stored;

describe("reading back", () => {
  it("costs nothing as long as every reply is heard", async () => {
    const world = await createWorld();
    fill(world.source, 10);
    expect((await world.run()).readBack).toBeUndefined();
    expect(world.destination.lookedUp).toEqual([]);
  });

  it("looks at a few records of a batch of unknown fate, once where they are as sent", async () => {
    const world = await doubtfulWorld();
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { sent: 10, landed: 10 } });
    expect(receipt.readBack).toEqual({ records: 3, sentAgain: 0, differing: 0, unknown: 0 });
    const records = world.destination.lookedUp.map(({ record }) => record);
    expect(new Set(records).size).toBe(3);
    const [first] = world.destination.sent;
    expect(first?.batch.rows.map(({ record }) => record)).toEqual(expect.arrayContaining(records));
    expect(world.destination.sent).toHaveLength(2);
  });

  it("looks at what an earlier run left without an answer, long after that, too", async () => {
    const world = await createWorld();
    fill(world.source, 5);
    world.destination.weather.losesReply = () => true;
    expect((await world.run()).exitCode).toBe(6);
    world.destination.weather.losesReply = () => false;
    await world.wait(24 * 60 * 60_000);
    expect((await world.run()).readBack).toMatchObject({ records: 3, sentAgain: 0 });
    expect((await world.run({ full: true })).readBack).toBeUndefined();
  });

  it("looks at batches that the service lost sight of", async () => {
    const world = await createWorld();
    fill(world.source, 5);
    let told = 0;
    world.destination.weather.onAsked = () => (told++ === 0 ? { state: "vanished" } : null);
    expect(await world.run()).toMatchObject({ exitCode: 0, readBack: { records: 3, sentAgain: 0 } });
  });

  it("reads no more records than allowed in a run, and none when told so", async () => {
    const world = await createWorld({ settings: { readBackRecords: 4 } });
    fill(world.source, 20);
    world.destination.weather.isAmbiguous = () => true;
    expect((await world.run()).readBack).toMatchObject({ records: 4 });
    expect(world.destination.lookedUp).toHaveLength(4);

    const silent = await createWorld({ settings: { readBackRecords: 0 } });
    fill(silent.source, 5);
    silent.destination.weather.isAmbiguous = () => true;
    expect((await silent.run()).readBack).toBeUndefined();
    expect(silent.destination.lookedUp).toEqual([]);
  });

  it("sends a batch again that landed by its event only, and moves no checkpoint before it has", async () => {
    const world = await doubtfulWorld();
    let dropped: string | null = null;
    world.destination.weather.neverLands = ({ id }) => id === (dropped ??= id);
    world.destination.weather.onAsked = ({ id }) => (id === dropped ? { state: "landed" } : null);
    let cursorMeanwhile: unknown = "not asked";
    world.destination.weather.onLookup = (_, stored) => {
      void world.state.summary("customers").then((summary) => (cursorMeanwhile = summary?.cursor ?? null));
      return stored;
    };
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { sent: 10, landed: 10 } });
    expect(receipt.readBack).toEqual({ records: 3, sentAgain: 3, differing: 0, unknown: 0 });
    expect(world.destination.sent.map(({ batch }) => batch.rows.length)).toEqual([5, 5, 5]);
    expect(cursorMeanwhile).toBeNull();
    expectInOrder(world);
  });

  it("parks what is not as sent even then; retry sends it", async () => {
    const world = await doubtfulWorld();
    world.destination.weather.onLookup = (_, stored) => (stored === null ? null : { ...stored, name: "older" });
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 4, rows: { sent: 10, landed: 7, refused: 3 } });
    expect(receipt.readBack).toEqual({ records: 3, sentAgain: 3, differing: 3, unknown: 0 });
    const parked = await world.state.parked("customers", 10);
    expect(parked).toHaveLength(3);
    expect(parked[0]).toMatchObject({ code: "NOT_SEEN" });
    expect(JSON.stringify(parked)).not.toContain("older");
    const sent = world.destination.sent.length;
    expect((await world.run({ full: true })).rows).toMatchObject({ sent: 0, parked: 3 });

    world.destination.weather.onLookup = (_, stored) => stored;
    const drain = new AbortController().signal;
    const report = await world.runtime.run(retrySync(world.job, world.engine, { drain }));
    expect(report.receipt).toMatchObject({ exitCode: 0, rows: { landed: 3 } });
    expect(world.destination.sent.length).toBeGreaterThan(sent);
    expect(await world.state.parked("customers", 10)).toEqual([]);
    expectInOrder(world);
  });

  it("is patient with reads that lag behind writes", async () => {
    const world = await doubtfulWorld();
    const from = world.runtime.now();
    world.destination.weather.onLookup = (_, stored) => (world.runtime.now() < from + 300_000 ? null : stored);
    const receipt = await world.run();
    expect(receipt.readBack).toEqual({ records: 3, sentAgain: 0, differing: 0, unknown: 0 });
    expect(world.destination.sent).toHaveLength(2);
    expect(world.destination.lookedUp).toHaveLength(4 * 3);
    expect(world.progress.map(({ waitingFor }) => waitingFor)).toContain(
      "records to show what was sent, after a lost reply",
    );
  });

  it("infers nothing from records that are never found: sent once more, said, and let be", async () => {
    // One batch after the other: what the first has shown is enough for the others.
    const world = await createWorld({ settings: { readBackRecords: 100, maxBufferedBytes: 1 } });
    fill(world.source, 20);
    world.destination.weather.isAmbiguous = () => true;
    world.destination.weather.onLookup = () => null;
    world.source.pageSize = 5;
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { landed: 20 } });
    expect(receipt.readBack).toEqual({ records: 12, sentAgain: 3, differing: 0, unknown: 12 });
    expect(world.destination.sent).toHaveLength(5);
    expect(world.progress.at(-1)?.notices.join()).toContain("not found by its email");
    expectInOrder(world);
  });

  it.each([
    ["is refused", new ConfigError("Personize refused a search")],
    ["gets no answer", new TransientError("Personize did not answer properly 8 times in a row")],
  ])("lets the rows count as landed when looking %s, and says so", async (_, error) => {
    const world = await doubtfulWorld();
    world.destination.weather.onLookup = () => {
      throw error;
    };
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { landed: 10 } });
    expect(receipt.readBack).toEqual({ records: 3, sentAgain: 0, differing: 0, unknown: 3 });
    expect(world.progress.at(-1)?.notices.join()).toContain("3 records could not be read back");
    expect((await world.run({ full: true })).rows.sent).toBe(0);
  });

  it("ends the run when the key is rejected; the next one asks what became of the batch", async () => {
    const world = await doubtfulWorld();
    world.destination.weather.onLookup = () => {
      throw new AuthError("Personize did not accept the secret key");
    };
    expect(await world.run()).toMatchObject({ exitCode: 3 });
    const sent = world.destination.sent.length;
    expect((await world.run()).exitCode).toBe(0);
    expect(world.destination.sent).toHaveLength(sent);
    expectInOrder(world);
  });

  it("takes values of append-only properties for what they are: one among others", async () => {
    const world = await doubtfulWorld();
    world.destination.weather.onLookup = (_, stored) =>
      stored === null ? null : { ...stored, name: ["before", stored["name"] ?? null] };
    expect((await world.run()).readBack).toMatchObject({ sentAgain: 0, unknown: 0 });
  });

  it("keeps nobody waiting who interrupts; what was not as sent is sent by the next run", async () => {
    const world = await doubtfulWorld();
    world.destination.weather.onLookup = (_, stored) => (stored === null ? null : { ...stored, name: "older" });
    const from = world.runtime.now();
    const receipt = await world.run({ drain: world.interruptAfter(12_000, { signal: "SIGTERM" }) });
    expect(receipt).toMatchObject({ exitCode: 143, rows: { landed: 5 } });
    expect(world.runtime.now() - from).toBeLessThan(20_000);
    world.destination.weather.onLookup = (_, stored) => stored;
    expect((await world.run()).rows).toMatchObject({ landed: 5 });
    expectInOrder(world);
  });

  it("compares with what was sent, also where only one record is wrong", async () => {
    const world = await doubtfulWorld({ seed: 3, settings: { readBackRecords: 12 } });
    world.destination.weather.limits = { ...world.destination.weather.limits, maxRows: 2 };
    world.destination.weather.isAmbiguous = () => true;
    world.destination.weather.onLookup = other;
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 4, rows: { refused: 1, landed: 9 } });
    expect((await world.state.parked("customers", 10)).map(({ key }) => key)).toEqual(["r1"]);
    expect(receipt.readBack).toEqual({ records: 10, sentAgain: 1, differing: 1, unknown: 0 });
  });
});
