import { type Alert, BugError, type QueueEntry, type RunLease, type RunQueue, type RunWish } from "@acme/sync-core";
import { fromStoredText, maxNotes, toLiveClaim, toStoredText, toStoredWords } from "@acme/sync-core/state";
import {
  type AlertRow,
  alerts,
  entries,
  type EntryRow,
  lockQueue,
  type NoteRow,
  notes,
  type ScheduleRow,
  schedules,
} from "./queue-statements.ts";
import type { PostgresSession, Transaction } from "./session.ts";

/** A moment that fired so long after now was fired under a clock that was wrong. */
const futureMs = 86_400_000;

/**
 * The run queue over an open session. A method whose answer tells one of many apart keeps what its first try found: after a
 * connection was lost while the server committed, the second try finds it done and must not take it for somebody else's work.
 */
export function createPostgresRunQueue(session: PostgresSession): RunQueue {
  const write = <T>(work: (transaction: Transaction, now: number) => Promise<T>): Promise<T> =>
    session.write({ lock: lockQueue }, (transaction, _, now) => work(transaction, now));

  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- as with QueryRows
  const first = async <Row>({ all }: Transaction, sql: string, ...values: unknown[]): Promise<Row | undefined> =>
    (await all<Row>(sql, values))[0];

  /** @returns null when it was added to one that waits already. */
  const add = async (transaction: Transaction, wish: RunWish, now: number): Promise<string | null> => {
    const { kind, priority } = wish;
    const sync = toStoredText(wish.sync);
    const dueAt = Math.ceil(wish.dueAt);
    const isAgain = kind === "sync" && (await first(transaction, entries.running, sync)) !== undefined;
    const trigger = isAgain ? "again" : wish.trigger;
    const waiting = await first<EntryRow>(transaction, entries.waiting, sync, kind);
    if (waiting === undefined) {
      const added = await first<{ id: number }>(transaction, entries.add, sync, kind, trigger, priority, dueAt, now);
      if (added === undefined) throw new BugError("An entry of the run queue was added without an id.");
      return String(added.id);
    }
    await transaction.run(entries.hasten, [
      priority > waiting.priority ? trigger : waiting.triggered_by,
      Math.max(priority, waiting.priority),
      Math.min(dueAt, waiting.due_at),
      waiting.id,
    ]);
    return null;
  };

  /** What ran waits again, unless it was cancelled; one that waits for the same is enough. */
  const requeue = async (
    transaction: Transaction,
    row: EntryRow,
    { dueAt, deaths, now }: { readonly dueAt: number; readonly deaths: number; readonly now: number },
  ): Promise<void> => {
    if (row.cancelled) {
      await transaction.run(entries.drop, [row.id]);
      return;
    }
    const waiting = await first<EntryRow>(transaction, entries.waiting, row.sync, row.kind);
    if (waiting === undefined) {
      await transaction.run(entries.free, [Math.ceil(dueAt), deaths, row.id]);
      return;
    }
    await transaction.run(entries.drop, [row.id]);
    if (deaths > 0) await transaction.run(entries.bequeathDeaths, [row.taken_at, deaths, waiting.id]);
    await add(transaction, { ...toWish(row), dueAt }, now);
  };

  /** The entry while its lease is this one; `lost` once it is somebody else's, `gone` once it is nobody's. */
  const held = async (transaction: Transaction, lease: RunLease): Promise<EntryRow | "lost" | "gone"> => {
    const row = await first<EntryRow>(transaction, entries.byId, toEntryId(lease.id));
    if (row === undefined || row.holder === null) return "gone";
    return row.fence === lease.fence ? row : "lost";
  };

  /** Ends a lease. True when it was held, now or at the first try. */
  const end = async (
    lease: RunLease,
    work: (transaction: Transaction, row: EntryRow, now: number) => Promise<unknown>,
  ): Promise<boolean> => {
    let wasHeld = false;
    return write(async (transaction, now) => {
      const row = await held(transaction, lease);
      if (row === "gone") return wasHeld;
      if (row === "lost") return false;
      wasHeld = true;
      await work(transaction, row, now);
      return true;
    });
  };

  return {
    location: session.location,

    async enqueue(wish) {
      return write((transaction, now) => add(transaction, wish, now));
    },

    async entries() {
      const rows = await session.read<EntryRow & { now: number }>(entries.inOrder);
      return rows.map((row) => toEntry(row, row.now));
    },

    async take(id, holder, ttlMs) {
      let tried = false;
      return write(async (transaction, now) => {
        const { all, run } = transaction;
        const row = await first<EntryRow>(transaction, entries.byId, toEntryId(id));
        const live = row === undefined ? null : liveLease(row, now);
        if (row === undefined || (live !== null && !(tried && live.holder === holder))) return null;
        if (row.cancelled) {
          await run(entries.drop, [row.id]);
          return null;
        }
        for (const other of await all<EntryRow>(entries.ofSync, [row.sync])) {
          if (other.id === row.id || other.holder === null) continue;
          if (liveLease(other, now) !== null) return null;
          // An expired lease makes way for the entry that is taken now.
          await requeue(transaction, other, { dueAt: now, deaths: other.deaths + 1, now });
        }
        const until = Math.ceil(now + ttlMs);
        const taken = await first<EntryRow>(
          transaction,
          entries.take,
          toStoredText(holder),
          until,
          Math.ceil(ttlMs),
          now,
          // What nobody holds any more was not put back.
          row.holder === null || live !== null ? 0 : 1,
          row.id,
        );
        tried = true;
        return taken === undefined ? null : { ...toWish(taken), id: String(row.id), fence: taken.fence, takenAt: now };
      });
    },

    async renew(lease, ttlMs) {
      return write(async (transaction, now) => {
        const row = await held(transaction, lease);
        if (row === "gone" || row === "lost") return "lost";
        await transaction.run(entries.renew, [Math.ceil(now + ttlMs), Math.ceil(ttlMs), row.id]);
        return row.cancelled ? "cancelled" : "held";
      });
    },

    finish: (lease) => end(lease, ({ run }, row) => run(entries.drop, [row.id])),

    putBack: (lease, dueAt) =>
      end(lease, (transaction, row, now) => requeue(transaction, row, { dueAt, deaths: 0, now })),

    async giveBack(holder) {
      let most = 0;
      return write(async (transaction, now) => {
        const rows = await transaction.all<EntryRow>(entries.heldBy, [toStoredText(holder)]);
        for (const row of rows) await requeue(transaction, row, { dueAt: now, deaths: row.deaths + 1, now });
        most = Math.max(most, rows.length);
        return most;
      });
    },

    async cancel(sync) {
      let hasRemoved = false;
      return write(async ({ all, run }) => {
        const rows = await all<EntryRow>(entries.ofSync, [toStoredText(sync)]);
        for (const row of rows) await run(row.holder === null ? entries.drop : entries.cancel, [row.id]);
        hasRemoved ||= rows.length > 0;
        if (rows.some((row) => row.holder !== null)) return "cancelling";
        return hasRemoved ? "removed" : "none";
      });
    },

    async beginSchedule(sync, expression, at) {
      const name = toStoredText(sync);
      return write(async (transaction) => {
        const row = await first<ScheduleRow>(transaction, schedules.of, name);
        const firedAt = row?.expression === expression ? row.fired_at : null;
        if (firedAt !== null && firedAt <= at + futureMs) return firedAt;
        await transaction.run(schedules.set, [name, expression, Math.floor(at), row?.paused ?? false]);
        return at;
      });
    },

    async fire(moment, wish) {
      const name = toStoredText(wish.sync);
      return write(async (transaction, now) => {
        const row = await first<ScheduleRow>(transaction, schedules.of, name);
        if (row?.paused === true || (row?.fired_at ?? -Infinity) >= moment) return false;
        await transaction.run(schedules.set, [name, row?.expression ?? null, moment, false]);
        await add(transaction, wish, now);
        return true;
      });
    },

    async pause(sync) {
      const name = toStoredText(sync);
      await write(async (transaction) => {
        const row = await first<ScheduleRow>(transaction, schedules.of, name);
        await transaction.run(schedules.set, [name, row?.expression ?? null, row?.fired_at ?? null, true]);
        for (const entry of await transaction.all<EntryRow>(entries.ofSync, [name])) {
          if (entry.holder === null && entry.triggered_by === "schedule")
            await transaction.run(entries.drop, [entry.id]);
        }
      });
    },

    async resume(sync, at) {
      const name = toStoredText(sync);
      await write(async (transaction) => {
        const row = await first<ScheduleRow>(transaction, schedules.of, name);
        if (row?.paused !== true) return;
        await transaction.run(schedules.set, [name, row.expression, Math.max(at, row.fired_at ?? at), false]);
      });
    },

    async paused() {
      return (await session.read<{ sync: string }>(schedules.paused)).map(({ sync }) => fromStoredText(sync));
    },

    async note({ sync, runId, trigger, at, text }) {
      const name = toStoredText(sync);
      await write(async ({ run }) => {
        await run(notes.add, [name, toStoredText(runId), trigger, Math.floor(at), toStoredWords(text)]);
        await run(notes.dropOld, [name, maxNotes]);
      });
    },

    async notes(sync, runId) {
      const rows = await session.read<NoteRow>(notes.ofRun, [toStoredText(sync), toStoredText(runId)]);
      return rows.map((row) => ({ sync, runId, trigger: row.triggered_by, at: row.at, text: row.text }));
    },

    async raiseAlert({ sync, kind, text }) {
      const words = toStoredWords(text);
      let isNew = false;
      return write(async ({ run }) => {
        if ((await run(alerts.add, [toStoredText(sync), kind, words, session.now()])) > 0) isNew = true;
        else await run(alerts.reword, [words, toStoredText(sync), kind]);
        return isNew;
      });
    },

    async markTold({ sync, kind }) {
      await write(({ run }) => run(alerts.tell, [session.now(), toStoredText(sync), kind]));
    },

    async clearAlert({ sync, kind }) {
      let cleared: Alert | null = null;
      return write(async (transaction) => {
        const row = await first<AlertRow>(transaction, alerts.clear, toStoredText(sync), kind);
        if (row !== undefined) cleared = toAlert(row);
        return cleared;
      });
    },

    async alerts() {
      return (await session.read<AlertRow>(alerts.all)).map(toAlert);
    },

    close: () => session.close(),
  };
}

