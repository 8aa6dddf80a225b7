import type { DatabaseSync } from "node:sqlite";
import type { QueueEntry, RunTrigger } from "../contracts/run-queue.ts";
import { createQueries } from "./query.ts";

export type QueueStatements = ReturnType<typeof prepareQueueStatements>;

type Text = string;
type EntryId = number;

/** Every statement of the run queue, prepared once. */
export function prepareQueueStatements(db: DatabaseSync) {
  const query = createQueries(db);
  return {
    entryById: query<[EntryId], EntryRow>("select * from queue_entry where id = ?"),
    entriesInOrder: query<[], EntryRow>("select * from queue_entry order by enqueued_at, id"),
    entriesOfSync: query<[sync: Text], EntryRow>("select * from queue_entry where sync = ? order by id"),
    runningOfSync: query<[sync: Text], EntryRow>("select * from queue_entry where sync = ? and holder is not null"),
    heldBy: query<[holder: Text], EntryRow>("select * from queue_entry where holder = ?"),
    addEntry: query<
      [sync: Text, kind: Text, trigger: Text, priority: number, due: number, at: number],
      { id: EntryId }
    >(
      `insert into queue_entry (sync, kind, triggered_by, priority, due_at, enqueued_at, fence, cancelled)
       values (?, ?, ?, ?, ?, ?, 0, 0)
       on conflict (sync, kind) where holder is null do nothing
       returning id`,
    ),
    waitingOf: query<[sync: Text, kind: Text], EntryRow>(
      "select * from queue_entry where sync = ? and kind = ? and holder is null",
    ),
    hastenEntry: query<[trigger: Text, priority: number, due: number, EntryId]>(
      "update queue_entry set triggered_by = ?, priority = ?, due_at = ? where id = ?",
    ),
    takeEntry: query<[holder: Text, until: number, ttl: number, at: number, deaths: number, EntryId]>(
      `update queue_entry set fence = fence + 1, holder = ?, held_until = ?, held_ttl = ?, taken_at = ?,
         deaths = deaths + ?
       where id = ?`,
    ),
    renewEntry: query<[until: number, ttl: number, EntryId]>(
      "update queue_entry set held_until = ?, held_ttl = ? where id = ?",
    ),
    freeEntry: query<[due: number, deaths: number, EntryId]>(
      "update queue_entry set holder = null, held_until = null, held_ttl = null, due_at = ?, deaths = ? where id = ?",
    ),
    bequeathDeaths: query<[takenAt: number | null, deaths: number, EntryId]>(
      "update queue_entry set taken_at = ?, deaths = ? where id = ?",
    ),
    cancelEntry: query<[EntryId]>("update queue_entry set cancelled = 1 where id = ?"),
    dropEntry: query<[EntryId]>("delete from queue_entry where id = ?"),

    scheduleOf: query<[sync: Text], ScheduleRow>("select * from schedule where sync = ?"),
    setSchedule: query<[sync: Text, expression: Text | null, fired: number | null, paused: number]>(
      `insert into schedule (sync, expression, fired_at, paused) values (?, ?, ?, ?)
       on conflict (sync) do update set
         expression = excluded.expression, fired_at = excluded.fired_at, paused = excluded.paused`,
    ),
    pausedSyncs: query<[], { sync: string }>("select sync from schedule where paused = 1 order by sync"),

    addNote: query<[sync: Text, seqOf: Text, runId: Text, trigger: Text, at: number, text: Text]>(
      `insert into run_note (sync, seq, run_id, triggered_by, at, text)
       values (?, (select coalesce(max(seq), 0) + 1 from run_note where sync = ?), ?, ?, ?, ?)`,
    ),
    dropOldNotes: query<[sync: Text, seqOf: Text, kept: number]>(
      "delete from run_note where sync = ? and seq <= (select max(seq) from run_note where sync = ?) - ?",
    ),
    notesOfRun: query<[sync: Text, runId: Text], NoteRow>(
      "select * from run_note where sync = ? and run_id = ? order by seq",
    ),

    addAlert: query<[sync: Text, kind: Text, text: Text, at: number]>(
      `insert into alert (sync, kind, text, raised_at) values (?, ?, ?, ?) on conflict (sync, kind) do nothing`,
    ),
    rewordAlert: query<[text: Text, sync: Text, kind: Text]>("update alert set text = ? where sync = ? and kind = ?"),
    tellAlert: query<[at: number, sync: Text, kind: Text]>(
      "update alert set told_at = coalesce(told_at, ?) where sync = ? and kind = ?",
    ),
    clearAlert: query<[sync: Text, kind: Text], AlertRow>("delete from alert where sync = ? and kind = ? returning *"),
    alerts: query<[], AlertRow>("select * from alert order by raised_at desc, sync, kind"),
  };
}

export interface EntryRow {
  readonly id: EntryId;
  readonly sync: string;
  readonly kind: QueueEntry["kind"];
  readonly triggered_by: RunTrigger;
  readonly priority: number;
  readonly due_at: number;
  readonly enqueued_at: number;
  readonly fence: number;
  readonly holder: string | null;
  readonly held_until: number | null;
  readonly held_ttl: number | null;
  readonly taken_at: number | null;
  readonly cancelled: number;
  readonly deaths: number;
}

interface ScheduleRow {
  readonly sync: string;
  readonly expression: string | null;
  readonly fired_at: number | null;
  readonly paused: number;
}

interface NoteRow {
  readonly sync: string;
  readonly run_id: string;
  readonly triggered_by: RunTrigger;
  readonly at: number;
  readonly text: string;
}

export interface AlertRow {
  readonly sync: string;
  readonly kind: string;
  readonly text: string;
  readonly raised_at: number;
  readonly told_at: number | null;
}
