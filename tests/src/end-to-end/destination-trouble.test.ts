import type { Fault } from "@acme/personize-api";
import { describe, expect, it } from "vitest";
import { contact, contactSync, KEY, TEXTS, useWorlds, type World } from "../support/world.ts";
import { until } from "../support/until.ts";

const worlds = useWorlds();
type Options = Parameters<typeof worlds.create>[0];

const BATCH = { method: "POST", path: "batch-memorize" } as const;
const EVENT = { method: "GET", path: "/events" } as const;

/** `count` people, and a sync of them in batches of five. */
async function createPeople(count: number, options?: Options, engine: Record<string, unknown> = {}): Promise<World> {
  const world = await worlds.create(options);
  await world.database.query(
    `create table people (id int primary key, email text, city text, notes text, updated_at timestamptz not null default now());
     insert into people select n, 'p' || n || '@people.example', 'city ' || n, 'Note ' || n || '.', '2026-03-01'
       from generate_series(1, ${count}) n`,
  );
  await world.configure({
    personize: { maxRowsPerCall: 5 },
    engine,
    syncs: {
      people: contactSync("people", {
        city: contact("city"),
        notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
      }),
    },
  });
  return world;
}

/** The destination holds exactly the table: every value, every text. */
async function expectEqual(world: World): Promise<void> {
  world.api.control.settleAll();
  const rows = await world.database.query("select email, city, notes from people order by id");
  const stored = world.api.control.records({ type: "contact" }).map(({ keys, values }) => ({
    email: keys["email"],
    city: values["city"] ?? null,
    notes: values["notes"] ?? null,
  }));
  const byEmail = (left: { email?: unknown }, right: { email?: unknown }): number =>
    String(left.email) < String(right.email) ? -1 : 1;
  expect(stored.toSorted(byEmail)).toEqual([...rows].toSorted(byEmail));
}

async function change(world: World, where: string): Promise<void> {
  await world.database.query(`update people set city = city || '!', updated_at = now() where ${where}`);
}