/** Ids are numbers; what is none belongs to no entry. */
function toEntryId(id: string): number {
  return /^\d{1,15}$/.test(id) ? Number(id) : 0;
}

function liveLease(row: EntryRow, now: number): QueueEntry["heldBy"] {
  const holder = row.holder === null ? null : fromStoredText(row.holder);
  return toLiveClaim({ holder, until: row.held_until, ttl: row.held_ttl }, now);
}

function toEntry(row: EntryRow, now: number): QueueEntry {
  const heldBy = liveLease(row, now);
  return {
    ...toWish(row),
    id: String(row.id),
    enqueuedAt: row.enqueued_at,
    heldBy,
    takenAt: row.taken_at,
    cancelled: row.cancelled,
    deaths: row.holder !== null && heldBy === null ? row.deaths + 1 : row.deaths,
  };
}

function toWish(row: EntryRow): RunWish {
  return {
    sync: fromStoredText(row.sync),
    kind: row.kind,
    trigger: row.triggered_by,
    priority: row.priority,
    dueAt: row.due_at,
  };
}

function toAlert(row: AlertRow): Alert {
  return {
    sync: fromStoredText(row.sync),
    kind: row.kind,
    text: row.text,
    raisedAt: row.raised_at,
    toldAt: row.told_at,
  };
}
