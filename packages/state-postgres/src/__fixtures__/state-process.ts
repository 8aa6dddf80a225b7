import { setTimeout as sleep } from "node:timers/promises";
import { type StateStore, SyncError } from "@acme/sync-core";
import { openPostgresRunQueue } from "../open-postgres-run-queue.ts";
import { openPostgresState } from "../open-postgres-state.ts";

/*
 * A process that works on a state. The task is the first argument, the URL the second. It reports to its parent by messages.
 */
const [task = "", url = "", ...rest] = process.argv.slice(2);
const holder = `process ${process.pid}`;

function tell(message: object): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

async function open(): Promise<StateStore> {
  const store = await openPostgresState({ url, now: Date.now, mode: "create" });
  if (store === null) throw new Error("no state was made");
  return store;
}

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  /** Claims the sync again and again, and counts its cursor up by one with each step; every now and then it outlives its claim. */
  async count() {
    const [steps = 0, ttlMs = 0] = rest.map(Number);
    const store = await open();
    let done = 0;
    let lost = 0;
    while (done < steps) {
      const state = await store.claim("counter", holder, ttlMs);
      if (state === null) {
        await sleep(5 + Math.random() * 20);
        continue;
      }
      try {
        for (let step = 0; step < 5; step++) {
          const before = await state.cursor();
          await sleep(Math.random() < 0.1 ? 1.5 * ttlMs : 1);
          await state.checkpoint((typeof before === "number" ? before : 0) + 1, null);
          done += 1;
        }
        await state.release();
      } catch (error) {
        if (!(SyncError.is(error) && error.kind === "transient")) throw error;
        lost += 1;
      }
    }
    await store.close();
    await tell({ done, lost });
    process.disconnect();
  },

  /** Claims the sync and moves its cursor until it fails. Says how far it came. */
  async hold() {
    const store = await open();
    const state = await store.claim("customers", holder, Number(rest[0]));
    if (state === null) throw new Error("held by somebody else");
    await tell({ claimed: state.fence });
    for (let step = 1; ; step++) {
      try {
        await state.checkpoint({ by: holder, step }, null);
        await state.renew(Number(rest[0]));
        await tell({ step });
      } catch (error) {
        await tell({ failed: error instanceof Error ? error.message : String(error) });
        process.disconnect();
        return;
      }
    }
  },

  /** Fires moments of a schedule, and takes whatever waits, as a runner would. */
  async fire() {
    const [moments = 0] = rest.map(Number);
    const queue = await openPostgresRunQueue({ url, now: Date.now, mode: "create" });
    if (queue === null) throw new Error("no run queue was made");
    const fired: number[] = [];
    const taken: string[] = [];
    await tell({ ready: true });
    await new Promise<void>((resolve) => process.once("message", () => resolve()));
    for (let moment = 1; moment <= moments; moment++) {
      const wish = { sync: `sync ${moment % 7}`, kind: "sync", trigger: "schedule", priority: 0, dueAt: 0 } as const;
      if (await queue.fire(moment, wish)) fired.push(moment);
      for (const entry of await queue.entries()) {
        const run = await queue.take(entry.id, holder, 60_000);
        if (run === null) continue;
        taken.push(`${run.id} ${run.fence}`);
        await queue.finish(run);
      }
    }
    await queue.close();
    await tell({ fired, taken });
    process.disconnect();
  },

  /** Takes units as fast as it is allowed to, by the clock of the server. */
  async reserve() {
    const [calls = 0, unitsPerMinute = 0, burstUnits = 0] = rest.map(Number);
    const store = await open();
    await tell({ ready: true });
    await new Promise<void>((resolve) => process.once("message", () => resolve()));
    const grants: number[] = [];
    await Promise.all(
      Array.from({ length: calls }, async () => {
        const waitMs = await store.reserve("key", 1, { unitsPerMinute, burstUnits });
        grants.push(Date.now() + waitMs);
      }),
    );
    await store.close();
    await tell({ grants });
    process.disconnect();
  },
};

await tasks[task]?.();
