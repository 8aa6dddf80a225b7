import { BugError } from "../contracts/errors.ts";
import type { KnownRow, StateStore, SyncSummary } from "../contracts/state.ts";
import { toLiveClaim } from "./claim.ts";
import { createSqliteTransfer } from "./create-sqlite-transfer.ts";
import { createSyncState } from "./create-sync-state.ts";
import { toRowLimit } from "./limits.ts";
import { toPaceParameters, toRateStatus } from "./pace.ts";
import type { SqliteSession } from "./sqlite-session.ts";
import type { SyncRow } from "./statements.ts";
import { holdsRow } from "./stored-batch.ts";
import { toCursor, toProvedInterval, toReceipt } from "./stored-json.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";
import { damagedState } from "./to-state-error.ts";

/** The state store over an open session. */
export function createSqliteStore(session: SqliteSession): StateStore {
  return {
    ...createSqliteTransfer(session),
    location: session.location,

    async claim(name, holder, ttlMs, replacing) {
      return session.write((statements) => {
        if (statements.syncByName.get(name) === undefined) statements.addSync.run(name);
        const sync = statements.syncByName.get(name);
        if (sync === undefined) throw new BugError(`Sync "${name}" vanished while it was being claimed.`);
        const now = session.now();
        const live = liveClaim(sync, now);
        if (live !== null && live.holder !== holder && live.holder !== replacing) return null;
        statements.holdSync.run(holder, now + ttlMs, ttlMs, sync.id);
        return createSyncState(session, { id: sync.id, name, fence: sync.fence + 1 });
      });
    },

    async summary(name) {
      return session.readTogether((statements): SyncSummary | null => {
        const sync = statements.syncByName.get(name);
        if (sync === undefined) return null;
        return {
          sync: name,
          cursor: toCursor(sync.cursor),
          proved: toProvedInterval(sync.proved),
          landedRows: sync.landed_rows,
          parkedRows: sync.parked_rows,
          unsettledBatches: statements.countBatches.get(sync.id)?.batches ?? 0,
          enumeration: sync.enumeration ?? "none",
          heldBy: liveClaim(sync, session.now()),
        };
      });
    },

    async syncs() {
      return session.read((statements) => statements.syncNames.all().map((sync) => sync.name));
    },

    async known(name, keys) {
      const asked = JSON.stringify(keys.map(toStoredText));
      const found = session.read((statements) => {
        const id = statements.syncByName.get(name)?.id;
        return id === undefined ? [] : statements.knownRows.all(asked, id, id);
      });
      const known = new Map<string, KnownRow>();
      for (const { position, landed, parked, record } of found) {
        const key = keys[position];
        if (key === undefined) continue;
        known.set(key, { landed, parked, ...(record === null ? {} : { identity: fromStoredText(record) }) });
      }
      return known;
    },

    async underWay(name, key) {
      const batches = session.readTogether((statements) => {
        const id = statements.syncByName.get(name)?.id;
        return id === undefined ? [] : statements.batchesInOrder.all(id);
      });
      return batches.some((batch) => {
        const holds = holdsRow(batch, key);
        if (holds === null) throw damagedState(session.location, `batch ${batch.id} of sync "${name}" cannot be read`);
        return holds;
      });
    },

    async parked(name, limit) {
      const rows = session.read((statements) => statements.parkedRows.all(name, toRowLimit(limit)));
      return rows.map((row) => ({
        key: fromStoredText(row.key),
        code: row.code,
        reason: row.reason,
        firstAt: row.first_at,
        lastAt: row.last_at,
      }));
    },

    async receipts(name, limit) {
      const rows = session.read((statements) => statements.receiptsByName.all(name, toRowLimit(limit)));
      return rows.map((row) => toReceipt(row.receipt));
    },

    async reset(name) {
      await session.write((statements) => {
        const sync = statements.syncByName.get(name);
        if (sync === undefined) return;
        statements.dropAllLanded.run(sync.id);
        statements.dropAllParked.run(sync.id);
        statements.dropAllBatches.run(sync.id);
        statements.dropAllEchoes.run(sync.id);
        statements.dropAllSeen.run(sync.id);
        statements.dropAllGone.run(sync.id);
        statements.dropAllLeft.run(sync.id);
        // The row stays, since its fence must go on rising: a run that is still going on must not write any more.
        statements.clearSync.run(sync.id);
      });
    },

    async reserve(key, units, pace) {
      if (!(units >= 0 && units < Infinity)) throw new BugError(`Cannot reserve ${units} units of ${key}.`);
      return session.write((statements) => {
        const reservation = { key, units, now: session.now(), ...toPaceParameters(pace) };
        const statement = pace === null ? statements.reserveAgain : statements.reserve;
        return statement.get(reservation)?.wait_ms ?? 0;
      });
    },

    async penalize(key, waitMs, pace) {
      if (!(waitMs < Infinity)) throw new BugError(`Cannot hold ${key} back for ${waitMs} ms.`);
      await session.write((statements) => {
        statements.penalize.run({ key, waitMs: Math.max(0, waitMs), now: session.now(), ...toPaceParameters(pace) });
      });
    },

    async rate(key) {
      const row = session.read((statements) => statements.rate.get(key));
      if (row === undefined) return null;
      const { units_per_minute: unitsPerMinute, burst_units: burstUnits } = row;
      const pace = unitsPerMinute === null || burstUnits === null ? null : { unitsPerMinute, burstUnits };
      return toRateStatus({ pace, tat: row.tat, usedAt: row.used_at, seenAt: row.seen_at }, session.now());
    },

    async addUsage(key, month, delta) {
      await session.write((statements) => {
        const {
          attempted = 0,
          accepted = 0,
          refused = 0,
          unknown = 0,
          providerCurrent = null,
          providerLimit = null,
        } = delta;
        statements.addUsage.run(key, month, attempted, accepted, refused, unknown, providerCurrent, providerLimit);
      });
    },

    async usage(key, month) {
      const usage = session.read((statements) => statements.usage.get(key, month));
      return {
        attempted: usage?.attempted ?? 0,
        accepted: usage?.accepted ?? 0,
        refused: usage?.refused ?? 0,
        unknown: usage?.unknown ?? 0,
        providerCurrent: usage?.provider_current ?? null,
        providerLimit: usage?.provider_limit ?? null,
      };
    },

    async close() {
      session.close();
    },
  };
}

function liveClaim(sync: SyncRow, now: number): SyncSummary["heldBy"] {
  return toLiveClaim({ holder: sync.holder, until: sync.held_until, ttl: sync.held_ttl }, now);
}
