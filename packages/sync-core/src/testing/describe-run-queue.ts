import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { BugError } from "../contracts/errors.ts";
import type { RunNote, RunQueue, RunWish, TakenRun } from "../contracts/run-queue.ts";

/** Opens the run queue kept at `place`. The same place is the same queue, however often it is opened; a new place is empty. */
export type OpenRunQueue = (place: string, now: () => number) => Promise<RunQueue>;

const ttlMs = 30_000;
const start = Date.UTC(2026, 10, 22);

/** What every run queue promises, whatever it is kept in. */
export function describeRunQueue(name: string, open: OpenRunQueue): void {
  describe(name, () => {
    let clock = start;
    let place = "";
    let places = 0;
    let opened: RunQueue[] = [];
    let queue: RunQueue;

    const openAgain = async (): Promise<RunQueue> => {
      const another = await open(place, () => clock);
      opened.push(another);
      return another;
    };
    const wish = (sync = "customers", rest: Partial<RunWish> = {}): RunWish => ({
      sync,
      kind: "sync",
      trigger: "schedule",
      priority: 0,
      dueAt: clock,
      ...rest,
    });
    const enqueue = async (sync?: string, rest?: Partial<RunWish>): Promise<string> => {
      const id = await queue.enqueue(wish(sync, rest));
      if (id === null) throw new Error("such a wish waits already");
      return id;
    };
    const run = async (sync?: string, holder = "runner 1", rest?: Partial<RunWish>): Promise<TakenRun> => {
      const taken = await queue.take(await enqueue(sync, rest), holder, ttlMs);
      if (taken === null) throw new Error("was not to be had");
      return taken;
    };
    const entryOf = async (id: string) => (await queue.entries()).find((entry) => entry.id === id);

    beforeEach(async () => {
      clock = start;
      place = `queue-${++places}`;
      queue = await openAgain();
    });
    afterEach(async () => {
      for (const each of opened) await each.close();
      opened = [];
    });

    describe("a wish", () => {
      test("waits until somebody takes it, and everybody sees it", async () => {
        const id = await enqueue("customers", { trigger: "hand", priority: 10, dueAt: clock + 5_000 });
        const seen = await (await openAgain()).entries();
        expect(seen).toEqual([
          {
            id,
            sync: "customers",
            kind: "sync",
            trigger: "hand",
            priority: 10,
            dueAt: start + 5_000,
            enqueuedAt: start,
            heldBy: null,
            takenAt: null,
            cancelled: false,
            deaths: 0,
          },
        ]);
      });

      test("that waits already is not noted twice, and becomes as urgent as the more urgent of the two", async () => {
        const id = await enqueue("customers", { dueAt: clock + 60_000 });
        expect(await queue.enqueue(wish("customers", { trigger: "hand", priority: 10 }))).toBeNull();
        expect(await entryOf(id)).toMatchObject({ trigger: "hand", priority: 10, dueAt: start });
        expect(await queue.enqueue(wish("customers", { dueAt: clock + 90_000 }))).toBeNull();
        expect(await entryOf(id)).toMatchObject({ trigger: "hand", priority: 10, dueAt: start });
        expect(await queue.entries()).toHaveLength(1);
      });

      test("to retry waits beside one to sync", async () => {
        await enqueue("customers");
        await enqueue("customers", { kind: "retry", trigger: "retry" });
        expect(await queue.enqueue(wish("customers", { kind: "retry", trigger: "retry" }))).toBeNull();
        expect(await queue.entries()).toHaveLength(2);
      });

      test("that is noted while the sync runs is to run again after it, once", async () => {
        const first = await run("customers");
        const again = await enqueue("customers", { trigger: "hand", priority: 10 });
        expect(await entryOf(again)).toMatchObject({ trigger: "again", priority: 10 });
        expect(await queue.enqueue(wish("customers"))).toBeNull();
        expect(await queue.take(again, "runner 2", ttlMs)).toBeNull();
        await queue.finish(first);
        expect((await queue.take(again, "runner 2", ttlMs))?.trigger).toBe("again");
      });

      test("keeps the order in which it was noted", async () => {
        for (const sync of ["c", "a", "b"]) {
          await enqueue(sync);
          clock += 1;
        }
        expect((await queue.entries()).map((entry) => entry.sync)).toEqual(["c", "a", "b"]);
      });

      test("has an id that no other one ever had", async () => {
        const first = await run("customers");
        await queue.finish(first);
        expect(await enqueue("customers")).not.toBe(first.id);
      });
    });

    describe("a run", () => {
      test("is taken by one of all who try", async () => {
        const id = await enqueue();
        const others = await Promise.all([openAgain(), openAgain(), openAgain()]);
        const taken = await Promise.all(others.map((other, at) => other.take(id, `runner ${at}`, ttlMs)));
        expect(taken.filter((one) => one !== null)).toHaveLength(1);
      });

      test("is held while its lease is alive, and shows who holds it", async () => {
        const { id, fence } = await run("customers");
        expect(await entryOf(id)).toMatchObject({
          heldBy: { holder: "runner 1", untilMs: start + ttlMs },
          takenAt: start,
        });
        clock += ttlMs - 1;
        expect(await queue.take(id, "runner 2", ttlMs)).toBeNull();
        expect(await queue.renew({ id, fence }, ttlMs)).toBe("held");
        clock += ttlMs - 1;
        expect(await queue.take(id, "runner 2", ttlMs)).toBeNull();
        clock += 1;
        expect((await entryOf(id))?.heldBy).toBeNull();
      });

      test("whose lease has expired goes to whoever takes it, with a higher fence, and the one before has lost it", async () => {
        const first = await run("customers");
        clock += ttlMs;
        const second = await queue.take(first.id, "runner 2", ttlMs);
        expect(second?.fence).toBe(first.fence + 1);
        expect(await queue.renew(first, ttlMs)).toBe("lost");
        expect(await queue.finish(first)).toBe(false);
        expect(await queue.putBack(first, clock)).toBe(false);
        expect((await entryOf(first.id))?.heldBy?.holder).toBe("runner 2");
        if (second !== null) expect(await queue.finish(second)).toBe(true);
        expect(await queue.entries()).toEqual([]);
      });

      test("whose lease has expired is kept by its holder when nobody took it", async () => {
        const lease = await run("customers");
        clock += ttlMs * 2;
        expect(await queue.renew(lease, ttlMs)).toBe("held");
        expect(await queue.take(lease.id, "runner 2", ttlMs)).toBeNull();
      });

      test("whose lease has expired makes way for one that was to come after it", async () => {
        const first = await run("customers");
        const again = await enqueue("customers");
        clock += ttlMs;
        expect(await queue.take(again, "runner 2", ttlMs)).not.toBeNull();
        expect((await queue.entries()).map(({ id }) => id)).toEqual([again]);
        expect(await queue.renew(first, ttlMs)).toBe("lost");
      });

      test("of a retry that has expired waits again behind the sync that is taken", async () => {
        const retry = await run("customers", "runner 1", { kind: "retry", trigger: "retry" });
        const sync = await enqueue("customers");
        clock += ttlMs;
        expect(await queue.take(sync, "runner 2", ttlMs)).not.toBeNull();
        expect(await entryOf(retry.id)).toMatchObject({ kind: "retry", heldBy: null });
      });

      test("taken before the clock went back does not block the sync for long", async () => {
        clock += 365 * 86_400_000;
        const { id } = await run("customers");
        clock = start;
        expect(await queue.take(id, "runner 2", ttlMs)).not.toBeNull();
      });

      test("is gone when it is finished", async () => {
        const lease = await run("customers");
        expect(await queue.finish(lease)).toBe(true);
        expect(await queue.finish(lease)).toBe(false);
        expect(await queue.take(lease.id, "runner 1", ttlMs)).toBeNull();
        expect(await queue.entries()).toEqual([]);
      });

      test("that is put back waits until it is due", async () => {
        const lease = await run("customers", "runner 1", { trigger: "hand", priority: 10 });
        expect(await queue.putBack(lease, clock + 60_000)).toBe(true);
        expect(await entryOf(lease.id)).toMatchObject({ heldBy: null, trigger: "hand", dueAt: start + 60_000 });
        expect(await queue.renew(lease, ttlMs)).toBe("lost");
      });

      test("that is put back is one with the wish that came meanwhile", async () => {
        const lease = await run("customers", "runner 1", { trigger: "hand", priority: 10 });
        const again = await enqueue("customers", { dueAt: clock + 60_000 });
        await queue.putBack(lease, clock);
        expect(await queue.entries()).toMatchObject([{ id: again, priority: 10, dueAt: start }]);
      });

      test("says how often in a row whoever ran it was gone before it had ended, until it is put back", async () => {
        const deathsOf = async (id: string): Promise<number | undefined> => (await entryOf(id))?.deaths;
        const { id } = await run("customers", "runner 1");
        expect(await deathsOf(id)).toBe(0);
        await queue.giveBack("runner 1");
        expect(await deathsOf(id)).toBe(1);
        await queue.take(id, "runner 2", ttlMs);
        expect(await deathsOf(id)).toBe(1);
        // Nobody was there to say that it is gone.
        clock += ttlMs + 1;
        expect(await entryOf(id)).toMatchObject({ heldBy: null, deaths: 2 });
        const third = await queue.take(id, "runner 3", ttlMs);
        expect(await deathsOf(id)).toBe(2);
        if (third === null) throw new Error("it was not to be had");
        await queue.putBack(third, clock);
        expect(await deathsOf(id)).toBe(0);
      });

      test("hands its deaths on to the wish that came meanwhile, with the time at which it was taken", async () => {
        await run("customers", "runner 1");
        clock += 1000;
        const again = await enqueue("customers");
        await queue.giveBack("runner 1");
        expect(await queue.entries()).toMatchObject([{ id: again, deaths: 1, takenAt: start }]);
        const lease = await queue.take(again, "runner 2", ttlMs);
        if (lease === null) throw new Error("it was not to be had");
        const next = await enqueue("customers");
        await queue.putBack(lease, clock);
        expect(await queue.entries()).toMatchObject([{ id: next, deaths: 0 }]);
        // The same where a lease has expired, and the wish behind it is taken.
        await queue.take(next, "runner 3", ttlMs);
        clock += ttlMs + 1;
        const last = await enqueue("customers");
        await queue.take(last, "runner 4", ttlMs);
        expect(await queue.entries()).toMatchObject([{ id: last, deaths: 1, takenAt: clock }]);
      });

      test("of a holder that is gone waits again at once", async () => {
        const lost = await run("customers", "runner 1");
        const other = await run("orders", "runner 2");
        expect(await queue.giveBack("runner 1")).toBe(1);
        expect((await entryOf(lost.id))?.heldBy).toBeNull();
        expect((await entryOf(other.id))?.heldBy?.holder).toBe("runner 2");
        expect(await queue.take(lost.id, "runner 3", ttlMs)).not.toBeNull();
        expect(await queue.giveBack("runner 1")).toBe(0);
      });
    });

    describe("to cancel", () => {
      test("takes out what waits", async () => {
        await enqueue("customers");
        await enqueue("customers", { kind: "retry", trigger: "retry" });
        const other = await enqueue("orders");
        expect(await queue.cancel("customers")).toBe("removed");
        expect((await queue.entries()).map(({ id }) => id)).toEqual([other]);
        expect(await queue.cancel("customers")).toBe("none");
      });

      test("asks what runs to end, whoever runs it, and takes out what was to come after it", async () => {
        const lease = await run("customers");
        await enqueue("customers");
        expect(await (await openAgain()).cancel("customers")).toBe("cancelling");
        expect(await queue.entries()).toMatchObject([{ id: lease.id, cancelled: true }]);
        expect(await queue.renew(lease, ttlMs)).toBe("cancelled");
        expect(await queue.finish(lease)).toBe(true);
      });

      test("is not undone by putting the run back, nor by a lease that expires", async () => {
        const lease = await run("customers");
        await queue.cancel("customers");
        expect(await queue.putBack(lease, clock)).toBe(true);
        const orders = await run("orders");
        await queue.cancel("orders");
        clock += ttlMs;
        expect(await queue.take(orders.id, "runner 2", ttlMs)).toBeNull();
        const people = await run("people", "runner 3");
        await queue.cancel("people");
        expect(await queue.giveBack("runner 3")).toBe(1);
        expect(await queue.renew(people, ttlMs)).toBe("lost");
        expect(await queue.entries()).toEqual([]);
      });
    });

    describe("a schedule", () => {
      const hour = 3_600_000;

      test("that is new counts from now on", async () => {
        expect(await queue.beginSchedule("customers", "0 * * * *", start)).toBe(start);
        clock += hour;
        expect(await queue.beginSchedule("customers", "0 * * * *", clock)).toBe(start);
      });

      test("remembers the last moment that has fired, for every process", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        expect(await queue.fire(start + hour, wish())).toBe(true);
        expect(await (await openAgain()).beginSchedule("customers", "0 * * * *", start + 2 * hour)).toBe(start + hour);
      });

      test("with another expression counts from now on again", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        await queue.fire(start + hour, wish());
        expect(await queue.beginSchedule("customers", "*/5 * * * *", start + 3 * hour)).toBe(start + 3 * hour);
      });

      test("that fired long after now, by a clock that was wrong, counts from now on again", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        await queue.fire(start + 48 * hour, wish());
        expect(await queue.beginSchedule("customers", "0 * * * *", start)).toBe(start);
        await queue.fire(start + 2 * hour, wish());
        expect(await queue.beginSchedule("customers", "0 * * * *", start)).toBe(start + 2 * hour);
      });

      test("fires a moment for one of all who try, and notes one wish", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        const others = await Promise.all([openAgain(), openAgain(), openAgain()]);
        const fired = await Promise.all(others.map((other) => other.fire(start + hour, wish())));
        expect(fired.filter((one) => one)).toHaveLength(1);
        expect(await queue.entries()).toHaveLength(1);
      });

      test("never goes back: moments before the last one that fired are over", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        expect(await queue.fire(start + 2 * hour, wish())).toBe(true);
        expect(await queue.fire(start + hour, wish())).toBe(false);
        expect(await queue.fire(start + 2 * hour, wish())).toBe(false);
        expect(await queue.fire(start + 3 * hour, wish())).toBe(true);
      });

      test("fires for each sync by itself", async () => {
        expect(await queue.fire(start + hour, wish("customers"))).toBe(true);
        expect(await queue.fire(start + hour, wish("orders"))).toBe(true);
      });

      test("that is paused fires nothing, and what it left waiting is taken out", async () => {
        await queue.fire(start + hour, wish());
        await enqueue("orders", { trigger: "hand" });
        await queue.pause("customers");
        await queue.pause("orders");
        expect(await (await openAgain()).paused()).toEqual(["customers", "orders"]);
        expect(await queue.entries()).toMatchObject([{ sync: "orders" }]);
        expect(await queue.fire(start + 2 * hour, wish())).toBe(false);
      });

      test("that is resumed goes on with the moments behind it", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        await queue.pause("customers");
        await queue.resume("customers", start + 5 * hour);
        expect(await queue.paused()).toEqual([]);
        expect(await queue.fire(start + 5 * hour, wish())).toBe(false);
        expect(await queue.fire(start + 6 * hour, wish())).toBe(true);
        expect(await queue.beginSchedule("customers", "0 * * * *", start + 7 * hour)).toBe(start + 6 * hour);
      });

      test("stays paused when its expression changes", async () => {
        await queue.pause("customers");
        await queue.beginSchedule("customers", "*/5 * * * *", start);
        expect(await queue.paused()).toEqual(["customers"]);
        expect(await queue.fire(start + hour, wish())).toBe(false);
      });

      test("that is not paused is not touched by resuming it", async () => {
        await queue.beginSchedule("customers", "0 * * * *", start);
        await queue.resume("customers", start + 5 * hour);
        expect(await queue.fire(start + hour, wish())).toBe(true);
      });
    });

    describe("the timeline of a run", () => {
      const note = (text: string, runId = "run 1", sync = "customers"): RunNote => ({
        sync,
        runId,
        trigger: "schedule",
        at: clock,
        text,
      });

      test("is kept in order, apart from those of other runs", async () => {
        await queue.note(note("began"));
        await queue.note(note("something else", "run 2"));
        clock += 5;
        await queue.note(note("ended"));
        await queue.note(note("began", "run 1", "orders"));
        expect(await (await openAgain()).notes("customers", "run 1")).toEqual([
          { sync: "customers", runId: "run 1", trigger: "schedule", at: start, text: "began" },
          { sync: "customers", runId: "run 1", trigger: "schedule", at: start + 5, text: "ended" },
        ]);
        expect(await queue.notes("customers", "run 3")).toEqual([]);
      });

      test("is bounded: the oldest notes of a sync go", async () => {
        for (let number = 0; number < 510; number++) await queue.note(note(`note ${number}`));
        const kept = await queue.notes("customers", "run 1");
        expect(kept).toHaveLength(500);
        expect(kept[0]?.text).toBe("note 10");
      });

      test("holds any text, up to its length", async () => {
        await queue.note(note(`nul \0, half \ud83d of a pair, ${"x".repeat(10_000)}`));
        const [kept] = await queue.notes("customers", "run 1");
        expect(kept?.text).toMatch(/^nul \ufffd, half \ufffd of a pair, x+$/);
        expect(kept?.text).toHaveLength(4_000);
      });
    });

    describe("an alert", () => {
      const failed = { sync: "customers", kind: "failed" };

      test("is raised by one of all who raise it, until it is cleared", async () => {
        const others = await Promise.all([openAgain(), openAgain(), openAgain()]);
        const raised = await Promise.all(
          others.map((other, at) => other.raiseAlert({ ...failed, text: `text ${at}` })),
        );
        expect(raised.filter((one) => one)).toHaveLength(1);
        await queue.clearAlert(failed);
        expect(await queue.raiseAlert({ ...failed, text: "again" })).toBe(true);
      });

      test("keeps the newest text, and the time at which it was raised", async () => {
        await queue.raiseAlert({ ...failed, text: "first" });
        clock += 1_000;
        await queue.raiseAlert({ ...failed, text: "second" });
        expect(await queue.alerts()).toEqual([{ ...failed, text: "second", raisedAt: start, toldAt: null }]);
      });

      test("remembers when somebody was told first", async () => {
        await queue.raiseAlert({ ...failed, text: "first" });
        clock += 1_000;
        await queue.markTold(failed);
        clock += 1_000;
        await queue.markTold(failed);
        expect((await queue.alerts())[0]?.toldAt).toBe(start + 1_000);
      });

      test("is cleared by one of all who clear it", async () => {
        await queue.raiseAlert({ ...failed, text: "first" });
        await queue.raiseAlert({ sync: "", kind: "quota", text: "about all" });
        const others = await Promise.all([openAgain(), openAgain()]);
        const cleared = await Promise.all(others.map((other) => other.clearAlert(failed)));
        expect(cleared.filter((one) => one !== null)).toEqual([
          { ...failed, text: "first", raisedAt: start, toldAt: null },
        ]);
        expect((await queue.alerts()).map(({ kind }) => kind)).toEqual(["quota"]);
      });

      test("shows the newest first", async () => {
        for (const kind of ["stale", "failed"]) {
          await queue.raiseAlert({ sync: "customers", kind, text: kind });
          clock += 1;
        }
        expect((await queue.alerts()).map(({ kind }) => kind)).toEqual(["failed", "stale"]);
      });
    });

    test("says where it is kept", () => {
      expect(queue.location).not.toBe("");
    });

    test("cannot be used once it is closed", async () => {
      await queue.close();
      await expect(queue.entries()).rejects.toThrow(BugError);
      await expect(queue.enqueue(wish())).rejects.toThrow(BugError);
    });
  });
}