describe.concurrent("rows that are refused", () => {
  it("named in the event: they are parked with the reason, the others land; corrected, they land too", async () => {
    const world = await createPeople(20);
    world.api.control.failRows({ field: "city", equals: "city 7", code: "BAD_CITY", message: "no such city: city 7" });
    const first = await world.sync();
    expect(first).toMatchObject({ exitCode: 4, rows: { sent: 20, landed: 19, refused: 1 } });
    expect((await world.run("status")).out).toMatch(/7 +\S+Z +.*BAD_CITY/);

    // The same version is not sent again; a corrected one is.
    const second = await world.sync("--full");
    expect(second).toMatchObject({ exitCode: 4, rows: { unchanged: 19, parked: 1, sent: 0 } });
    await change(world, "id = 7");
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 1 } });
    expect((await world.run("status")).out).not.toMatch(/\d parked row/);
    await expectEqual(world);
  });

  it.each(["counts", "none"] as const)("not named (%s): the batch is halved until they stand alone", async (report) => {
    const world = await createPeople(20, { failureReport: report });
    world.api.control.failRows({ field: "city", equals: "city 7" });
    world.api.control.failRows({ field: "city", equals: "city 8" });
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 18, refused: 2 } });
    expect(world.api.control.counts().records).toBe(18);
    const { document } = await world.ask("status");
    expect(document.syncs[0]).toMatchObject({ parked: [{ key: "7" }, { key: "8" }] });
  });

  it("the batch is refused as a whole: only the row at fault is parked", async () => {
    const world = await createPeople(20, { maxRowCharacters: 500 });
    await world.database.query("update people set notes = repeat('long ', 200) where id = 9");
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 19, refused: 1 } });
    const { document } = await world.ask("status");
    expect(document.syncs[0]).toMatchObject({ parked: [{ key: "9" }] });
    await world.database.query("update people set notes = 'short', updated_at = now() where id = 9");
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 1 } });
    await expectEqual(world);
  });

  it("a text over the documented limit never leaves", async () => {
    const world = await createPeople(3);
    await world.database.query("update people set notes = repeat('x', 100001) where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 2, parked: 1, sent: 2 } });
    expect((await world.run("status")).out).toMatch(/2 +\S+Z +.*100,?000/);
  });

  it("a row that loses its identity for a while is parked meanwhile", async () => {
    const world = await createPeople(3);
    await world.sync();
    await world.database.query("update people set email = null, updated_at = now() where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { parked: 1 } });
    await world.database.query("update people set email = 'p2@people.example', updated_at = now() where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { unchanged: 1, parked: 0 } });
    expect(await world.summary()).toMatchObject({ parkedRows: 0, landedRows: 3 });
  });

  it("a parked row that goes back to the version that landed is parked no longer", async () => {
    const world = await createPeople(3);
    await world.sync();
    world.api.control.failRows({ field: "city", equals: "city 2!" });
    await change(world, "id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 4 });
    await world.database.query("update people set city = 'city 2', updated_at = now() where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    expect(await world.summary()).toMatchObject({ parkedRows: 0, landedRows: 3 });
    await expectEqual(world);
  });
});

describe.concurrent("quota", () => {
  it.each(["reject", "partial"] as const)(
    "credits run out (%s): exit code 5, and the next run goes on once there are some",
    async (creditsExhausted) => {
      const world = await createPeople(20, {
        creditsExhausted,
        organizations: [{ id: "org", keys: [KEY], plan: "unlimited", credits: 12 }],
      });
      const stopped = await world.run("sync");
      expect(stopped.code).toBe(5);
      expect(stopped.out).toContain("credits");
      const cursor = (await world.summary())?.cursor;
      expect(cursor ?? null).toBeNull();
      world.api.control.setCredits(1000);
      expect(await world.sync()).toMatchObject({ exitCode: 0 });
      await expectEqual(world);
      expect(world.api.control.counts().memories).toBe(20);
    },
  );

  it("the month is over, says the server: exit code 5, nothing is tried again, the next run goes on", async () => {
    const world = await createPeople(20);
    const fault = world.api.control.addFault({ kind: "rate-limit-month", ...BATCH, nth: 2, times: 1000 });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(5);
    expect(stopped.out + stopped.err).toMatch(/month/);
    expect(world.writes()).toBeLessThanOrEqual(5);
    expect(stopped.tookMs).toBeLessThan(15_000);
    world.api.control.removeFault(fault);
    // It is remembered: nothing is sent before there is room in the month again.
    const writes = world.writes();
    expect((await world.run("sync")).code).toBe(5);
    expect(world.writes()).toBe(writes);
    world.api.control.setPlan({ perMinute: 100_000, perMonth: 90_000_000 });
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
  });

  it("the month is over by our own ledger: it stops before the server has to refuse", async () => {
    const world = await createPeople(60, {
      organizations: [{ id: "org", keys: [KEY], plan: { perMinute: 10_000, perMonth: 50 } }],
    });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(5);
    const { rateLimited } = world.api.control.counts();
    expect(rateLimited.perMonth).toBe(0);
    expect(world.api.control.usage().monthUnits).toBeLessThanOrEqual(50);
    // What was accepted has been followed to its end: nothing is left open.
    expect((await world.summary())?.unsettledBatches).toBe(0);
    world.api.control.setPlan({ perMinute: 10_000, perMonth: 10_000 });
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
  });

  it.each([true, false])(
    "429 of a minute are waited for; with Retry-After as a header: %s",
    async (retryAfterHeader) => {
      const world = await createPeople(20, { retryAfterHeader });
      world.api.control.addFault({ kind: "rate-limit-minute", ...BATCH, nth: 2, times: 2, retryAfterSeconds: 1 });
      const receipt = await world.sync();
      expect(receipt).toMatchObject({ exitCode: 0, rows: { landed: 20 } });
      const waited = Object.entries(receipt.waitedMs).filter(([reason]) => /429|minute limit/.test(reason));
      expect(waited.reduce((sum, [, ms]) => sum + ms, 0)).toBeGreaterThanOrEqual(900);
      await expectEqual(world);
    },
  );

  it("status without the month's limit known, and with it", async () => {
    const world = await createPeople(3);
    expect((await world.run("status")).out).toMatch(/Quota in \d{4}-\d\d: 0 units used/);
    await world.sync();
    expect((await world.run("status")).out).toMatch(/Quota in \d{4}-\d\d: \d+ units/);
  });
});

describe.concurrent("credentials", () => {
  it("the key is revoked in mid-run: exit code 3, what landed is kept", async () => {
    const world = await createPeople(20);
    world.api.control.addFault({ kind: "unauthorized", ...BATCH, nth: 3, times: 1000 });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(3);
    expect(stopped.err).toContain("PERSONIZE_SECRET_KEY");
    expect(stopped.err).not.toMatch(/^ +at /m);
    world.api.control.clearFaults();
    const receipt = await world.sync();
    expect(receipt).toMatchObject({ exitCode: 0 });
    expect(receipt.rows.unchanged).toBeGreaterThanOrEqual(10);
    await expectEqual(world);
  });

  it("the plan does not allow writing: exit code 3 with another hint", async () => {
    const world = await createPeople(5);
    world.api.control.addFault({ kind: "forbidden", ...BATCH, times: 1000 });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(3);
    expect(stopped.err).toMatch(/plan or the role/);
  });
});

const PASSING: readonly (readonly [name: string, fault: Fault])[] = [
  ["500", { kind: "server-error", ...BATCH, nth: 2 }],
  ["503 after the write was applied", { kind: "server-error", status: 503, applied: true, ...BATCH, nth: 2 }],
  ["200 with success: false", { kind: "success-false", ...BATCH, nth: 2 }],
  ["an error that is an object", { kind: "error-object", ...BATCH, nth: 2 }],
  ["an answer that is not JSON", { kind: "non-json", applied: true, ...BATCH, nth: 2 }],
  ["a connection reset before the write", { kind: "reset-before", ...BATCH, nth: 2 }],
  ["a connection reset after the write", { kind: "reset-after", ...BATCH, nth: 2 }],
  ["half an answer", { kind: "truncated-body", ...BATCH, nth: 2 }],
  ["a slow answer", { kind: "slow-body", delayMs: 800, ...BATCH, nth: 2 }],
  ["a 500 when asked about events", { kind: "server-error", ...EVENT, nth: 1 }],
  ["a reset when asked about events", { kind: "reset-before", ...EVENT, nth: 1 }],
  ["a 500 when asked who we are", { kind: "server-error", path: "/me" }],
  ["a 502 when asked for collections", { kind: "server-error", status: 502, path: "collections" }],
  ["a batch that lands twice", { kind: "duplicate-landing", delayMs: 300, ...BATCH, nth: 2 }],
  ["a batch that lands late", { kind: "late-landing", delayMs: 1500, ...BATCH, nth: 2 }],
  ["an event that failed as stale", { kind: "event-failed-stale", ...BATCH, nth: 2 }],
  [
    "an event that failed as stale although its rows landed",
    { kind: "event-failed-stale", applied: true, ...BATCH, nth: 2 },
  ],
  ["an event that vanishes", { kind: "event-vanishes", ...BATCH, nth: 2 }],
];

describe.concurrent("faults that pass", () => {
  it.each(PASSING)("%s", async (_, fault) => {
    const world = await createPeople(20);
    world.api.control.addFault(fault);
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { read: 20, landed: 20, parked: 0 } });
    expect(world.api.control.faults()[0]?.hits).toBeGreaterThan(0);
    await expectEqual(world);
    // Nothing is left that a further run would have to do.
    expect(await world.sync("--full")).toMatchObject({ exitCode: 0, rows: { unchanged: 20, sent: 0 } });
  });

  it.each(["batch", "prompt", "context", "managed"] as const)("events that speak the vocabulary %s", async (words) => {
    const world = await createPeople(12, { eventVocabulary: words });
    world.api.control.failRows({ field: "city", equals: "city 3" });
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 11, refused: 1 } });
  });

  it("no listing of events: each is asked about by itself", async () => {
    const world = await createPeople(60, { eventListing: false });
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 60 } });
    await expectEqual(world);
  });

  it("batches that are worked on at once, without an event", async () => {
    const world = await createPeople(20, { batchResult: "inline", acceptedStatus: 200 });
    world.api.control.failRows({ field: "city", equals: "city 3" });
    expect(await world.sync()).toMatchObject({ exitCode: 4, rows: { landed: 19, refused: 1 } });
  });

  it("a server that counts only batches, and one whose reads lag behind its events", async () => {
    const world = await createPeople(20, { countReads: false, readLagMs: 400 });
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 20 } });
    await expectEqual(world);
  });

  it("slow landing is waited for", async () => {
    const world = await createPeople(20, { landingDelayMs: 2500 });
    const receipt = await world.sync();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { landed: 20 } });
    await expectEqual(world);
  });
});

