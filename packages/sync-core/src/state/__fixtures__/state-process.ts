import { setTimeout as sleep } from "node:timers/promises";
import type { StateStore } from "../../contracts/state.ts";
import { openSqliteState } from "../open-sqlite-state.ts";
import { rowsOf, toBatch } from "../../testing/state-rows.ts";

/*
 * A process of its own that works on a state file: `reserve`, `write` and `open` are what a test may ask for, with the file as
 * the next argument. It reports to its parent by messages.
 */
const [task = "", file = "", ...rest] = process.argv.slice(2);

const tasks: Readonly<Record<string, () => Promise<void>>> = {
  /** Takes units as fast as it is allowed to, on a clock that runs `scale` times too fast. */
  async reserve() {
    const [scale = 1, runMs = 0, takers = 1, unitsPerMinute = 1, burstUnits = 0] = rest.map(Number);
    let lastNow = 0;
    const store = await openSqliteState({ file, now: () => (lastNow = Math.floor(Date.now() * scale)) });
    const grants: { atMs: number; units: number }[] = [];
    await tell({ ready: true });
    await new Promise<void>((resolve) => process.once("message", () => resolve()));
    const endMs = Date.now() + runMs;
    const take = async (taker: number): Promise<void> => {
      for (let call = 0; Date.now() < endMs; call++) {
        const units = 1 + ((taker + call) % 3);
        const waitMs = await store.reserve("key", units, { unitsPerMinute, burstUnits });
        grants.push({ atMs: lastNow + waitMs, units });
        await sleep(waitMs / scale);
      }
    };
    await Promise.all(Array.from({ length: takers }, (_, taker) => take(taker)));
    await store.close();
    await tell({ grants });
    process.disconnect();
  },

  /** Goes through batch after batch, from where the one before it was killed, until it is killed itself or something fails. */
  async write() {
    const rows = Number(rest[0] ?? 20);
    const store = await openSqliteState({ file, now: Date.now });
    const state = await store.claim("customers", "writer", 60_000);
    if (state === null) throw new Error("held by somebody else");
    const done = await state.cursor();
    for (const batch of await state.unsettled()) {
      await state.settle({ batchId: batch.id, landed: batch.rows, parked: [], replacedBy: [] });
    }
    for (let page = typeof done === "number" ? done + 1 : 0; ; page++) {
      const keys = Array.from({ length: rows }, (_, row) => `${page}-${row}`);
      try {
        await state.writeDown([toBatch(`batch-${page}`, keys)], []);
        await state.markSent(`batch-${page}`);
        await state.markAccepted(`batch-${page}`, `event-${page}`);
        await state.settle({ batchId: `batch-${page}`, landed: rowsOf(...keys), parked: [], replacedBy: [] });
        await state.checkpoint(page, null);
      } catch (error) {
        await tell({ failed: describe(error), page, stillReads: await stillReads(store) });
        process.disconnect();
        return;
      }
      await tell({ checkpoint: page });
    }
  },

  /** Opens the file as a user without any rights, and says what came of it. */
  async open() {
    // Root may do anything; everybody else has to be told by the file's own rights.
    if (process.getuid?.() === 0) process.seteuid?.(65_534);
    try {
      await (await openSqliteState({ file, now: Date.now })).close();
      await tell({ opened: true });
    } catch (error) {
      await tell({ failed: describe(error) });
    }
    process.disconnect();
  },
};

async function stillReads(store: StateStore): Promise<boolean> {
  return (await store.summary("customers")) !== null;
}

function describe(error: unknown): { name: string; message: string } {
  return error instanceof Error
    ? { name: error.name, message: error.message }
    : { name: "unknown", message: String(error) };
}

function tell(message: object): Promise<void> {
  return new Promise((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
}

await tasks[task]?.();
