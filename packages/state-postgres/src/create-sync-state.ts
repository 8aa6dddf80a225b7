import { createHash } from "node:crypto";
import type { Batch, LandedRow, PageMarks, ParkedRow, SyncState, UnsettledBatch } from "@acme/sync-core";
import {
  fromStoredRows,
  fromStoredText,
  maxReceipts,
  notWrittenDown,
  takenOver,
  toCursor,
  toRecordKind,
  toStoredBatch,
  toStoredText,
} from "@acme/sync-core/state";
import { createDeletionMemory } from "./create-deletion-memory.ts";
import { fromIndexedText, toIndexedText } from "./indexed-text.ts";
import type { PostgresSession, Transaction } from "./session.ts";
import { rowsOf } from "./sql.ts";
import { batches, deletions, receipts, rows, type SyncRow, syncs } from "./statements.ts";
import { damagedState } from "./to-state-error.ts";

/** A write of a sync: not any more once the claim is lost. */
export type WriteSync = <T>(
  work: (transaction: Transaction, sync: SyncRow, now: number) => Promise<T>,
  options?: { readonly unhurried: boolean },
) => Promise<T>;

/**
 * The state of one sync for the run that claimed it with `fence`. Every write first locks the sync and makes sure, in its
 * own transaction, that the fence is still the current one.
 * @throws TransientError from every write once another run has claimed the sync, or it was reset; nothing is written then.
 */