describe.concurrent("faults that do not pass in time", () => {
  it("a stuck event: exit code 6 with what to do; the next run asks first and settles it", async () => {
    const world = await createPeople(20, {}, { landingTimeoutMs: 1500, interruptGraceMs: 500 });
    world.api.control.addFault({ kind: "event-stuck", ...BATCH, nth: 2 });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(6);
    expect(stopped.err).toMatch(/has still not landed \(event \S+\)/);
    expect(stopped.err).toMatch(/→/);
    expect((await world.run("status")).out).toMatch(/1 batch is unsettled/);

    // Still stuck: it says so again, and does not send the rows a second time.
    const writes = world.writes();
    expect((await world.run("sync")).code).toBe(6);
    expect(world.writes()).toBe(writes);
  });

  it("a stuck event that ends after all", async () => {
    const world = await createPeople(20, { landingDelayMs: 4000 }, { landingTimeoutMs: 1000, interruptGraceMs: 200 });
    expect((await world.run("sync")).code).toBe(6);
    await world.configure({
      personize: { maxRowsPerCall: 5 },
      syncs: {
        people: contactSync("people", {
          city: contact("city"),
          notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
        }),
      },
    });
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
    expect(world.api.control.counts().rowsReceived).toBe(20);
  });

  it.each(["not-found", "gone"] as const)("the v1 paths are %s: one clear message, exit code 2", async (v1) => {
    const world = await createPeople(5, { v1 });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(2);
    expect(stopped.err).toMatch(/v1|retired/);
    expect(stopped.err).toMatch(/@personize\/sdk/);
    expect(world.api.control.counts().rowsReceived).toBe(0);
  });

  it("the v1 paths end while a sync is in use: what landed is kept, nothing is parked", async () => {
    const world = await createPeople(5);
    await world.sync();
    await change(world, "id = 1");
    world.api.control.setKnobs({ v1: "gone" });
    const stopped = await world.run("sync");
    expect(stopped.code).toBe(2);
    expect(await world.summary()).toMatchObject({ landedRows: 5, parkedRows: 0 });
    world.api.control.setKnobs({ v1: "serve" });
    expect(await world.sync()).toMatchObject({ exitCode: 0, rows: { landed: 1 } });
    await expectEqual(world);
  });
});

