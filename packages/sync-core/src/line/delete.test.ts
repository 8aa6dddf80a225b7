import { describe, expect, it } from "vitest";
import { QuotaStop } from "../contracts/destination.ts";
import { AuthError, TransientError } from "../contracts/errors.ts";
import { planSync } from "./plan.ts";
import { createWorld, fill, type World, type WorldOptions } from "./__fixtures__/world.ts";

const SIGTERM = { signal: "SIGTERM" } as const;

/** Thirty rows that have landed. `compared`: a source without a cursor field, read in full on every run. */
async function landedWorld(compared: boolean, options: WorldOptions = {}): Promise<World> {
  const world = await createWorld({ deletes: 0.05, ...options });
  world.source.isCompared = compared;
  fill(world.source, 30);
  expect(await world.run()).toMatchObject({ exitCode: 0, rows: { landed: 30, deleted: 0 } });
  return world;
}

const removed = (world: World): string[] => world.destination.removed.map(({ record }) => record).toSorted();
const emails = (...numbers: readonly number[]): string[] =>
  numbers.map((number) => `r${number}@example.com`).toSorted();
const removeRows = (world: World, count: number, from = 0): void => {
  for (let index = from; index < from + count; index += 1) world.source.remove(`r${index}`);
};

function expectInOrder(world: World): void {
  expect(world.destination.violations).toEqual([]);
  expect(world.actual()).toEqual(world.expected());
}

