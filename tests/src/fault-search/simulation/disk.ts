import type { Cursor, StateStore, SyncState, UnsettledBatch } from "@acme/sync-core";
import type { EngineModules } from "../engine-under-test.ts";
import type { SimulatedProcess } from "./process.ts";
import { unaborted, type World } from "./world.ts";

/** What the world learns of a process's writes, right after they were committed. */
export interface DiskWitness {
  onCheckpoint(cursor: Cursor): Promise<void>;
  onAccepted(eventId: string): void;
  onUnsettled(batches: readonly UnsettledBatch[]): void;
}

/** A disk that can be full for everybody who uses it. */
export interface Disk {
  isFull(): boolean;
  fillFor(ms: number): void;
}

export function createDisk(world: World): Disk {
  let fullUntil = 0;
  return {
    isFull: () => world.isStormy() && world.clock.now() < fullUntil,
    fillFor(ms) {
      fullUntil = world.clock.now() + ms;
      world.timeline.note("disk", () => `is full for ${ms / 1000} s`);
    },
  };
}

/** The real store as one process sees it: calls may fail before they are committed, or after, or take their time. */
export function onDisk(
  store: StateStore,
  world: World,
  disk: Disk,
  process: SimulatedProcess,
  witness: DiskWitness,
  { TransientError }: Pick<EngineModules, "TransientError">,
): StateStore {
  const { stateFails, stateTorn, stateSlow } = world.scenario.faults;
  const dice = world.dice(`disk of ${process.name}`);

  function call<T>(what: string, writes: boolean, effect: () => Promise<T>): Promise<T> {
    return process.call(what, async () => {
      if (world.isStormy()) {
        if (dice.chance(stateSlow)) await world.clock.sleep(dice.int(1, 1500), unaborted);
        if (writes && disk.isFull()) throw new TransientError(`The disk is full (${what})`);
        if (dice.chance(stateFails)) {
          world.timeline.note(process.name, () => `state: ${what} fails`);
          throw new TransientError(`The disk failed (${what})`);
        }
      }
      // A process that died while its disk was slow writes no more.
      if (process.isDead()) return await new Promise<T>(() => undefined);
      const result = await effect();
      if (writes && world.isStormy() && dice.chance(stateTorn)) {
        world.timeline.note(process.name, () => `state: ${what} is committed, but reported as failed`);
        throw new TransientError(`The disk failed after the commit (${what})`);
      }
      return result;
    });
  }

  function held(state: SyncState): SyncState {
    const note = (text: () => string): void => world.timeline.note(process.name, text);
    return {
      fence: state.fence,
      cursor: () => call("cursor", false, () => state.cursor()),
      unsettled: () =>
        call("unsettled", false, async () => {
          const batches = await state.unsettled();
          witness.onUnsettled(batches);
          return batches;
        }),
      writeDown: (batches, parked, sound) =>
        call("writeDown", true, async () => {
          await state.writeDown(batches, parked, sound);
          for (const { id, rows } of batches) note(() => `writes down ${id}: ${rows.map((row) => row.key).join(" ")}`);
          for (const row of parked) note(() => `parks ${row.key}: ${row.code}`);
        }),
      markSent: (batchId) =>
        call("markSent", true, async () => {
          await state.markSent(batchId);
          note(() => `marks ${batchId} as sent`);
        }),
      echoes: () =>
        call("echoes", true, async () => {
          const echoes = await state.echoes();
          for (const { rows, untilMs } of echoes)
            note(() => `remembers that ${rows.map((row) => row.record).join(" ")} may land until ${untilMs}`);
          return echoes;
        }),
      markAccepted: (batchId, eventId, echoUntilMs) =>
        call("markAccepted", true, async () => {
          await state.markAccepted(batchId, eventId, echoUntilMs);
          note(() => `marks ${batchId} as accepted: ${eventId}${echoUntilMs == null ? "" : ", perhaps not alone"}`);
          witness.onAccepted(eventId);
        }),
      settle: (settlement) =>
        call("settle", true, async () => {
          await state.settle(settlement);
          const { batchId, landed, parked, replacedBy } = settlement;
          note(
            () =>
              `settles ${batchId}: landed ${landed.map((row) => row.key).join(" ") || "-"}, parked ${parked.map((row) => row.key).join(" ") || "-"}, replaced by ${replacedBy.map((batch) => batch.id).join(" ") || "-"}`,
          );
        }),
      withdraw: (batchIds) =>
        call("withdraw", true, async () => {
          await state.withdraw(batchIds);
          note(() => `withdraws ${batchIds.join(" ")}`);
        }),
      checkpoint: (cursor, proved) =>
        call("checkpoint", true, async () => {
          await state.checkpoint(cursor, proved);
          note(() => `checkpoint ${JSON.stringify(cursor)}`);
          await witness.onCheckpoint(cursor);
        }),
      saveReceipt: (receipt) => call("saveReceipt", true, () => state.saveReceipt(receipt)),
      lastReceiptDigest: () => call("lastReceiptDigest", false, () => state.lastReceiptDigest()),
      forgetRows: (keys) =>
        call("forgetRows", true, async () => {
          await state.forgetRows(keys);
          note(() => `forgets what landed of ${keys.join(" ")}`);
        }),
      renew: (ttlMs) => call("renew", true, () => state.renew(ttlMs)),
      release: () => call("release", true, () => state.release()),
    };
  }

  return {
    location: store.location,
    claim: (sync, holder, ttlMs, replacing) =>
      call("claim", true, async () => {
        const state = await store.claim(sync, holder, ttlMs, replacing);
        world.timeline.note(process.name, () =>
          state === null ? "finds the sync claimed by another" : `claims the sync with fence ${state.fence}`,
        );
        return state === null ? null : held(state);
      }),
    summary: (sync) => call("summary", false, () => store.summary(sync)),
    syncs: () => call("syncs", false, () => store.syncs()),
    known: (sync, keys) => call("known", false, () => store.known(sync, keys)),
    parked: (sync, limit) => call("parked", false, () => store.parked(sync, limit)),
    receipts: (sync, limit) => call("receipts", false, () => store.receipts(sync, limit)),
    reset: (sync) => call("reset", true, () => store.reset(sync)),
    reserve: (key, units, pace) => call("reserve", true, () => store.reserve(key, units, pace)),
    penalize: (key, waitMs, pace) => call("penalize", true, () => store.penalize(key, waitMs, pace)),
    addUsage: (key, month, delta) => call("addUsage", true, () => store.addUsage(key, month, delta)),
    usage: (key, month) => call("usage", false, () => store.usage(key, month)),
    close: () => store.close(),
  };
}
