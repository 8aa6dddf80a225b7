import type { Cursor, StateStore, SyncState, UnsettledBatch } from "@acme/sync-core";
import type { EngineModules } from "../engine-under-test.ts";
import type { ClaimWatch } from "./claim-watch.ts";
import type { SimulatedProcess } from "./process.ts";
import { type AfterCommit, throughDisk } from "./through-disk.ts";
import { unaborted, type World } from "./world.ts";

/** What the world learns of a process's writes, right after they were committed. */
export interface DiskWitness {
  onCheckpoint(cursor: Cursor): Promise<void>;
  onAccepted(eventId: string): void;
  onUnsettled(batches: readonly UnsettledBatch[]): void;
  readonly claims: ClaimWatch;
  onLanded(key: string, remembered: string): void;
  onLeft(keys: readonly string[]): void;
  /** What landed of these rows is not stored as it was sent. */
  onDistrusted(keys: readonly string[]): void;
  /** Rows are written down to be sent. */
  onWrittenDown(keys: readonly string[]): void;
  /** The process has asked which rows are parked. */
  onParkedRead(keys: readonly string[]): void;
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

  function call(what: string, writes: boolean, effect: () => Promise<unknown>): Promise<unknown> {
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
      if (process.isDead()) return await new Promise<never>(() => undefined);
      const result = await effect();
      if (writes && world.isStormy() && dice.chance(stateTorn)) {
        world.timeline.note(process.name, () => `state: ${what} is committed, but reported as failed`);
        throw new TransientError(`The disk failed after the commit (${what})`);
      }
      return result;
    });
  }

  const note = (text: () => string): void => world.timeline.note(process.name, text);

  /** What the world learns and tells of a call that was committed. */
  const afterCommit: AfterCommit<SyncState> = {
    unsettled(batches) {
      witness.onUnsettled(batches);
    },
    echoes(echoes) {
      for (const { rows, untilMs } of echoes)
        note(() => `remembers that ${rows.map((row) => row.record).join(" ")} may land until ${untilMs}`);
    },
    writeDown(_, batches, parked) {
      witness.onWrittenDown(batches.flatMap(({ rows }) => rows.map((row) => row.key)));
      for (const { id, rows } of batches) {
        witness.claims.onWrittenDown(id);
        note(() => `writes down ${id}: ${rows.map((row) => row.key).join(" ")}`);
      }
      for (const row of parked) note(() => `parks ${row.key}: ${row.code}`);
    },
    markSent(_, batchId) {
      note(() => `marks ${batchId} as sent`);
    },
    markAccepted(_, batchId, eventId, echoUntilMs) {
      note(() => `marks ${batchId} as accepted: ${eventId}${echoUntilMs == null ? "" : ", perhaps not alone"}`);
      witness.onAccepted(eventId);
    },
    settle(_, { batchId, landed, parked, replacedBy }) {
      for (const { id } of replacedBy) witness.claims.onWrittenDown(id);
      for (const { key, identity } of landed) if (typeof identity === "string") witness.onLanded(key, identity);
      const keys = (rows: readonly { readonly key: string }[]): string => rows.map((row) => row.key).join(" ") || "-";
      const next = replacedBy.map((batch) => batch.id).join(" ") || "-";
      note(() => `settles ${batchId}: landed ${keys(landed)}, parked ${keys(parked)}, replaced by ${next}`);
    },
    withdraw(_, batchIds) {
      note(() => `withdraws ${batchIds.join(" ")}`);
    },
    leave(_, keys) {
      witness.onLeft(keys);
      note(() => `forgets ${keys.join(" ") || "nothing"}: gone`);
    },
    left(records) {
      note(() => `has records to delete: ${records.map(({ identity }) => identity).join(" ") || "none"}`);
    },
    miss(_, identity) {
      note(() => `does not find ${identity}, and will look again`);
    },
    distrust(_, rows) {
      witness.onDistrusted(rows.map(({ key }) => key));
      note(() => `distrusts what has landed of ${rows.map(({ key }) => key).join(" ")}`);
    },
    async checkpoint(_, cursor, _proved, marks) {
      note(() => `checkpoint ${JSON.stringify(cursor)}`);
      for (const { key, identity } of marks?.identities ?? []) witness.onLanded(key, identity);
      await witness.onCheckpoint(cursor);
    },
    renew(_, ttlMs) {
      witness.claims.onRenewed(process.name, ttlMs);
    },
    release() {
      witness.claims.onReleased(process.name);
    },
  };

  return throughDisk(store, READS, call, {
    claim(state, _sync, _holder, ttlMs) {
      note(() => (state === null ? "finds the sync claimed by another" : `claims the sync with fence ${state.fence}`));
      if (state === null) return null;
      witness.claims.onClaimed(process.name, ttlMs);
      return throughDisk(state, READS, call, afterCommit);
    },
    parked(rows) {
      witness.onParkedRead(rows.map((row) => row.key));
    },
  });
}

const READS: ReadonlySet<string> = new Set([
  "cursor",
  "unsettled",
  "lastReceiptDigest",
  "summary",
  "syncs",
  "known",
  "parked",
  "receipts",
  "usage",
  "deletions",
  "absent",
  "absentCount",
  "unidentifiedCount",
  "leftCount",
]);
