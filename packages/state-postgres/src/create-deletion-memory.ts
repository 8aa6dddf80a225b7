import type { DeletionMemory } from "@acme/sync-core";
import { toRowLimit } from "@acme/sync-core/state";
import type { WriteSync } from "./create-sync-state.ts";
import { fromIndexedText, toIndexedText } from "./indexed-text.ts";
import type { PostgresSession } from "./session.ts";
import { deletions, rows, type SyncRow, syncs } from "./statements.ts";

export interface DeletionMemoryPorts {
  readonly session: PostgresSession;
  readonly syncId: number;
  readonly write: WriteSync;
}

const unhurried = { unhurried: true };

/** The part of a sync's state that only syncs with `deletes: delete` use. */
export function createDeletionMemory({ session, syncId: id, write }: DeletionMemoryPorts): DeletionMemory {
  const isComplete = async (): Promise<boolean> => {
    const [sync] = await session.read<Pick<SyncRow, "enumeration">>(deletions.enumeration, [id]);
    return sync?.enumeration === "complete";
  };
  const countOf = async (sql: string): Promise<number> =>
    (await session.read<{ count: number }>(sql, [id]))[0]?.count ?? 0;

  return {
    async deletions() {
      const [sync] = await session.read<StatusRow>(deletions.status, [id]);
      return {
        enumeration: sync?.enumeration ?? "none",
        hasSeen: sync?.has_seen ?? false,
        selection: sync?.selection ?? null,
        landedRows: sync?.landed_rows ?? 0,
      };
    },

    async keepSelection(selection) {
      await write(({ run }) => run(syncs.keepSelection, [selection, id]));
    },

    async completeEnumeration() {
      await write(({ run }) => run(syncs.moveEnumeration, ["complete", null, id]));
    },

    async endEnumeration(selection) {
      await write(async ({ run }) => {
        await run(deletions.dropAllSeen, [id]);
        await run(syncs.moveEnumeration, ["ended", selection, id]);
      }, unhurried);
    },

    async absent(after, limit) {
      const from = after === null ? "" : next(toIndexedText(after).text);
      const sql = (await isComplete()) ? deletions.unseenRows : deletions.goneRows;
      const found = await session.read<AbsentRowRow>(sql, [id, from, toRowLimit(limit)]);
      return found.map(({ key, whole_key, record, whole_record }) => ({
        key: fromIndexedText(key, whole_key),
        identity: record === null ? null : fromIndexedText(record, whole_record),
      }));
    },

    async absentCount() {
      return countOf((await isComplete()) ? deletions.countUnseen : deletions.countGone);
    },

    async leave(keys) {
      const texts = keys.map((key) => toIndexedText(key).text);
      await write(async ({ run }) => {
        await run(deletions.leaveRecords, [id, texts]);
        await run(deletions.dropGone, [id, texts]);
        const landedRows = await run(rows.dropLanded, [id, texts]);
        const parkedRows = await run(rows.dropParked, [id, texts]);
        await run(syncs.countRows, [-landedRows, -parkedRows, id]);
      });
    },

    unidentifiedCount: () => countOf(deletions.countUnidentified),

    async forgetUnidentified() {
      // The work may be done twice, the second time in vain: what the first time found is the answer.
      let forgotten = 0;
      await write(async ({ run }) => {
        const dropped = await run(deletions.dropUnidentified, [id]);
        await run(syncs.countRows, [-dropped, 0, id]);
        forgotten = Math.max(forgotten, dropped);
      }, unhurried);
      return forgotten;
    },

    async left(now, limit) {
      const found = await write(async ({ all, run }) => {
        await run(deletions.dropShared, [id]);
        return all<LeftRecordRow>(deletions.left, [id, Math.floor(now), toRowLimit(limit)]);
      });
      return found.map(({ record, whole_record, missed_at }) => ({
        identity: fromIndexedText(record, whole_record),
        missedAt: missed_at,
      }));
    },

    async leftCount() {
      const [counted] = await session.read<{ fresh: number; missed: number }>(deletions.countLeft, [id]);
      return { fresh: counted?.fresh ?? 0, missed: counted?.missed ?? 0 };
    },

    async miss(identity, missedAt, lookAt) {
      const values = [id, toIndexedText(identity).text, Math.floor(missedAt), Math.ceil(lookAt)];
      await write(({ run }) => run(deletions.miss, values));
    },

    async strikeOff(identity) {
      await write(({ run }) => run(deletions.dropLeft, [id, toIndexedText(identity).text]));
    },
  };
}

/** The first text behind this one: stored texts hold no smaller character. */
function next(stored: string): string {
  return `${stored}\u0001`;
}

interface StatusRow extends Pick<SyncRow, "enumeration" | "selection" | "landed_rows"> {
  readonly has_seen: boolean;
}

interface LeftRecordRow {
  readonly record: string;
  readonly whole_record: string | null;
  readonly missed_at: number | null;
}

interface AbsentRowRow {
  readonly key: string;
  readonly whole_key: string | null;
  readonly record: string | null;
  readonly whole_record: string | null;
}