export function createSyncState(
  session: PostgresSession,
  claimed: { readonly id: number; readonly name: string; readonly fence: number },
): SyncState {
  const { id, name, fence } = claimed;
  let turn: Promise<unknown> = Promise.resolve();

  const write: WriteSync = (work, options) => {
    const next = turn.then(() =>
      session.write({ ...options, lock: syncs.lockById(id) }, async (transaction, locked, now) => {
        const [sync] = rowsOf<SyncRow>(locked);
        if (sync === undefined || sync.fence !== fence)
          throw takenOver(
            name,
            sync?.holder === undefined || sync.holder === null ? null : fromStoredText(sync.holder),
          );
        return work(transaction, sync, now);
      }),
    );
    // One after the other, since they would wait for the same lock: a run needs one connection for what it writes.
    turn = next.catch(() => undefined);
    return next;
  };

  const addParked = async ({ run }: Transaction, parked: readonly ParkedRow[]): Promise<number> => {
    if (parked.length === 0) return 0;
    // Of two for one key the later counts.
    const given = [...new Map(parked.map((row) => [row.key, row])).values()];
    const keys = given.map((row) => toIndexedText(row.key));
    const texts = keys.map(({ text }) => text);
    const [codes, reasons] = [given.map((row) => toStoredText(row.code)), given.map((row) => toStoredText(row.reason))];
    const digests = given.map((row) => toBytes(row.digest));
    const now = session.now();
    const wholes = keys.map(({ whole }) => whole);
    const added = await run(rows.addParked, [id, texts, wholes, codes, reasons, digests, now]);
    if (added < given.length) await run(rows.replaceParked, [id, texts, codes, reasons, digests, now]);
    return added;
  };

  const dropParked = ({ run }: Transaction, keys: readonly string[]): Promise<number> =>
    run(rows.dropParked, [id, keys.map((key) => toIndexedText(key).text)]);

  const addBatches = async ({ run }: Transaction, added: readonly Batch[]): Promise<void> => {
    if (added.length === 0) return;
    const stored = added.map(toStoredBatch);
    await run(batches.add, [
      id,
      session.now(),
      added.map((batch) => batch.id),
      stored.map((batch) => toBytes(batch.rows)),
      stored.map((batch) => toBytes(batch.superseded)),
      added.map((batch) => JSON.stringify(batch.recordKind)),
    ]);
  };

  /** @returns how many rows had never landed before. */
  const addLanded = async ({ run }: Transaction, given: readonly LandedRow[]): Promise<number> => {
    if (given.length === 0) return 0;
    const landed = toStored(given);
    const added = await run(rows.addLanded, [id, ...landed.columns]);
    if (added === landed.rows.length) return added;
    const kept = toStored(landed.rows.filter((row) => row.identity === undefined));
    const told = toStored(landed.rows.filter((row) => row.identity !== undefined));
    if (kept.rows.length > 0) await run(rows.replaceLanded, [id, kept.keys, kept.digests]);
    if (told.rows.length > 0) {
      await run(rows.leaveOtherRecords, [id, told.keys, told.records]);
      await run(rows.replaceLandedAs, [id, told.keys, told.digests, told.records, told.wholeRecords]);
    }
    return added;
  };

  const mark = async ({ run }: Transaction, marks: PageMarks, isTracked: boolean): Promise<void> => {
    const seen = marks.seen.toSorted().map(toIndexedText);
    const gone = marks.gone.map((key) => toIndexedText(key).text);
    if (seen.length > 0) {
      const texts = seen.map(({ text }) => text);
      if (isTracked) await run(deletions.addSeen, [id, texts, seen.map(({ whole }) => whole)]);
      await run(deletions.dropGone, [id, texts]);
    }
    if (gone.length > 0) await run(deletions.addGone, [id, gone]);
    const identities = [...new Map(marks.identities.map((each) => [each.key, each.identity]))];
    if (identities.length === 0) return;
    const keys = identities.map(([key]) => toIndexedText(key).text);
    const records = identities.map(([, identity]) => toIndexedText(identity));
    const texts = records.map(({ text }) => text);
    await run(rows.leaveOtherRecords, [id, keys, texts]);
    await run(rows.identify, [id, keys, texts, records.map(({ whole }) => whole)]);
  };

  const count = async ({ run }: Transaction, landedRows: number, parkedRows: number): Promise<void> => {
    if (landedRows !== 0 || parkedRows !== 0) await run(syncs.countRows, [landedRows, parkedRows, id]);
  };

  const unpack = (batchId: string, packed: Uint8Array): UnsettledBatch["rows"] => {
    const unpacked = fromStoredRows(packed);
    if (unpacked === null) throw damagedState(session.location, `batch ${batchId} of sync "${name}" cannot be read`);
    return unpacked;
  };

  return {
    ...createDeletionMemory({ session, syncId: id, write }),
    fence,

    async cursor() {
      const [found] = await session.read<{ cursor: string | null }>(syncs.cursor, [id]);
      return toCursor(found?.cursor ?? null);
    },

    async unsettled() {
      const found = await session.read<BatchRow>(batches.inOrder, [id]);
      return found.map(
        (batch): UnsettledBatch => ({
          id: batch.id,
          eventId: batch.event_id === null ? null : fromStoredText(batch.event_id),
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
      const found = await write(async ({ all, run }) => {
        await run(batches.dropSilentEchoes, [id, session.now()]);
        return all<{ until: number; batch_id: string; rows: Uint8Array }>(batches.echoes, [id]);
      });
      return found.map((echo) => ({ untilMs: echo.until, rows: unpack(echo.batch_id, echo.rows) }));
    },

    async writeDown(added, parked, sound = []) {
      await write(async (transaction, sync) => {
        await addBatches(transaction, added);
        let parkedRows = 0;
        if (sync.parked_rows > 0 && sound.length > 0) parkedRows -= await dropParked(transaction, sound);
        parkedRows += await addParked(transaction, parked);
        await count(transaction, 0, parkedRows);
      });
    },

    async markSent(batchId) {
      await write(async ({ run }) => {
        if ((await run(batches.send, [session.now(), id, batchId])) === 0) throw notWrittenDown(name, batchId);
      });
    },

    async markAccepted(batchId, eventId, echoUntilMs = null) {
      const until = echoUntilMs === null ? null : Math.ceil(echoUntilMs);
      await write(async ({ run }) => {
        const marked = await run(batches.accept, [session.now(), toStoredText(eventId), until, id, batchId]);
        if (marked === 0) throw notWrittenDown(name, batchId);
      });
    },

    async settle({ batchId, landed, parked, replacedBy, echoUntilMs = null }) {
      await write(async (transaction, sync) => {
        const landedRows = await addLanded(transaction, landed);
        let parkedRows = 0;
        if (sync.parked_rows > 0 && landed.length > 0) {
          parkedRows -= await dropParked(
            transaction,
            landed.map((row) => row.key),
          );
        }
        parkedRows += await addParked(transaction, parked);
        await count(transaction, landedRows, parkedRows);
        await addBatches(transaction, replacedBy);
        if (echoUntilMs !== null) await transaction.run(batches.addEcho, [Math.ceil(echoUntilMs), id, batchId]);
        await transaction.run(batches.drop, [id, batchId]);
      });
    },

    async distrust(given, { code, reason }) {
      await write(async (transaction) => {
        const { keys, digests } = toStored(given);
        const found = await transaction.all<{ key: string; whole_key: string | null }>(rows.distrustLanded, [
          id,
          keys,
          digests,
        ]);
        const distrusted = found.map(({ key, whole_key }) => ({ key: fromIndexedText(key, whole_key), code, reason }));
        await count(
          transaction,
          0,
          await addParked(
            transaction,
            distrusted.map((row) => ({ ...row, digest: null })),
          ),
        );
      });
    },

    async withdraw(batchIds) {
      // Whether a batch without an answer can still land is the caller's to know; an accepted one is never forgotten here.
      await write(({ run }) => run(batches.withdraw, [id, batchIds]));
    },

    async checkpoint(cursor, proved, marks) {
      await write(
        async (transaction, sync) => {
          const { run } = transaction;
          await run(syncs.moveCursor, [JSON.stringify(cursor), proved === null ? null : JSON.stringify(proved), id]);
          if (marks?.begins !== undefined) {
            await run(deletions.dropAllSeen, [id]);
            await run(syncs.moveEnumeration, ["open", sync.selection ?? marks.begins, id]);
          }
          if (marks !== undefined) {
            await mark(transaction, marks, marks.begins !== undefined || sync.enumeration === "open");
          } else if (sync.enumeration !== null) await run(syncs.moveEnumeration, [null, null, id]);
        },
        { unhurried: marks?.begins !== undefined },
      );
    },

    async saveReceipt(receipt) {
      const text = JSON.stringify(receipt);
      await write(async ({ all, run }) => {
        // The same receipt once more is a repetition after a lost answer.
        if ((await all<{ receipt: string }>(receipts.last, [id]))[0]?.receipt === text) return;
        await run(receipts.add, [id, text]);
        await run(receipts.dropOld, [id, maxReceipts]);
      });
    },

    async lastReceiptDigest() {
      const [last] = await session.read<{ receipt: string }>(receipts.last, [id]);
      return last === undefined ? null : createHash("sha256").update(last.receipt).digest("hex");
    },

    async forgetRows(keys) {
      await write(async (transaction) => {
        const texts = keys.map((key) => toIndexedText(key).text);
        const landedRows = await transaction.run(rows.dropLanded, [id, texts]);
        await count(transaction, -landedRows, -(await dropParked(transaction, keys)));
      });
    },

    async renew(ttlMs) {
      await write(({ run }, _, now) => run(syncs.renew, [Math.ceil(now + ttlMs), Math.ceil(ttlMs), id]));
    },

    async release() {
      await session.writeOne(syncs.free, [id, fence]);
    },
  };
}

/** Landed rows column by column, each key once: of two for one key the later counts, in the order of the index. */
function toStored(given: readonly LandedRow[]): {
  readonly rows: readonly LandedRow[];
  readonly keys: readonly string[];
  readonly digests: readonly (Buffer | null)[];
  readonly records: readonly (string | null)[];
  readonly wholeRecords: readonly (string | null)[];
  /** For `rows.addLanded`. */
  readonly columns: readonly unknown[];
} {
  const byText = new Map<string, { readonly row: LandedRow; readonly whole: string | null }>();
  for (const row of given) {
    const { text, whole } = toIndexedText(row.key);
    const earlier = byText.get(text)?.row.identity;
    byText.set(text, { row: earlier === undefined ? row : { identity: earlier, ...row }, whole });
  }
  const sorted = [...byText].toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const rowsInOrder = sorted.map(([, { row }]) => row);
  const keys = sorted.map(([text]) => text);
  const digests = rowsInOrder.map((row) => toBytes(row.digest));
  const records = rowsInOrder.map(({ identity }) => (typeof identity === "string" ? toIndexedText(identity) : null));
  const recordTexts = records.map((record) => record?.text ?? null);
  const wholeRecords = records.map((record) => record?.whole ?? null);
  return {
    rows: rowsInOrder,
    keys,
    digests,
    records: recordTexts,
    wholeRecords,
    columns: [keys, sorted.map(([, { whole }]) => whole), digests, recordTexts, wholeRecords],
  };
}

/** As the driver takes bytes within a list. */
function toBytes(bytes: Uint8Array): Buffer;
function toBytes(bytes: Uint8Array | null): Buffer | null;
function toBytes(bytes: Uint8Array | null): Buffer | null {
  return bytes === null ? null : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

interface BatchRow {
  readonly id: string;
  readonly written_at: number;
  readonly sent_at: number | null;
  readonly event_id: string | null;
  readonly rows: Uint8Array;
  readonly superseded: Uint8Array | null;
  readonly record_kind: string | null;
  readonly echo_until: number | null;
}
