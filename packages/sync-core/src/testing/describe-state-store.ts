import { afterEach, beforeEach, describe } from "vitest";
import type { StateStore } from "../contracts/state.ts";
import { describeBatches } from "./state-store/describe-batches.ts";
import { describeClaims } from "./state-store/describe-claims.ts";
import { describeCrashes } from "./state-store/describe-crashes.ts";
import { describeDeletions } from "./state-store/describe-deletions.ts";
import { describeForgetting } from "./state-store/describe-forgetting.ts";
import { describeProgress } from "./state-store/describe-progress.ts";
import { describeRates } from "./state-store/describe-rates.ts";
import { describeRows } from "./state-store/describe-rows.ts";
import { describeTransfer } from "./state-store/describe-transfer.ts";
import { start, type StateWorld, ttlMs } from "./state-store/world.ts";

/** Opens the store kept at `place`. The same place is the same store, however often it is opened; a new place is empty. */
export type OpenStateStore = (place: string, now: () => number) => Promise<StateStore>;

/** What every state store promises, whatever it is kept in. */
export function describeStateStore(name: string, open: OpenStateStore): void {
  describe(name, () => {
    let store: StateStore;
    let place = "";
    let places = 0;
    let opened: StateStore[] = [];

    const world: StateWorld = {
      clock: start,
      get store() {
        return store;
      },
      get place() {
        return place;
      },
      async move() {
        place = `place-${++places}`;
        store = await world.openAgain();
      },
      async openAgain(at = place) {
        const another = await open(at, () => world.clock);
        opened.push(another);
        return another;
      },
      async claim(holder = "run 1", sync = "customers", through = store) {
        const state = await through.claim(sync, holder, ttlMs);
        if (state === null) throw new Error(`${sync} is held by somebody else`);
        return state;
      },
      async leftBy(state, limit) {
        return (await state.left(world.clock, limit)).map(({ identity }) => identity);
      },
    };

    beforeEach(async () => {
      world.clock = start;
      await world.move();
    });
    afterEach(async () => {
      for (const each of opened) await each.close();
      opened = [];
    });

    describeClaims(world);
    describeRows(world);
    describeBatches(world);
    describeDeletions(world);
    describeProgress(world);
    describeRates(world);
    describeTransfer(world);
    describeForgetting(world);
    describeCrashes(world);
  });
}
