import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AuthError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { Batch } from "../contracts/line.ts";
import type { Receipt } from "../contracts/receipt.ts";
import { createWorld, fill, type World } from "./__fixtures__/world.ts";

/** At the end of a good run every row read and every row sent is accounted for; a run that ended early leaves some unsent. */
function expectCountsToAddUp({ rows, exitCode }: Receipt): void {
  const accountedFor = rows.unchanged + rows.filtered + rows.superseded + rows.parked + rows.unsent + rows.sent;
  const ended = rows.landed + rows.refused;
  expect(accountedFor).toBeLessThanOrEqual(rows.read);
  expect(ended).toBeLessThanOrEqual(rows.sent);
  if (exitCode !== 0 && exitCode !== 4) return;
  expect(accountedFor).toBe(rows.read);
  expect(ended).toBe(rows.sent);
}

async function summaryOf(world: World) {
  const summary = await world.state.summary("customers");
  if (summary === null) throw new Error("the sync has no summary");
  return summary;
}

/** Runs until a run ends well; every run on the way must be one that may be resumed. */
async function runToTheEnd(world: World, mostRuns = 30): Promise<Receipt> {
  for (let runs = 0; runs < mostRuns; runs += 1) {
    const receipt = await world.run();
    expectCountsToAddUp(receipt);
    if (receipt.exitCode === 0 || receipt.exitCode === 4) return receipt;
    expect([3, 5, 6, 130, 143]).toContain(receipt.exitCode);
  }
  throw new Error("it never ended well");
}

function expectAllLanded(world: World): void {
  expect(world.actual()).toEqual(world.expected());
  expect(world.destination.violations).toEqual([]);
}

