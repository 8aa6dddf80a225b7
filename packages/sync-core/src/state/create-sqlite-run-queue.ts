import type { Alert, QueueEntry, RunQueue, RunWish } from "../contracts/run-queue.ts";
import { toLiveClaim } from "./claim.ts";
import type { AlertRow, EntryRow, QueueStatements } from "./queue-statements.ts";
import { maxNotes } from "./limits.ts";
import type { SqliteSession } from "./sqlite-session.ts";
import { toStoredWords } from "./stored-text.ts";

/** A moment that fired so long after now was fired under a clock that was wrong. */
const futureMs = 86_400_000;

/** The run queue over an open session. */
export function createSqliteRunQueue(session: SqliteSession<QueueStatements>): RunQueue {
  const live = (row: EntryRow): QueueEntry["heldBy"] =>
    toLiveClaim({ holder: row.holder, until: row.held_until, ttl: row.held_ttl }, session.now());

  /** @returns null when it was added to one that waits already. */
  const add = (statements: QueueStatements, wish: RunWish): string | null => {
    const { sync, kind, priority } = wish;
    const dueAt = Math.ceil(wish.dueAt);
    const isAgain = kind === "sync" && statements.runningOfSync.get(sync) !== undefined;
    const trigger = isAgain ? "again" : wish.trigger;
    const waiting = statements.waitingOf.get(sync, kind);
    if (waiting === undefined) {
      const id = statements.addEntry.get(sync, kind, trigger, priority, dueAt, session.now())?.id;
      return id === undefined ? null : String(id);
    }
    const isHigher = priority > waiting.priority;
    statements.hastenEntry.run(
      isHigher ? trigger : waiting.triggered_by,
      Math.max(priority, waiting.priority),
      Math.min(dueAt, waiting.due_at),
      waiting.id,
    );
    return null;
  };

  /** What ran waits again, unless it was cancelled; one that waits for the same is enough. */
  const requeue = (statements: QueueStatements, row: EntryRow, dueAt: number, deaths: number): void => {
    if (row.cancelled === 1) {
      statements.dropEntry.run(row.id);
      return;
    }
    const waiting = statements.waitingOf.get(row.sync, row.kind);
    if (waiting === undefined) {
      statements.freeEntry.run(dueAt, deaths, row.id);
      return;
    }
    statements.dropEntry.run(row.id);
    if (deaths > 0) statements.bequeathDeaths.run(row.taken_at, deaths, waiting.id);
    add(statements, { sync: row.sync, kind: row.kind, trigger: row.triggered_by, priority: row.priority, dueAt });
  };

  /** The entry while its lease is this one; undefined once it was lost. */
  const held = (statements: QueueStatements, lease: { id: string; fence: number }): EntryRow | undefined => {
    const row = statements.entryById.get(Number(lease.id));
    return row?.holder === null || row?.fence !== lease.fence ? undefined : row;
  };

  return {
    location: session.location,

    async enqueue(wish) {
      return session.write((statements) => add(statements, wish));
    },

    async entries() {
      return session.read((statements) => statements.entriesInOrder.all()).map((row) => toEntry(row, live(row)));
    },

    async take(id, holder, ttlMs) {
      return session.write((statements) => {
        const row = statements.entryById.get(Number(id));
        if (row === undefined || live(row) !== null) return null;
        if (row.cancelled === 1) {
          statements.dropEntry.run(row.id);
          return null;
        }
        for (const other of statements.entriesOfSync.all(row.sync)) {
          if (other.id === row.id || other.holder === null) continue;
          if (live(other) !== null) return null;
          // An expired lease makes way for the entry that is taken now.
          requeue(statements, other, session.now(), other.deaths + 1);
        }
        const now = session.now();
        // What nobody holds any more was not put back.
        const deaths = row.holder === null ? 0 : 1;
        statements.takeEntry.run(holder, now + ttlMs, ttlMs, now, deaths, row.id);
        const taken = statements.entryById.get(row.id);
        return taken === undefined ? null : { ...toWish(taken), id: String(row.id), fence: taken.fence, takenAt: now };
      });
    },

    async renew(lease, ttlMs) {
      return session.write((statements) => {
        const row = held(statements, lease);
        if (row === undefined) return "lost";
        statements.renewEntry.run(session.now() + ttlMs, ttlMs, row.id);
        return row.cancelled === 1 ? "cancelled" : "held";
      });
    },

    async finish(lease) {
      return session.write((statements) => {
        const row = held(statements, lease);
        if (row !== undefined) statements.dropEntry.run(row.id);
        return row !== undefined;
      });
    },

    async putBack(lease, dueAt) {
      return session.write((statements) => {
        const row = held(statements, lease);
        if (row !== undefined) requeue(statements, row, Math.ceil(dueAt), 0);
        return row !== undefined;
      });
    },

    async giveBack(holder) {
      return session.write((statements) => {
        const rows = statements.heldBy.all(holder);
        for (const row of rows) requeue(statements, row, session.now(), row.deaths + 1);
        return rows.length;
      });
    },

    async cancel(sync) {
      return session.write((statements) => {
        const rows = statements.entriesOfSync.all(sync);
        for (const row of rows) {
          if (row.holder === null) statements.dropEntry.run(row.id);
          else statements.cancelEntry.run(row.id);
        }
        if (rows.some((row) => row.holder !== null)) return "cancelling";
        return rows.length > 0 ? "removed" : "none";
      });
    },

    async beginSchedule(sync, expression, at) {
      return session.write((statements) => {
        const row = statements.scheduleOf.get(sync);
        const firedAt = row?.expression === expression ? (row.fired_at ?? null) : null;
        if (firedAt !== null && firedAt <= at + futureMs) return firedAt;
        statements.setSchedule.run(sync, expression, at, row?.paused ?? 0);
        return at;
      });
    },

    async fire(moment, wish) {
      return session.write((statements) => {
        const row = statements.scheduleOf.get(wish.sync);
        if (row?.paused === 1 || (row?.fired_at ?? -Infinity) >= moment) return false;
        statements.setSchedule.run(wish.sync, row?.expression ?? null, moment, 0);
        add(statements, wish);
        return true;
      });
    },

    async pause(sync) {
      await session.write((statements) => {
        const row = statements.scheduleOf.get(sync);
        statements.setSchedule.run(sync, row?.expression ?? null, row?.fired_at ?? null, 1);
        for (const entry of statements.entriesOfSync.all(sync)) {
          if (entry.holder === null && entry.triggered_by === "schedule") statements.dropEntry.run(entry.id);
        }
      });
    },

    async resume(sync, at) {
      await session.write((statements) => {
        const row = statements.scheduleOf.get(sync);
        if (row?.paused !== 1) return;
        statements.setSchedule.run(sync, row.expression, Math.max(at, row.fired_at ?? at), 0);
      });
    },

    async paused() {
      return session.read((statements) => statements.pausedSyncs.all()).map(({ sync }) => sync);
    },

    async note({ sync, runId, trigger, at, text }) {
      await session.write((statements) => {
        statements.addNote.run(sync, sync, runId, trigger, at, toStoredWords(text));
        statements.dropOldNotes.run(sync, sync, maxNotes);
      });
    },

    async notes(sync, runId) {
      return session
        .read((statements) => statements.notesOfRun.all(sync, runId))
        .map((row) => ({ sync, runId, trigger: row.triggered_by, at: row.at, text: row.text }));
    },

    async raiseAlert({ sync, kind, text }) {
      const words = toStoredWords(text);
      return session.write((statements) => {
        const isNew = statements.addAlert.run(sync, kind, words, session.now()) > 0;
        if (!isNew) statements.rewordAlert.run(words, sync, kind);
        return isNew;
      });
    },

    async markTold({ sync, kind }) {
      await session.write((statements) => void statements.tellAlert.run(session.now(), sync, kind));
    },

    async clearAlert({ sync, kind }) {
      const row = await session.write((statements) => statements.clearAlert.get(sync, kind));
      return row === undefined ? null : toAlert(row);
    },

    async alerts() {
      return session.read((statements) => statements.alerts.all()).map(toAlert);
    },

    async close() {
      session.close();
    },
  };
}

function toEntry(row: EntryRow, heldBy: QueueEntry["heldBy"]): QueueEntry {
  return {
    ...toWish(row),
    id: String(row.id),
    enqueuedAt: row.enqueued_at,
    heldBy,
    takenAt: row.taken_at,
    cancelled: row.cancelled === 1,
    deaths: row.holder !== null && heldBy === null ? row.deaths + 1 : row.deaths,
  };
}

function toWish(row: EntryRow): RunWish {
  return {
    sync: row.sync,
    kind: row.kind,
    trigger: row.triggered_by,
    priority: row.priority,
    dueAt: row.due_at,
  };
}

function toAlert(row: AlertRow): Alert {
  return { sync: row.sync, kind: row.kind, text: row.text, raisedAt: row.raised_at, toldAt: row.told_at };
}
