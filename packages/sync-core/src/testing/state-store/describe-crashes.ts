import { expect, test } from "vitest";
import { BugError } from "../../contracts/errors.ts";
import type { StateStore, SyncState } from "../../contracts/state.ts";
import { rowsOf, toBatch, toReceipt, toParked } from "../state-rows.ts";
import { ttlMs, type StateWorld } from "./world.ts";

export function describeCrashes(world: StateWorld): void {
  test("a crash between any two steps loses nothing that was done, and the run after it ends the same", async () => {
    const steps: readonly ((state: SyncState) => Promise<void>)[] = [
      (state) => state.writeDown([toBatch("b1", ["a", "b"]), toBatch("b2", ["c"])], [toParked("d")]),
      (state) => state.markSent("b1"),
      (state) => state.markAccepted("b1", "event-1"),
      (state) => state.markSent("b2"),
      (state) => state.settle({ batchId: "b1", landed: rowsOf("a", "b"), parked: [], replacedBy: [] }),
      (state) =>
        state.settle({ batchId: "b2", landed: [], parked: [toParked("c")], replacedBy: [toBatch("b3", ["e"])] }),
      (state) => state.markSent("b3"),
      (state) => state.settle({ batchId: "b3", landed: rowsOf("e"), parked: [], replacedBy: [] }),
      (state) => state.checkpoint({ page: 1 }, { field: null, after: null, through: null }),
      (state) => state.forgetRows(["b"]),
      (state) => state.saveReceipt(toReceipt("1")),
    ];
    const view = async (at: StateStore, state: SyncState): Promise<unknown> => ({
      summary: { ...(await at.summary("customers")), heldBy: null },
      batches: (await state.unsettled()).map(({ id, eventId, rows, sentAt }) => ({
        id,
        eventId,
        rows,
        sent: sentAt !== null,
      })),
      known: await at.known("customers", ["a", "b", "c", "d", "e"]),
      parked: await at.parked("customers", 10),
      receipts: await at.receipts("customers", 10),
    });

    const expected: unknown[] = [];
    const state = await world.claim();
    expected.push(await view(world.store, state));
    for (const step of steps) {
      await step(state);
      expected.push(await view(world.store, state));
    }

    for (let crash = 0; crash <= steps.length; crash++) {
      const crashPlace = `${world.place}-crash-${crash}`;
      const dying = await world.claim("dying", "customers", await world.openAgain(crashPlace));
      for (const step of steps.slice(0, crash)) await step(dying);
      // Not closed: the process that held it is gone, and its claim with the time that passes.
      world.clock += ttlMs;
      const next = await world.openAgain(crashPlace);
      const resumed = await world.claim("next", "customers", next);
      const normal = (text: unknown): string =>
        JSON.stringify(text, (_, value) => (value instanceof Map ? [...value] : value)).replaceAll(
          /"(first|last)At":\d+/g,
          "",
        );
      expect(normal(await view(next, resumed)), `after step ${crash}`).toEqual(normal(expected[crash]));
      for (const step of steps.slice(crash)) await step(resumed);
      expect(normal(await view(next, resumed)), `resumed after step ${crash}`).toEqual(normal(expected.at(-1)));
    }
  });

  test("a closed store says so, and may be closed again", async () => {
    const state = await world.claim();
    await world.store.close();
    await world.store.close();
    await expect(state.cursor()).rejects.toBeInstanceOf(BugError);
    await expect(world.store.syncs()).rejects.toBeInstanceOf(BugError);
  });
}