describe("deletes", () => {
  it("delete the records of rows that a full compare no longer shows, once, and count them", async () => {
    const world = await landedWorld(true);
    removeRows(world, 3);
    const receipt = await world.run();
    expect(receipt).toMatchObject({
      exitCode: 0,
      message: "Done; 3 records deleted",
      rows: { read: 27, unchanged: 27, sent: 0, deleted: 3 },
    });
    expect(removed(world)).toEqual(emails(0, 1, 2));
    expect(world.destination.removed[0]?.reason).toBe('its row is gone at the source of sync "customers"');
    expectInOrder(world);
    expect(await world.state.summary("customers")).toMatchObject({ landedRows: 27 });
    expect((await world.run()).rows).toMatchObject({ deleted: 0, unchanged: 27 });
    expect(removed(world)).toHaveLength(3);
  });

  it("take a full run where reading is incremental; other runs infer nothing", async () => {
    const world = await landedWorld(false);
    removeRows(world, 3);
    expect((await world.run()).rows.deleted).toBe(0);
    expect((await world.run({ full: true })).rows.deleted).toBe(3);
    expect(removed(world)).toEqual(emails(0, 1, 2));
    expectInOrder(world);
  });

  it("infer nothing from a full run that ended before its first page was through", async () => {
    const world = await landedWorld(false);
    world.source.beforePage = () => Promise.reject(new TransientError("gone for a moment"));
    expect(await world.run({ full: true })).toMatchObject({ exitCode: 6 });
    world.source.beforePage = async () => undefined;
    fill(world.source, 1, 40);
    // What this run reads follows on what was read before the full run.
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { landed: 1, deleted: 0 } });
    expect(world.source.looked).toEqual([]);
    removeRows(world, 2);
    expect((await world.run({ full: true })).rows.deleted).toBe(2);
    expectInOrder(world);
  });

  it("follow rows that the source marks as deleted at once, whatever fields they lack", async () => {
    const world = await landedWorld(false);
    world.source.markDeleted("r4");
    world.source.markDeleted("never landed");
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { read: 2, filtered: 2, parked: 0, deleted: 1 } });
    expect(removed(world)).toEqual(emails(4));
    expectInOrder(world);
  });

  it("send a row that comes back as new", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      world.source.remove("r1");
      await world.run({ full: true });
      expect(world.actual().has("r1@example.com")).toBe(false);
      fill(world.source, 1, 1);
      expect((await world.run()).rows).toMatchObject({ landed: 1, deleted: 0 });
      expectInOrder(world);
    }
  });

  it("touch nothing when they are off, and store no identity", async () => {
    const world = await createWorld();
    world.source.isCompared = true;
    fill(world.source, 30);
    await world.run();
    removeRows(world, 3);
    world.source.markDeleted("r9");
    expect((await world.run()).rows).toMatchObject({ deleted: 0, filtered: 1 });
    expect(world.destination.removed).toEqual([]);
    expect(world.actual().size).toBe(30);
    const known = await world.state.known("customers", ["r5"]);
    expect(known.get("r5")?.identity).toBeUndefined();
    expect(world.source.looked).toEqual([]);
  });

  it("leave rows alone that are there but were not shown", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      world.source.hides = ({ key }) => key === "r3" || key === "r7";
      world.source.remove("r8");
      expect((await world.run({ full: true })).rows.deleted).toBe(1);
      expect(removed(world)).toEqual(emails(8));
      world.source.hides = () => false;
      expectInOrder(world);
    }
  });

  it("count only what the source does not find either", async () => {
    const world = await landedWorld(true);
    world.source.hides = ({ key }) => key.length > 2;
    world.source.remove("r8");
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { read: 9, deleted: 1 } });
  });

  it("leave rows alone that `where` leaves out, that are parked, and that changed while being read", async () => {
    const world = await landedWorld(true, { where: [{ field: "age", notEquals: 99 }] });
    world.source.put("r1", { email: "r1@example.com", age: 99 });
    world.source.put("r2", { email: null });
    world.source.beforePage = async (place) => {
      if (place === 1) world.source.put("r3", { email: "r3@example.com", name: "changed" });
    };
    expect(await world.run()).toMatchObject({ exitCode: 4, rows: { filtered: 1, parked: 1, deleted: 0 } });
    expect(world.destination.removed).toEqual([]);
  });

  it("infer nothing from a reading that was limited, proved nothing, or failed", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      removeRows(world, 3);
      expect((await world.run({ full: true, limit: 5 })).rows.deleted).toBe(0);
      expect((await world.run({ full: true, limit: 10 })).rows.deleted).toBe(0);
      world.source.proves = false;
      expect((await world.run({ full: true })).rows.deleted).toBe(0);
      world.source.proves = true;
      let asked = 0;
      world.source.beforePage = async () => {
        asked += 1;
        if (asked > 1) throw new TransientError("gone for now");
      };
      expect(await world.run({ full: true })).toMatchObject({ exitCode: 6, rows: { deleted: 0 } });
      expect(world.destination.removed).toEqual([]);
      world.source.beforePage = async () => undefined;
      expect((await world.run({ full: true })).rows.deleted).toBe(3);
      expectInOrder(world);
    }
  });

  it("infer from an enumeration that took several runs", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      removeRows(world, 3);
      await world.run({ full: true, limit: 10 });
      await world.run({ limit: 10 });
      expect(world.destination.removed).toEqual([]);
      expect((await world.run()).rows.deleted).toBe(3);
      expect(removed(world)).toEqual(emails(0, 1, 2));
      expectInOrder(world);
    }
  });

  it("follow a source that reads everything again by itself, whatever it reads behind that", async () => {
    const world = await landedWorld(false);
    removeRows(world, 3);
    expect((await world.run()).rows.deleted).toBe(0);
    world.source.readsAllAgain = true;
    const signal = new AbortController().signal;
    const plan = await world.runtime.run(
      planSync(world.job, world.engine, { limit: null, full: false, samples: 0, signal }),
    );
    expect(plan.deletes).toBe(3);
    const receipt = await world.run();
    expect(receipt).toMatchObject({ exitCode: 0, rows: { read: 27, sent: 0, deleted: 3 } });
    expect(receipt.proved).toEqual({ field: null, after: null, through: null });
    expect(removed(world)).toEqual(emails(0, 1, 2));
    expectInOrder(world);
  });

  it("infer nothing from such a reading before it has come to its end, in one run or over several", async () => {
    const world = await landedWorld(false);
    world.source.readsAllAgain = true;
    removeRows(world, 1);
    expect((await world.run({ limit: 10 })).rows.deleted).toBe(0);
    // Shown already, and gone since: the next reading will tell.
    removeRows(world, 1, 10);
    expect((await world.run({ limit: 10 })).rows.deleted).toBe(0);
    expect((await world.run()).rows.deleted).toBe(1);
    expect(removed(world)).toEqual(emails(0));
    expect((await world.run()).rows.deleted).toBe(1);
    expect(removed(world)).toEqual(emails(0, 10));
    expectInOrder(world);
  });

  it("infer from such a reading also where the run ended behind it, and later ones prove nothing", async () => {
    const world = await landedWorld(false);
    world.source.readsAllAgain = true;
    removeRows(world, 2);
    let shown = 0;
    world.source.beforePage = async (place) => {
      // Behind the last of everything.
      if (place === 3) throw new AuthError("revoked", { hint: "" });
      shown = place;
    };
    expect(await world.run()).toMatchObject({ exitCode: 3, rows: { deleted: 0 } });
    expect(shown).toBe(2);
    world.source.beforePage = async () => undefined;
    world.source.readsAllAgain = false;
    world.source.proves = false;
    expect((await world.run()).rows.deleted).toBe(2);
    expect(removed(world)).toEqual(emails(0, 1));
    expectInOrder(world);
  });

  it("never take a source that shows nothing for one whose rows are all gone", async () => {
    const world = await landedWorld(true);
    removeRows(world, 30);
    for (const options of [{}, { allowDeletes: 1000 }]) {
      expect(await world.run(options)).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("has shown no row at all, and 30 have landed. Nothing was deleted"),
      });
    }
    expect(world.destination.removed).toEqual([]);
    fill(world.source, 30);
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 0, unchanged: 30 } });
  });

  it("stop, deleting nothing, when more would go than allowed; everything else is done", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      removeRows(world, 21);
      fill(world.source, 2, 100);
      const stopped = await world.run({ full: true });
      expect(stopped).toMatchObject({ exitCode: 2, outcome: "failed", rows: { landed: 2, deleted: 0 } });
      expect(stopped.message).toContain("21 records of 32 landed rows would be deleted (");
      expect(stopped.message).toMatch(
        /"r\d+", .*…\); without being told, a run deletes 20 at most\. Nothing was deleted/,
      );
      expect(stopped.hint).toContain("`sync --only customers --allow-deletes 21`");
      expect(world.destination.removed).toEqual([]);

      expect(await world.run({ allowDeletes: 20 })).toMatchObject({ exitCode: 2, rows: { deleted: 0 } });
      // Without reading everything again: what was shown is remembered until the deletes are done.
      expect(await world.run({ allowDeletes: 21 })).toMatchObject({ exitCode: 0, rows: { deleted: 21 } });
      expectInOrder(world);
    }
  });

  it("allow a share of many rows, and less when told so", async () => {
    const world = await createWorld({ deletes: 0.05 });
    world.source.isCompared = true;
    fill(world.source, 1000);
    await world.run();
    removeRows(world, 51);
    expect(await world.run()).toMatchObject({ exitCode: 2, rows: { deleted: 0 } });
    fill(world.source, 1);
    expect(await world.run({ allowDeletes: 5 })).toMatchObject({ exitCode: 2, rows: { deleted: 0 } });
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 50 } });
  });

  it("ask so also where what landed is of a run that ended in its first page", async () => {
    const world = await createWorld({ deletes: 0.05 });
    fill(world.source, 8);
    expect((await world.run({ limit: 5 })).rows.landed).toBe(5);
    world.job = { ...world.job, deletes: { selection: "s2", maxShare: 0.05 } };
    removeRows(world, 2);
    expect(await world.run()).toMatchObject({ exitCode: 2, rows: { deleted: 0 } });
    expect(removed(world)).toEqual([]);
  });

  it("ask before they delete what another selection no longer contains", async () => {
    const world = await landedWorld(true);
    world.job = { ...world.job, deletes: { selection: "s2", maxShare: 0.05 } };
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 0 } });
    world.source.remove("r1");
    // Nothing was missing, so the rows now belong to s2.
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 1 } });

    world.job = { ...world.job, deletes: { selection: "s3", maxShare: 0.05 } };
    removeRows(world, 2, 2);
    for (let run = 0; run < 2; run += 1) {
      expect(await world.run()).toMatchObject({
        exitCode: 2,
        message: expect.stringContaining("source options have changed since rows landed, and 2 of 29 landed rows"),
        rows: { deleted: 0 },
      });
    }
    expect(await world.run({ allowDeletes: 2 })).toMatchObject({ exitCode: 0, rows: { deleted: 2 } });
    world.source.remove("r5");
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 1 } });
  });

  it("spare a record as long as another row maps to it", async () => {
    const world = await landedWorld(true);
    world.source.put("twin", { email: "R1@example.com", name: "twin" });
    await world.run();
    world.source.remove("r1");
    expect((await world.run()).rows.deleted).toBe(0);
    expect(world.actual().get("r1@example.com")?.name).toBe("twin");
    world.source.remove("twin");
    expect((await world.run()).rows.deleted).toBe(1);
    expect(removed(world)).toEqual(emails(1));
  });

  it("delete the record that a row no longer is, unless another row is", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      world.source.put("r1", { email: "moved@example.com", name: "one" });
      world.source.put("r2", { email: "r3@example.com", name: "two" });
      expect((await world.run()).rows).toMatchObject({ landed: 2, deleted: 2 });
      expect(removed(world)).toEqual(emails(1, 2));
      world.source.put("r3", { email: "other@example.com" });
      expect((await world.run()).rows).toMatchObject({ landed: 1, deleted: 0 });
      expect(world.actual().has("r3@example.com")).toBe(true);
    }
  });

  it("begin once every landed row was read with them on; what was gone before stays", async () => {
    const world = await createWorld();
    fill(world.source, 30);
    await world.run();
    world.source.remove("r0");
    world.job = { ...world.job, deletes: { selection: "s1", maxShare: 0.05 } };
    world.source.markDeleted("r1");
    expect((await world.run()).rows.deleted).toBe(0);
    expect(world.progress.at(-1)?.notices.join()).toContain(
      "the records of 30 landed rows are not known (they landed before `deletes: delete` was set, or a run was killed in between)",
    );
    world.source.remove("r2");
    // Of r0, r1 and r2 nobody knows any more which records they were.
    expect((await world.run({ full: true })).rows.deleted).toBe(0);
    world.source.remove("r3");
    world.source.markDeleted("r4");
    expect((await world.run({ full: true })).rows.deleted).toBe(2);
    expect(removed(world)).toEqual(emails(3, 4));
  });

  it("go on where a run that was cut short was, and count again what is left", async () => {
    for (const compared of [true, false]) {
      const world = await landedWorld(compared);
      removeRows(world, 10);
      let calls = 0;
      world.destination.weather.onRemove = () => {
        calls += 1;
        return calls > 3 ? new QuotaStop("The month is used up") : null;
      };
      expect(await world.run({ full: true })).toMatchObject({ exitCode: 5, rows: { deleted: 3 } });
      world.source.put("r9", { email: "r9@example.com", name: "back" });
      world.destination.weather.onRemove = () => null;
      expect(await world.run()).toMatchObject({ exitCode: 0, rows: { landed: 1, deleted: 6 } });
      expectInOrder(world);
    }
  });

  it("look a row up again right before its record goes", async () => {
    const world = await createWorld({ deletes: 1 });
    world.source.isCompared = true;
    fill(world.source, 300);
    await world.run();
    removeRows(world, 250);
    let calls = 0;
    world.destination.weather.onRemove = () => {
      calls += 1;
      if (calls === 50) fill(world.source, 250);
      return null;
    };
    // The first hundred had been looked up when all came back.
    expect((await world.run()).rows.deleted).toBe(100);
    expect((await world.run()).rows).toMatchObject({ landed: 100, deleted: 0 });
    expectInOrder(world);
  });

  it("say so when rows map to other records, and many would go for that", async () => {
    const world = await landedWorld(true);
    for (let index = 0; index < 30; index += 1) world.source.put(`r${index}`, { email: `new${index}@example.com` });
    const stopped = await world.run();
    expect(stopped).toMatchObject({ exitCode: 2, rows: { landed: 30, deleted: 0 } });
    expect(stopped.message).toContain("30 of them since rows map to other records now");
    expect((await world.run({ allowDeletes: 30 })).rows.deleted).toBe(30);
    expectInOrder(world);
  });

  it("are not made by a run that was replaced while it stood still", async () => {
    const world = await landedWorld(true);
    removeRows(world, 3);
    world.destination.weather.onRemove = () => {
      void world.state.claim("customers", "another run", 60_000, "test");
      return null;
    };
    expect((await world.run().catch((error: unknown) => String(error))) as unknown).toMatch(/taken over/);
    expect(world.destination.removed).toEqual([]);
  });

  it("end as soon as the run is interrupted", async () => {
    const world = await landedWorld(true);
    removeRows(world, 10);
    world.destination.weather.requestMs = 2000;
    let interrupted: AbortController | null = null;
    world.destination.weather.onRemove = () => {
      interrupted?.abort(SIGTERM);
      return null;
    };
    interrupted = new AbortController();
    expect(await world.run({ drain: interrupted.signal })).toMatchObject({ exitCode: 143, rows: { deleted: 1 } });
    world.destination.weather.onRemove = () => null;
    expect((await world.run()).rows.deleted).toBe(9);
    expectInOrder(world);
  });

  it("wait until no earlier copy of a record can land any more", async () => {
    const world = await landedWorld(false);
    world.source.put("r1", { email: "r1@example.com", name: "late" });
    world.destination.weather.losesReply = () => true;
    expect((await world.run()).exitCode).toBe(6);
    world.destination.weather.losesReply = () => false;
    world.source.markDeleted("r1");
    expect((await world.run()).rows.deleted).toBe(1);
    await world.wait(600_000);
    expect(world.actual().has("r1@example.com")).toBe(false);
  });

  it("are announced by a plan, which looks nothing up and writes nothing", async () => {
    const world = await landedWorld(false);
    removeRows(world, 3);
    world.source.markDeleted("r9");
    const plan = async (full: boolean, limit: number | null = null) =>
      (
        await world.runtime.run(
          planSync(world.job, world.engine, { limit, full, samples: 0, signal: new AbortController().signal }),
        )
      ).deletes;
    expect([await plan(false), await plan(true), await plan(true, 5)]).toEqual([1, 4, 0]);
    expect(world.source.looked).toEqual([]);
    expect((await world.run({ full: true })).rows.deleted).toBe(4);
    const { deletes, ...withoutDeletes } = world.job;
    expect(deletes).toBeDefined();
    world.job = withoutDeletes;
    expect(await plan(true)).toBeNull();
  });

  it("keep no trace of who was deleted, and leave receipts and parked rows in order", async () => {
    const world = await landedWorld(true);
    world.source.put("r1", { email: null });
    expect((await world.run()).exitCode).toBe(4);
    world.source.remove("r1");
    expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 1 } });
    expect(await world.state.parked("customers", 10)).toEqual([]);
    expect((await world.state.known("customers", ["r1"])).size).toBe(0);
  });

  describe("of a record that no search shows", () => {
    const MINUTE_MS = 60_000;
    const HOUR_MS = 60 * MINUTE_MS;

    /** r1 is gone, and its record is not to be seen when it is to be deleted. */
    async function unseenWorld(): Promise<World> {
      const world = await landedWorld(true);
      world.source.remove("r1");
      world.destination.weather.isUnseen = () => true;
      const receipt = await world.run();
      expect(receipt).toMatchObject({ exitCode: 0, rows: { deleted: 0 }, unseen: { waiting: 1, givenUp: 0 } });
      return world;
    }

    it("are made up for by a later run that finds it", async () => {
      const world = await unseenWorld();
      world.destination.weather.isUnseen = () => false;
      // Not at once: a search that costs something would show the same.
      expect((await world.run()).rows.deleted).toBe(0);
      await world.wait(5 * MINUTE_MS);
      expect((await world.run()).rows.deleted).toBe(1);
      expect(removed(world)).toEqual(emails(1));
      expectInOrder(world);
      const after = await world.run();
      expect([after.rows.deleted, after.unseen]).toEqual([0, undefined]);
    });

    it("are given up after a day and said to be, for few calls", async () => {
      const world = await unseenWorld();
      const looks: number[] = [];
      world.destination.weather.onRemove = () => {
        looks.push(world.runtime.now());
        return null;
      };
      const begunAt = world.runtime.now();
      let givenUp = 0;
      for (let hours = 0; hours < 60; hours += 1) {
        await world.wait(HOUR_MS / 2);
        const receipt = await world.run();
        expect(receipt.exitCode).toBe(0);
        givenUp += receipt.unseen?.givenUp ?? 0;
      }
      expect(givenUp).toBe(1);
      expect(looks).toHaveLength(3);
      expect((looks.at(-1) ?? 0) - begunAt).toBeGreaterThan(23 * HOUR_MS);
    });

    it("keep nobody from deleting others, and do not count as more to delete", async () => {
      const world = await landedWorld(true);
      fill(world.source, 30, 100);
      await world.run();
      removeRows(world, 20);
      world.destination.weather.isUnseen = () => true;
      expect(await world.run()).toMatchObject({ exitCode: 0, unseen: { waiting: 20 } });
      removeRows(world, 5, 20);
      world.destination.weather.isUnseen = (record) => !emails(20, 21, 22, 23, 24).includes(record);
      expect(await world.run()).toMatchObject({ exitCode: 0, rows: { deleted: 5 } });
      expect(removed(world)).toEqual(emails(20, 21, 22, 23, 24));
    });

    it("are off once a row maps to the record again", async () => {
      const world = await unseenWorld();
      world.destination.weather.isUnseen = () => false;
      fill(world.source, 1, 1);
      expect((await world.run()).rows.landed).toBe(1);
      await world.wait(HOUR_MS);
      expect((await world.run()).rows.deleted).toBe(0);
      // Gone again: that is a deletion of its own.
      world.source.remove("r1");
      world.destination.weather.isUnseen = () => true;
      expect((await world.run()).unseen).toEqual({ waiting: 1, givenUp: 0 });
      world.destination.weather.isUnseen = () => false;
      await world.wait(HOUR_MS);
      expect((await world.run()).rows.deleted).toBe(1);
      expectInOrder(world);
    });
  });

  it("are made where a row had landed by a run that died before it heard of it", async () => {
    const world = await createWorld({ deletes: 0.05 });
    world.source.isCompared = true;
    fill(world.source, 30);
    await world.run();
    fill(world.source, 1, 50);
    // It leaves with its batch accepted, and not asked about to the end.
    world.destination.weather.landingMs = 120_000;
    expect(await world.run({ drain: world.interruptAfter(1000, { signal: "SIGTERM" }) })).toMatchObject({
      exitCode: 143,
    });
    expect((await world.state.summary("customers"))?.unsettledBatches).toBe(1);
    world.source.remove("r50");
    expect((await world.run()).rows.deleted).toBe(1);
    expect(removed(world)).toEqual(emails(50));
    expectInOrder(world);
  });
});
