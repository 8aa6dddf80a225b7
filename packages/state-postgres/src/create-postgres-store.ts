import { BugError, type KnownRow, type StateStore, type SyncSummary } from "@acme/sync-core";
import {
  fromStoredText,
  holdsRow,
  type StoredBatch,
  toCursor,
  toLiveClaim,
  toPaceParameters,
  toProvedInterval,
  toRateStatus,
  toReceipt,
  toRowLimit,
  toStoredText,
} from "@acme/sync-core/state";
import { createPostgresTransfer } from "./create-postgres-transfer.ts";
import { createSyncState } from "./create-sync-state.ts";
import { fromIndexedText, toIndexedText } from "./indexed-text.ts";
import type { PostgresSession } from "./session.ts";
import { batches, pace, rate, receipts, rows, type SyncRow, syncs, tablesOfSync, usage } from "./statements.ts";
import { damagedState } from "./to-state-error.ts";

/** The state store over an open session. */
export function createPostgresStore(session: PostgresSession): StateStore {
  return {
    ...createPostgresTransfer(session),
    location: session.location,

    async claim(sync, holder, ttlMs, replacing) {
      const name = toStoredText(sync);
      return session.write({}, async ({ all, run }) => {
        let [found] = await all<SyncRow>(syncs.lockByName, [name]);
        if (found === undefined) {
          await run(syncs.add, [name]);
          [found] = await all<SyncRow>(syncs.lockByName, [name]);
        }
        if (found === undefined) throw new BugError(`Sync "${sync}" vanished while it was being claimed.`);
        // Behind the lock: whoever waited for it must not go by an old time.
        const now = (await all<{ now: number }>(syncs.clock))[0]?.now ?? session.now();
        const live = liveClaim(found, now);
        if (live !== null && live.holder !== holder && live.holder !== replacing) return null;
        await run(syncs.hold, [toStoredText(holder), Math.ceil(now + ttlMs), Math.ceil(ttlMs), found.id]);
        return createSyncState(session, { id: found.id, name: sync, fence: found.fence + 1 });
      });
    },

    async summary(sync) {
      const [found] = await session.read<SyncRow & { now: number; batches: number }>(syncs.summary, [
        toStoredText(sync),
      ]);
      if (found === undefined) return null;
      return {
        sync,
        cursor: toCursor(found.cursor),
        proved: toProvedInterval(found.proved),
        landedRows: found.landed_rows,
        parkedRows: found.parked_rows,
        unsettledBatches: found.batches,
        enumeration: found.enumeration ?? "none",
        heldBy: liveClaim(found, found.now),
      };
    },

    async syncs() {
      return (await session.read<{ name: string }>(syncs.names)).map(({ name }) => fromStoredText(name));
    },

    async known(sync, keys) {
      const known = new Map<string, KnownRow>();
      if (keys.length === 0) return known;
      const found = await session.read<KnownRowRow>(rows.known, [
        toStoredText(sync),
        keys.map((key) => toIndexedText(key).text),
      ]);
      for (const { position, landed, parked, record, whole_record } of found) {
        const key = keys[position - 1];
        if (key === undefined) continue;
        const identity = record === null ? {} : { identity: fromIndexedText(record, whole_record) };
        known.set(key, { landed, parked, ...identity });
      }
      return known;
    },

    async underWay(sync, key) {
      const found = await session.read<StoredBatch & { id: string }>(batches.ofSync, [toStoredText(sync)]);
      return found.some((batch) => {
        const holds = holdsRow(batch, key);
        if (holds === null) throw damagedState(session.location, `batch ${batch.id} of sync "${sync}" cannot be read`);
        return holds;
      });
    },

    async parked(sync, limit) {
      const found = await session.read<ParkedRowRow>(rows.parked, [toStoredText(sync), toRowLimit(limit)]);
      return found.map((row) => ({
        key: fromIndexedText(row.key, row.whole_key),
        code: fromStoredText(row.code),
        reason: fromStoredText(row.reason),
        firstAt: row.first_at,
        lastAt: row.last_at,
      }));
    },

    async receipts(sync, limit) {
      const found = await session.read<{ receipt: string }>(receipts.byName, [toStoredText(sync), toRowLimit(limit)]);
      return found.map(({ receipt }) => toReceipt(receipt));
    },

    async reset(sync) {
      const name = toStoredText(sync);
      await session.write({ unhurried: true }, async ({ all, run }) => {
        const [found] = await all<SyncRow>(syncs.lockByName, [name]);
        if (found === undefined) return;
        for (const table of tablesOfSync) await run(`delete from {schema}.${table} where sync_id = $1`, [found.id]);
        // The row stays, since its fence must go on rising: a run that is still going on must not write any more.
        await run(syncs.clear, [found.id]);
      });
    },

    async reserve(key, units, given) {
      if (!(units >= 0 && units < Infinity)) throw new BugError(`Cannot reserve ${units} units of ${key}.`);
      const { limit, burst } = toPaceParameters(given);
      const [reserved] = await session.writeOne<{ wait_ms: number }>(
        given === null ? pace.reserveAgain : pace.reserve,
        [toStoredText(key), units, limit, burst],
      );
      return reserved?.wait_ms ?? 0;
    },

    async penalize(key, waitMs, given) {
      if (!(waitMs < Infinity)) throw new BugError(`Cannot hold ${key} back for ${waitMs} ms.`);
      const { limit, burst } = toPaceParameters(given);
      await session.writeOne(pace.penalize, [toStoredText(key), Math.max(0, waitMs), limit, burst]);
    },

    async rate(key) {
      const [found] = await session.read<RateRow>(rate, [toStoredText(key)]);
      if (found === undefined) return null;
      const { units_per_minute: unitsPerMinute, burst_units: burstUnits, now } = found;
      const known = unitsPerMinute === null || burstUnits === null ? null : { unitsPerMinute, burstUnits };
      return toRateStatus({ pace: known, tat: found.tat, usedAt: found.used_at, seenAt: found.seen_at }, now);
    },

    async addUsage(key, month, delta) {
      const {
        attempted = 0,
        accepted = 0,
        refused = 0,
        unknown = 0,
        providerCurrent = null,
        providerLimit = null,
      } = delta;
      // Where the connection is lost at just this moment, it may be counted twice: the quota then seems smaller than it is.
      await session.writeOne(usage.add, [
        toStoredText(key),
        month,
        attempted,
        accepted,
        refused,
        unknown,
        providerCurrent,
        providerLimit,
      ]);
    },

    async usage(key, month) {
      const [found] = await session.read<UsageRow>(usage.of, [toStoredText(key), month]);
      return {
        attempted: found?.attempted ?? 0,
        accepted: found?.accepted ?? 0,
        refused: found?.refused ?? 0,
        unknown: found?.unknown ?? 0,
        providerCurrent: found?.provider_current ?? null,
        providerLimit: found?.provider_limit ?? null,
      };
    },

    close: () => session.close(),
  };
}

function liveClaim(sync: SyncRow, now: number): SyncSummary["heldBy"] {
  const holder = sync.holder === null ? null : fromStoredText(sync.holder);
  return toLiveClaim({ holder, until: sync.held_until, ttl: sync.held_ttl }, now);
}

interface KnownRowRow {
  /** From 1. */
  readonly position: number;
  readonly landed: Uint8Array | null;
  readonly parked: Uint8Array | null;
  readonly record: string | null;
  readonly whole_record: string | null;
}

interface ParkedRowRow {
  readonly key: string;
  readonly whole_key: string | null;
  readonly code: string;
  readonly reason: string;
  readonly first_at: number;
  readonly last_at: number;
}

interface RateRow {
  readonly units_per_minute: number | null;
  readonly burst_units: number | null;
  readonly tat: number;
  readonly used_at: number;
  readonly seen_at: number;
  readonly now: number;
}

interface UsageRow {
  readonly attempted: number;
  readonly accepted: number;
  readonly refused: number;
  readonly unknown: number;
  readonly provider_current: number | null;
  readonly provider_limit: number | null;
}