describe("a run", () => {
  it("lands all rows, and says so in a receipt", async () => {
    const world = await createWorld();
    fill(world.source, 47);
    const receipt = await world.run();
    expect(receipt).toMatchObject({
      sync: "customers",
      outcome: "done",
      exitCode: 0,
      organizationId: "org_1",
      versions: { core: "0.0.0", connector: "1.0.0", sdk: "0.18.0" },
      proved: { field: "changed", after: null, through: "47" },
      cursorBefore: null,
      cursorAfter: 47,
      previousReceipt: null,
    });
    expect(receipt.rows).toMatchObject({ read: 47, sent: 47, landed: 47, refused: 0, parked: 0 });
    expectCountsToAddUp(receipt);
    expectAllLanded(world);
    expect(await summaryOf(world)).toMatchObject({
      cursor: 47,
      landedRows: 47,
      parkedRows: 0,
      unsettledBatches: 0,
      heldBy: null,
    });
  });

  it("sends nothing when nothing changed, also when everything is read again", async () => {
    const world = await createWorld();
    fill(world.source, 23);
    await world.run();
    const sentBefore = world.destination.sent.length;
    expect((await world.run()).rows).toMatchObject({ read: 0, sent: 0 });
    const full = await world.run({ full: true });
    expect(full.rows).toMatchObject({ read: 23, unchanged: 23, sent: 0 });
    expect(full.message).toBe("Done; nothing had changed");
    expect(world.destination.sent).toHaveLength(sentBefore);
  });

  it("sends the three rows that changed, and of them what changed", async () => {
    const world = await createWorld();
    fill(world.source, 23);
    world.source.put("r1", { email: "r1@example.com", name: "name 1", age: 1, notes: "said hello" });
    await world.run();
    const before = world.destination.sent.length;
    world.source.put("r1", { email: "r1@example.com", name: "name 1", age: 1, notes: "said goodbye" });
    world.source.put("r5", { email: "r5@example.com", name: "other", age: 5 });
    world.source.put("new", { email: "new@example.com" });
    const receipt = await world.run();
    expect(receipt.rows).toMatchObject({ read: 3, sent: 3, landed: 3 });
    expect(receipt.aiCharacters).toBe("said goodbye".length);
    const sent = world.destination.sent.slice(before).flatMap(({ batch }) => batch.rows.map(({ values }) => values));
    expect(sent).toHaveLength(3);
    expect(sent).toEqual(
      expect.arrayContaining([
        { email: "r1@example.com", notes: "said goodbye" },
        { email: "r5@example.com", name: "other", age: 5 },
        { email: "new@example.com", name: "new", age: 1 },
      ]),
    );
    expectAllLanded(world);
  });

  it.each(["refused", "failed"] as const)(
    "searches a batch that is %s until the bad row is parked, and lands the rest",
    async (how) => {
      const world = await createWorld();
      world.destination.weather.limits = { ...world.destination.weather.limits, maxRows: 16 };
      world.source.pageSize = 32;
      fill(world.source, 32);
      const isBad = (record: string): boolean => record === "r13@example.com";
      if (how === "refused") {
        world.destination.weather.onSend = ({ rows }) =>
          rows.some(({ record }) => isBad(record)) ? { state: "refused", reason: "HTTP 400", ambiguous: false } : null;
      } else {
        world.destination.weather.neverLands = ({ rows }) => rows.some(({ record }) => isBad(record));
        world.destination.weather.onAsked = ({ rows }) =>
          rows.some(({ record }) => isBad(record)) ? { state: "failed", reason: "x", again: false } : null;
      }
      const receipt = await world.run();
      expect(receipt).toMatchObject({ outcome: "done-with-parked", exitCode: 4, cursorAfter: 32 });
      expect(receipt.rows).toMatchObject({ read: 32, sent: 32, landed: 31, refused: 1 });
      expectCountsToAddUp(receipt);
      expect(await world.state.parked("customers", 10)).toMatchObject([{ key: "r13", code: "REFUSED" }]);
      expect(world.actual().size).toBe(31);
      expect(world.destination.violations).toEqual([]);
      // log2(16) halves and what was set aside, beside the two batches of the page.
      expect(world.destination.sent.length).toBe(2 + 4 + 1);

      Object.assign(world.destination.weather, { onSend: () => null, onAsked: () => null, neverLands: () => false });
      expect((await world.run({ full: true })).rows).toMatchObject({ parked: 1, unchanged: 31, sent: 0 });
      world.source.put("r13", { email: "r13@example.com", name: "better" });
      expect((await world.run()).rows).toMatchObject({ sent: 1, landed: 1 });
      expectAllLanded(world);
      expect(await summaryOf(world)).toMatchObject({ parkedRows: 0, landedRows: 32 });
    },
  );

  it("parks the rows that a partial failure names", async () => {
    const world = await createWorld();
    fill(world.source, 5);
    world.destination.weather.onAsked = ({ rows }) => ({
      state: "partial",
      reason: "x",
      failures: rows.flatMap(({ key }, index) =>
        key === "r2" ? [{ index, code: "TOO_LONG", reason: "too long" }] : [],
      ),
    });
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 4, rows: { sent: 5, landed: 4, refused: 1 } });
    expect(await world.state.parked("customers", 10)).toMatchObject([
      { key: "r2", code: "TOO_LONG", reason: "too long" },
    ]);
  });

  it("stops when the quota ends, keeps what landed, and goes on to the end", async () => {
    const world = await createWorld();
    fill(world.source, 60);
    world.destination.weather.unitsLeft = 22;
    const first = await world.run();
    expect(first).toMatchObject({ outcome: "quota", exitCode: 5 });
    expect(first.message).toContain("The month is used up");
    expect(first.rows.landed).toBe(20);
    expectCountsToAddUp(first);
    expect(await summaryOf(world)).toMatchObject({ landedRows: 20, unsettledBatches: 0, cursor: first.cursorAfter });
    world.destination.weather.unitsLeft = null;
    const sentBefore = world.destination.sent.length;
    const second = await world.run();
    expect(second).toMatchObject({ exitCode: 0, cursorAfter: 60, cursorBefore: first.cursorAfter });
    expect(world.destination.sent.slice(sentBefore).flatMap(({ batch }) => batch.rows)).toHaveLength(40);
    expectAllLanded(world);
  });

  it("stops when the credits run out while a batch is worked on, parks nothing, and sends its rows again later", async () => {
    const world = await createWorld();
    fill(world.source, 15);
    const isPoor = ({ rows }: Batch): boolean => rows.some(({ key }) => key === "r7");
    Object.assign(world.destination.weather, {
      neverLands: isPoor,
      onAsked: (batch: Batch) => (isPoor(batch) ? { state: "out-of-credits" } : null),
    });
    expect(await world.run()).toMatchObject({
      outcome: "quota",
      exitCode: 5,
      rows: { landed: 10, refused: 0, parked: 0 },
    });
    expect(await summaryOf(world)).toMatchObject({ landedRows: 10, parkedRows: 0, cursor: null });
    Object.assign(world.destination.weather, { neverLands: () => false, onAsked: () => null });
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { unchanged: 10, sent: 5, landed: 5 } });
    expectAllLanded(world);
  });

  it.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)(
    "drains on %s: nothing leaves after it, what was accepted is followed to its end",
    async (signal, exitCode) => {
      const world = await createWorld();
      fill(world.source, 200);
      world.destination.weather.turnMs = 400;
      const drain = world.interruptAfter(500, { signal });
      const stoppedAt = world.runtime.now() + 500;
      const receipt = await world.run({ drain });
      expect(receipt).toMatchObject({ outcome: "interrupted", exitCode });
      expectCountsToAddUp(receipt);
      expect(world.destination.sent.length).toBeGreaterThan(0);
      expect(world.destination.sent.length).toBeLessThan(40);
      for (const { at } of world.destination.sent) expect(at).toBeLessThanOrEqual(stoppedAt);
      const left = world.destination.sent.flatMap(({ batch }) => batch.rows).length;
      expect(receipt.rows.landed).toBe(left);
      expect(await summaryOf(world)).toMatchObject({
        unsettledBatches: 0,
        landedRows: left,
        cursor: receipt.cursorAfter,
        heldBy: null,
      });
      expect((await world.run()).exitCode).toBe(0);
      expect(world.destination.sent.flatMap(({ batch }) => batch.rows)).toHaveLength(200);
      expectAllLanded(world);
    },
  );

  it("leaves what does not land in time to the next run, which asks first and sends nothing twice", async () => {
    const world = await createWorld({ settings: { interruptGraceMs: 1000 } });
    fill(world.source, 20);
    world.destination.weather.landingMs = 60_000;
    const receipt = await world.run({ drain: world.interruptAfter(2000, { signal: "SIGTERM" }) });
    expect(receipt).toMatchObject({ exitCode: 143, rows: { sent: 20, landed: 0 }, cursorAfter: null });
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 4, landedRows: 0 });
    const second = await world.run();
    expect(second).toMatchObject({ exitCode: 0, rows: { read: 20, unchanged: 20, sent: 0 }, cursorAfter: 20 });
    expect(world.destination.sent).toHaveLength(4);
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0, landedRows: 20 });
    expectAllLanded(world);
  });

  it("can be interrupted before it began", async () => {
    const world = await createWorld();
    fill(world.source, 20);
    const outcome = world.run({ drain: AbortSignal.abort({ signal: "SIGTERM" }) });
    await expect(outcome).rejects.toMatchObject({ interrupt: { signal: "SIGTERM" } });
    expect(world.destination.sent).toEqual([]);
    expect(await summaryOf(world)).toMatchObject({ heldBy: null });
  });

  it("ends with the credentials' exit code when they are revoked on the way, and goes on once they are back", async () => {
    const world = await createWorld();
    fill(world.source, 100);
    let batches = 0;
    world.destination.weather.onSend = () => {
      batches += 1;
      if (batches > 4) throw new AuthError("Personize did not accept the secret key");
      return null;
    };
    const receipt = await world.run();
    expect(receipt).toMatchObject({ outcome: "failed", exitCode: 3, message: expect.stringContaining("secret key") });
    expectCountsToAddUp(receipt);
    world.destination.weather.onSend = () => null;
    await world.wait(120_000);
    await runToTheEnd(world);
    expectAllLanded(world);
  });

  it("sends a batch again that the service lost, and gives up when it is lost over and over", async () => {
    const world = await createWorld();
    fill(world.source, 5);
    let lost = 2;
    world.destination.weather.onAsked = () => {
      lost -= 1;
      return lost >= 0 ? { state: "vanished" } : null;
    };
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { sent: 5, landed: 5 } });
    expect(world.destination.sent).toHaveLength(3);

    fill(world.source, 5, 5);
    lost = 1000;
    const receipt = await world.run();
    expect(receipt).toMatchObject({ outcome: "gave-up", exitCode: 6, message: expect.stringContaining("3 times") });
    expect(world.destination.sent).toHaveLength(6);
    expect((await summaryOf(world)).cursor).toBe(5);
    lost = 0;
    world.destination.weather.landingMs = 100;
    world.destination.weather.onAsked = () => null;
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { read: 5, landed: 5 } });
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0, cursor: 10 });
    expect(world.destination.violations).toEqual([]);
  });

  it("gives up on a batch that does not land in time, and asks about it first next time", async () => {
    const world = await createWorld({ settings: { landingTimeoutMs: 30_000, interruptGraceMs: 1000 } });
    fill(world.source, 5);
    world.destination.weather.landingMs = 90_000;
    expect(await world.run()).toMatchObject({ outcome: "gave-up", exitCode: 6 });
    await world.wait(120_000);
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { sent: 0, unchanged: 5 } });
    expect(world.destination.sent).toHaveLength(1);
    expectAllLanded(world);
  });

  it("sends no more than --limit rows; the checkpoint waits for the whole page", async () => {
    const world = await createWorld();
    fill(world.source, 30);
    const first = await world.run({ limit: 14 });
    expect(first).toMatchObject({ exitCode: 0, rows: { read: 14, sent: 14, landed: 14 }, cursorAfter: 10 });
    const second = await world.run({ limit: 20 });
    expect(second).toMatchObject({ rows: { read: 20, unchanged: 4, sent: 16 }, cursorBefore: 10, cursorAfter: 30 });
    expectAllLanded(world);
  });

  it("gets on with every run, also with a limit smaller than a page", async () => {
    const world = await createWorld();
    fill(world.source, 30);
    for (let run = 0; run < 12; run += 1) expect((await world.run({ limit: 3 })).rows.sent).toBeLessThanOrEqual(3);
    expect(await world.run({ limit: 3 })).toMatchObject({ rows: { read: 0 }, cursorAfter: 30 });
    expectAllLanded(world);
  });

  it("leaves out what `where` says, and parks what has no identity", async () => {
    const world = await createWorld({ where: [{ field: "age", notEquals: 3 }] });
    fill(world.source, 6);
    world.source.put("nobody", { email: " " });
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 4, rows: { read: 7, filtered: 1, parked: 1, sent: 5, landed: 5 } });
    expectCountsToAddUp(receipt);
  });

  it("lets the last of two rows with one identity count, in one page and across pages", async () => {
    const world = await createWorld();
    fill(world.source, 4);
    world.source.put("first", { email: "Twin@Example.com", name: "first" });
    world.source.put("second", { email: "twin@example.com", name: "second" });
    fill(world.source, 10, 10);
    world.source.put("third", { email: "TWIN@example.com ", name: "third" });
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { read: 17, superseded: 1, sent: 16, landed: 16 } });
    expectCountsToAddUp(receipt);
    expectAllLanded(world);
    expect(world.actual().get("twin@example.com")).toMatchObject({ name: "third" });
    expect((await world.run({ full: true })).rows).toMatchObject({ unchanged: 17, sent: 0 });
  });

  // A batch that an earlier run left holds its rows, but not those that they superseded: these are read again as new, alone.
  it("lets the last of two rows with one identity count also when the run that sent it was cut short", async () => {
    const world = await createWorld({ settings: { interruptGraceMs: 0 } });
    world.source.put("first", { email: "twin@example.com", name: "first" });
    world.source.put("second", { email: "twin@example.com", name: "second" });
    await world.run({ drain: world.interruptAfter(1000, { signal: "SIGTERM" }) });
    expect(world.destination.sent).toHaveLength(1);
    await world.wait(60_000);
    expect((await world.run()).exitCode).toBe(0);
    expectAllLanded(world);
  });

  it("never has two versions of one record under way, however the pages fall", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(1000),
          changes: fc.array(fc.tuple(fc.nat(5), fc.nat(3), fc.nat(9)), { minLength: 1, maxLength: 40 }),
          pageSize: fc.integer({ min: 1, max: 7 }),
          maxRows: fc.integer({ min: 1, max: 4 }),
          maxBufferedBytes: fc.constantFrom(100, 600, 1_000_000),
        }),
        async ({ seed, changes, pageSize, maxRows, maxBufferedBytes }) => {
          const world = await createWorld({ seed, settings: { maxBufferedBytes } });
          world.source.pageSize = pageSize;
          world.destination.weather.limits = { ...world.destination.weather.limits, maxRows };
          // Rows change while they are being read, and several rows write one record.
          const [first = [0, 0, 0], ...later] = changes;
          const put = ([row, record, age]: readonly [number, number, number]): void =>
            world.source.put(`k${row}`, { email: `p${record}@example.com`, age });
          put(first);
          for (const change of later.slice(0, later.length / 2)) put(change);
          const rest = later.slice(later.length / 2);
          world.source.beforePage = async () => {
            const next = rest.shift();
            if (next !== undefined) put(next);
          };
          const receipt = await runToTheEnd(world);
          world.source.beforePage = async () => undefined;
          for (const change of rest) put(change);
          await runToTheEnd(world);
          expect(receipt.exitCode).toBe(0);
          expect(world.destination.violations).toEqual([]);
          expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0 });
          await world.state.close();
        },
      ),
      { numRuns: 40 },
    );
  });

  it("loses nothing, whatever ends its runs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          seed: fc.nat(1000),
          interrupts: fc.array(fc.integer({ min: 100, max: 12_000 }), { maxLength: 4 }),
          graceMs: fc.constantFrom(0, 1000, 20_000),
          unitsLeft: fc.option(fc.integer({ min: 3, max: 40 })),
          landingMs: fc.constantFrom(10, 4000, 30_000),
          maxBufferedBytes: fc.constantFrom(300, 1_000_000),
          bad: fc.option(fc.nat(39)),
          lost: fc.array(fc.nat(12), { maxLength: 3 }),
        }),
        async ({ seed, interrupts, graceMs, unitsLeft, landingMs, maxBufferedBytes, bad, lost }) => {
          const world = await createWorld({ seed, settings: { interruptGraceMs: graceMs, maxBufferedBytes } });
          fill(world.source, 40);
          Object.assign(world.destination.weather, { landingMs, unitsLeft });
          let batches = 0;
          world.destination.weather.losesReply = () => {
            batches += 1;
            return lost.includes(batches);
          };
          const isBad = `r${bad ?? "none"}@example.com`;
          world.destination.weather.onSend = ({ rows }) =>
            rows.some(({ record }) => record === isBad)
              ? { state: "refused", reason: "HTTP 400", ambiguous: false }
              : null;
          for (const ms of interrupts) {
            const receipt = await world
              .run({ drain: world.interruptAfter(ms, { signal: "SIGTERM" }) })
              .catch(() => null);
            if (receipt === null) continue;
            expectCountsToAddUp(receipt);
            expect((await summaryOf(world)).cursor).toEqual(receipt.cursorAfter);
            world.source.put("r7", { email: "r7@example.com", age: ms });
          }
          world.destination.weather.unitsLeft = null;
          await runToTheEnd(world);
          // No earlier copy can land any more, and what was left behind is tidied up.
          await world.wait(60_000);
          await runToTheEnd(world);
          const expected = world.expected();
          expected.delete(isBad);
          expect(world.actual()).toEqual(expected);
          expect(world.destination.violations).toEqual([]);
          expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0, heldBy: null });
          await world.state.close();
        },
      ),
      {
        numRuns: 60,
        examples: [
          // A half's reply was lost, and the run ended while the other half was still being sent.
          [
            {
              seed: 7,
              interrupts: [101],
              graceMs: 0,
              unitsLeft: null,
              landingMs: 30_000,
              maxBufferedBytes: 1_000_000,
              bad: 3,
              lost: [9, 8],
            },
          ],
        ],
      },
    );
  });

  it("holds a changed version back while an earlier copy whose reply was lost may still land", async () => {
    const world = await createWorld();
    world.source.put("a", { email: "a@example.com", name: "old" });
    world.destination.weather.onSend = () => {
      throw new TransientError("Personize did not answer");
    };
    expect(await world.run()).toMatchObject({ exitCode: 6, rows: { landed: 0 } });
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 1 });
    const lostAt = world.destination.sent[0]?.at ?? 0;
    world.destination.weather.onSend = () => null;
    world.source.put("a", { email: "a@example.com", name: "new" });
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { landed: 1 } });
    expect((world.destination.sent[1]?.at ?? 0) - lostAt).toBeGreaterThanOrEqual(60_000);
    await world.run();
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0, landedRows: 1 });
  });

  it("sends the same version again at once after a lost reply, and forgets the lost one when it can no longer land", async () => {
    const world = await createWorld();
    fill(world.source, 3);
    world.destination.weather.onSend = () => {
      throw new TransientError("Personize did not answer");
    };
    expect(await world.run()).toMatchObject({ exitCode: 6 });
    const lostAt = world.runtime.now();
    world.destination.weather.onSend = () => null;
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { landed: 3 } });
    expect(world.runtime.now() - lostAt).toBeLessThan(20_000);
    await world.wait(60_000);
    await world.run();
    expect(await summaryOf(world)).toMatchObject({ unsettledBatches: 0, landedRows: 3 });
  });

  it("goes on after a passing fault of the source, and gives up with the checkpoint where it was", async () => {
    const world = await createWorld();
    fill(world.source, 40);
    let faults = 2;
    world.source.beforePage = async (place) => {
      if (place === 2 && faults > 0) {
        faults -= 1;
        throw new TransientError("the connection was lost");
      }
    };
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { read: 40, landed: 40 } });
    expect(world.source.reads).toEqual([null, 20, 40]);
    fill(world.source, 5, 40);
    world.source.beforePage = async () => {
      throw new TransientError("the connection was lost");
    };
    expect(await world.run()).toMatchObject({ exitCode: 6, cursorAfter: 40, message: "the connection was lost" });
    world.source.beforePage = async () => {
      throw new ConfigError('Field "name" no longer exists');
    };
    expect(await world.run()).toMatchObject({ exitCode: 2, outcome: "failed", cursorAfter: 40 });
    expect(world.source.ended()).toBe(world.source.reads.length);
  });

  it("chains receipts, also those of runs that ended badly", async () => {
    const world = await createWorld();
    fill(world.source, 10);
    await world.run();
    fill(world.source, 10, 10);
    world.destination.weather.unitsLeft = 0;
    await world.run();
    world.destination.weather.unitsLeft = null;
    await world.run();
    const receipts = (await world.state.receipts("customers", 10)).toReversed();
    expect(receipts.map(({ exitCode }) => exitCode)).toEqual([0, 5, 0]);
    const digests = receipts.map((receipt) => createHash("sha256").update(JSON.stringify(receipt)).digest("hex"));
    expect(receipts.map(({ previousReceipt }) => previousReceipt)).toEqual([null, digests[0], digests[1]]);
    expect(new Set(receipts.map(({ runId }) => runId)).size).toBe(3);
  });

  it("does not begin while another run is at it, and tells who", async () => {
    const world = await createWorld();
    fill(world.source, 10);
    await world.state.claim("customers", "host-2 pid 7", 60_000);
    await expect(world.run()).rejects.toThrow(/Another run of sync "customers" is at work: host-2 pid 7/);
    expect(world.destination.sent).toEqual([]);
    await world.wait(61_000);
    expect((await world.run()).exitCode).toBe(0);
  });

  it("stops writing once its claim is lost, and leaves no receipt", async () => {
    const world = await createWorld();
    fill(world.source, 400);
    world.destination.weather.turnMs = 20_000;
    void world.runtime.sleep(5000, new AbortController().signal).then(() => world.state.reset("customers"));
    await expect(world.run()).rejects.toThrow(TransientError);
    expect(await world.state.receipts("customers", 1)).toEqual([]);
    const sent = world.destination.sent.length;
    await world.wait(300_000);
    expect(world.destination.sent).toHaveLength(sent);
  });

  it("tells where it stands", async () => {
    const world = await createWorld();
    fill(world.source, 30);
    await world.run();
    const phases = world.progress.map(({ phase }) => phase);
    expect(phases.filter((phase, index) => phase !== phases[index - 1])).toEqual([
      "settling",
      "reading",
      "landing",
      "finished",
    ]);
    expect(world.progress.at(-1)).toMatchObject({ rows: { landed: 30 }, unsettledBatches: 0 });
    expect(world.progress.some(({ waitingFor }) => waitingFor?.includes("accepted batch") === true)).toBe(true);
  });
});
