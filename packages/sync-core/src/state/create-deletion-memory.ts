import type { DeletionMemory } from "../contracts/deletions.ts";
import type { SqliteSession } from "./sqlite-session.ts";
import type { Statements, SyncRow } from "./statements.ts";
import { fromStoredText, toStoredText } from "./stored-text.ts";

export interface DeletionMemoryPorts {
  readonly session: SqliteSession;
  readonly syncId: number;
  /** As every write of a sync: not any more once the claim is lost. */
  readonly write: <T>(work: (statements: Statements, sync: SyncRow) => T) => Promise<T>;
}

/** The part of a sync's state that only syncs with `deletes: delete` use. */
export function createDeletionMemory({ session, syncId: id, write }: DeletionMemoryPorts): DeletionMemory {
  const isComplete = (statements: Statements): boolean => statements.syncById.get(id)?.enumeration === "complete";

  return {
    async deletions() {
      return session.readTogether((statements) => {
        const sync = statements.syncById.get(id);
        return {
          enumeration: sync?.enumeration ?? "none",
          hasSeen: statements.anySeen.get(id) !== undefined,
          selection: sync?.selection ?? null,
          landedRows: sync?.landed_rows ?? 0,
        };
      });
    },

    async keepSelection(selection) {
      await write((statements) => void statements.keepSelection.run(selection, id));
    },

    async completeEnumeration() {
      await write((statements) => void statements.moveEnumeration.run("complete", null, id));
    },

    async endEnumeration(selection) {
      await write((statements) => {
        statements.dropAllSeen.run(id);
        statements.moveEnumeration.run("ended", selection, id);
      });
    },

    async absent(after, limit) {
      const from = after === null ? "" : next(toStoredText(after));
      const rows = session.readTogether((statements) =>
        (isComplete(statements) ? statements.unseenRows : statements.goneRows).all(id, from, limit),
      );
      return rows.map(({ key, record }) => ({
        key: fromStoredText(key),
        identity: record === null ? null : fromStoredText(record),
      }));
    },

    async absentCount() {
      return session.readTogether(
        (statements) => (isComplete(statements) ? statements.countUnseen : statements.countGone).get(id)?.rows ?? 0,
      );
    },

    async leave(keys) {
      await write((statements) => {
        let landedRows = 0;
        let parkedRows = 0;
        for (const key of keys.map(toStoredText)) {
          statements.leaveRecord.run(id, key);
          statements.dropGone.run(id, key);
          landedRows -= statements.dropLanded.run(id, key);
          parkedRows -= statements.dropParked.run(id, key);
        }
        if (landedRows !== 0 || parkedRows !== 0) statements.countRows.run(landedRows, parkedRows, id);
      });
    },

    async unidentifiedCount() {
      return session.read((statements) => statements.countUnidentified.get(id)?.rows ?? 0);
    },

    async forgetUnidentified() {
      return write((statements) => {
        const forgotten = statements.dropUnidentified.run(id);
        if (forgotten > 0) statements.countRows.run(-forgotten, 0, id);
        return forgotten;
      });
    },

    async left(now, limit) {
      const records = await write((statements) => {
        statements.dropShared.run(id);
        return statements.leftRecords.all(id, now, limit);
      });
      return records.map(({ record, missed_at }) => ({ identity: fromStoredText(record), missedAt: missed_at }));
    },

    async leftCount() {
      const counted = session.read((statements) => statements.countLeft.get(id));
      return { fresh: counted?.fresh ?? 0, missed: counted?.missed ?? 0 };
    },

    async miss(identity, missedAt, lookAt) {
      await write((statements) => {
        statements.missLeft.run(Math.floor(missedAt), Math.ceil(lookAt), id, toStoredText(identity));
      });
    },

    async strikeOff(identity) {
      await write((statements) => void statements.dropLeft.run(id, toStoredText(identity)));
    },
  };
}

/** The first text behind this one: stored texts hold no smaller character. */
function next(stored: string): string {
  return `${stored}\u0001`;
}
