import { createHash } from "node:crypto";
import type { PageMarks } from "../contracts/deletions.ts";
import type { Batch, ParkedRow } from "../contracts/line.ts";
import type { LandedRow, SyncState, UnsettledBatch } from "../contracts/state.ts";
import { createDeletionMemory } from "./create-deletion-memory.ts";
import { notWrittenDown, takenOver } from "./claim-errors.ts";
import { maxReceipts } from "./limits.ts";
import type { SqliteSession } from "./sqlite-session.ts";
import type { Statements, SyncRow } from "./statements.ts";
import { toCursor, toRecordKind } from "./stored-json.ts";
import { fromStoredRows, toStoredBatch } from "./stored-batch.ts";
import { toStoredText } from "./stored-text.ts";
import { damagedState } from "./to-state-error.ts";

/**
 * The state of one sync for the run that claimed it with `fence`. Every write first makes sure, in its own transaction,
 * that the fence is still the current one.
 * @throws TransientError from every write once another run has claimed the sync, or it was reset; nothing is written then.
 */
export function createSyncState(
  session: SqliteSession,
  claimed: { id: number; name: string; fence: number },
): SyncState {
  const { id, name, fence } = claimed;

  const write = <T>(work: (statements: Statements, sync: SyncRow) => T): Promise<T> =>
    session.write((statements) => {
      const sync = statements.syncById.get(id);
      if (sync === undefined || sync.fence !== fence) throw takenOver(name, sync?.holder ?? null);
      return work(statements, sync);
    });

  const addParked = (statements: Statements, rows: readonly ParkedRow[]): number => {
    const now = session.now();
    let added = 0;
    for (const row of rows) {
      const key = toStoredText(row.key);
      const isNew = statements.addParked.run(id, key, row.code, row.reason, row.digest, now, now) > 0;
      if (isNew) added++;
      else statements.replaceParked.run(row.code, row.reason, row.digest, now, id, key);
    }
    return added;
  };

  const addBatches = (statements: Statements, batches: readonly Batch[]): void => {
    const now = session.now();
    for (const batch of batches) {
      const { rows, superseded } = toStoredBatch(batch);
      statements.addBatch.run(id, batch.id, id, now, rows, superseded, JSON.stringify(batch.recordKind));
    }
  };

  const replaceLanded = (statements: Statements, { key, digest, identity }: LandedRow): void => {
    if (identity === undefined) {
      statements.replaceLanded.run(digest, id, key, digest);
      return;
    }
    if (identity !== null) statements.leaveOtherRecord.run(id, key, identity);
    statements.replaceLandedAs.run(digest, identity, id, key, digest, identity);
  };

  const identify = (statements: Statements, key: string, identity: string): void => {
    statements.leaveOtherRecord.run(id, key, identity);
    statements.identify.run(identity, id, key, identity);
  };

  const mark = (statements: Statements, { seen, gone, identities }: PageMarks, isTracked: boolean): void => {
    const hasGone = statements.anyGone.get(id) !== undefined;
    for (const key of seen.map(toStoredText).toSorted()) {
      if (isTracked) statements.addSeen.run(id, key);
      if (hasGone) statements.dropGone.run(id, key);
    }
    for (const key of gone.map(toStoredText)) statements.addGone.run(id, key);
    for (const { key, identity } of identities) identify(statements, toStoredText(key), toStoredText(identity));
  };

  const unpack = (batchId: string, packed: Uint8Array): UnsettledBatch["rows"] => {
    const rows = fromStoredRows(packed);
    if (rows === null) throw damagedState(session.location, `batch ${batchId} of sync "${name}" cannot be read`);
    return rows;
  };

  return {
    ...createDeletionMemory({ session, syncId: id, write }),
    fence,

    async cursor() {
      return toCursor(session.read((statements) => statements.syncById.get(id)?.cursor ?? null));
    },

    async unsettled() {
      const batches = session.read((statements) => statements.batchesInOrder.all(id));
      return batches.map(
        (batch): UnsettledBatch => ({
          id: batch.id,
          eventId: batch.event_id,
          rows: unpack(batch.id, batch.rows),
          superseded: batch.superseded === null ? [] : unpack(batch.id, batch.superseded),
          recordKind: toRecordKind(batch.record_kind),
          echoUntilMs: batch.echo_until,
          writtenAt: batch.written_at,
          sentAt: batch.sent_at,
        }),
      );
    },

    async echoes() {
      const now = session.now();
      const echoes = await write((statements) => {
        statements.dropSilentEchoes.run(id, now);
        return statements.echoes.all(id);
      });
      return echoes.map((echo) => ({ untilMs: echo.until, rows: unpack(echo.batch_id, echo.rows) }));
    },

    async writeDown(batches, parked, sound = []) {
      await write((statements, sync) => {
        addBatches(statements, batches);
        let parkedRows = 0;
        if (sync.parked_rows > 0)
          for (const key of sound) parkedRows -= statements.dropParked.run(id, toStoredText(key));
        parkedRows += addParked(statements, parked);
        if (parkedRows !== 0) statements.countRows.run(0, parkedRows, id);
      });
    },

    async markSent(batchId) {
      await write((statements) => {
        if (statements.sendBatch.run(session.now(), id, batchId) === 0) throw notWrittenDown(name, batchId);
      });
    },

    async markAccepted(batchId, eventId, echoUntilMs = null) {
      await write((statements) => {
        const marked = statements.acceptBatch.run(
          session.now(),
          eventId,
          echoUntilMs === null ? null : Math.ceil(echoUntilMs),
          id,
          batchId,
        );
        if (marked === 0) throw notWrittenDown(name, batchId);
      });
    },

    async settle({ batchId, landed, parked, replacedBy, echoUntilMs = null }) {
      // Neighbours in the index one after the other: each page of it is touched once.
      const rows = landed.map(toStoredLanded).toSorted((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
      await write((statements, sync) => {
        let landedRows = 0;
        let parkedRows = 0;
        for (const row of rows) {
          if (statements.addLanded.run(id, row.key, row.digest, row.identity ?? null) > 0) landedRows++;
          else replaceLanded(statements, row);
        }
        if (sync.parked_rows > 0) for (const row of rows) parkedRows -= statements.dropParked.run(id, row.key);
        parkedRows += addParked(statements, parked);
        if (landedRows !== 0 || parkedRows !== 0) statements.countRows.run(landedRows, parkedRows, id);
        addBatches(statements, replacedBy);
        if (echoUntilMs !== null) statements.addEcho.run(Math.ceil(echoUntilMs), id, batchId);
        statements.dropBatch.run(id, batchId);
      });
    },

    async distrust(rows, { code, reason }) {
      await write((statements) => {
        const distrusted: ParkedRow[] = [];
        for (const { key, digest } of rows)
          if (statements.distrustLanded.run(digest, id, toStoredText(key)) > 0)
            distrusted.push({ key, code, reason, digest: null });
        const parkedRows = addParked(statements, distrusted);
        if (parkedRows !== 0) statements.countRows.run(0, parkedRows, id);
      });
    },

    async withdraw(batchIds) {
      await write((statements) => {
        // Whether a batch without an answer can still land is the caller's to know; an accepted one is never forgotten here.
        for (const batchId of batchIds) statements.withdrawBatch.run(id, batchId);
      });
    },

    async checkpoint(cursor, proved, marks) {
      await write((statements, sync) => {
        statements.moveCursor.run(JSON.stringify(cursor), proved === null ? null : JSON.stringify(proved), id);
        if (marks?.begins !== undefined) {
          statements.dropAllSeen.run(id);
          statements.moveEnumeration.run("open", sync.selection ?? marks.begins, id);
        }
        if (marks !== undefined) mark(statements, marks, marks.begins !== undefined || sync.enumeration === "open");
        else if (sync.enumeration !== null) statements.moveEnumeration.run(null, null, id);
      });
    },

    async saveReceipt(receipt) {
      const text = JSON.stringify(receipt);
      await write((statements) => {
        // The same receipt once more is a repetition after a lost answer.
        if (statements.lastReceipt.get(id)?.receipt === text) return;
        statements.addReceipt.run(id, id, text);
        statements.dropOldReceipts.run(id, id, maxReceipts);
      });
    },

    async lastReceiptDigest() {
      const last = session.read((statements) => statements.lastReceipt.get(id));
      return last === undefined ? null : createHash("sha256").update(last.receipt).digest("hex");
    },

    async forgetRows(keys) {
      await write((statements) => {
        let landedRows = 0;
        let parkedRows = 0;
        for (const key of keys.map(toStoredText)) {
          landedRows -= statements.dropLanded.run(id, key);
          parkedRows -= statements.dropParked.run(id, key);
        }
        if (landedRows !== 0 || parkedRows !== 0) statements.countRows.run(landedRows, parkedRows, id);
      });
    },

    async renew(ttlMs) {
      await write((statements) => {
        statements.renewSync.run(session.now() + ttlMs, ttlMs, id);
      });
    },

    async release() {
      await session.write((statements) => {
        statements.freeSync.run(id, fence);
      });
    },
  };
}

function toStoredLanded(row: LandedRow): LandedRow {
  const key = toStoredText(row.key);
  const identity = typeof row.identity === "string" ? toStoredText(row.identity) : row.identity;
  if (key === row.key && identity === row.identity) return row;
  return { ...row, key, ...(identity === undefined ? {} : { identity }) };
}