describe.concurrent("a process that dies", () => {
  /** Sends the change of row 2 and dies before it hears an answer; the change was applied. */
  async function dieWhileSending(world: World): Promise<void> {
    world.api.control.addFault({ kind: "hang-after", ...BATCH });
    const dying = world.start(["sync"]);
    await until("the request", () => world.api.control.faults()[0]?.hits === 1);
    dying.child.kill("SIGKILL");
    expect((await dying.ended).signal).toBe("SIGKILL");
    world.api.control.clearFaults();
  }

  it("with a batch on its way, while the row goes back to what it was: the batch is not the last word", async () => {
    const world = await createPeople(3);
    await world.sync();
    await world.database.query(
      "update people set city = 'elsewhere', notes = 'Moved.', updated_at = now() where id = 2",
    );
    await dieWhileSending(world);
    await world.database.query("update people set city = 'city 2', notes = 'Note 2.', updated_at = now() where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
  });

  it("the same, with the next run only after the batch can no longer land", async () => {
    const world = await createPeople(3, {}, { lateLandingMs: 100 });
    await world.sync();
    await world.database.query("update people set city = 'elsewhere', updated_at = now() where id = 2");
    await dieWhileSending(world);
    await world.database.query("update people set city = 'city 2', updated_at = now() where id = 2");
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
  });

  it("with an accepted batch that the service loses sight of although its rows landed, while the row goes back", async () => {
    const world = await createPeople(3, {}, { landingTimeoutMs: 1000, interruptGraceMs: 100 });
    await world.sync();
    await world.database.query("update people set city = 'elsewhere', updated_at = now() where id = 2");
    world.api.control.setKnobs({ landingDelayMs: 3000 });
    world.api.control.addFault({ kind: "event-failed-stale", applied: true, ...BATCH });
    expect((await world.run("sync")).code).toBe(6);
    world.api.control.setKnobs({ landingDelayMs: 10 });
    world.api.control.settleAll();
    await world.database.query("update people set city = 'city 2', updated_at = now() where id = 2");
    expect(await world.sync()).toMatchObject({ exitCode: 0 });
    await expectEqual(world);
  });
});
