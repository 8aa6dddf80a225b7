import type { QueueEntry, RunTrigger } from "@acme/sync-core";

/* Statements of the run queue. The session fills in {schema} and {clock}. */

/** Whoever changes entries is alone at it, as with SQLite; everybody may read meanwhile. It is a matter of few rows and moments. */
export const lockQueue = "lock table {schema}.queue_entry in share row exclusive mode";

export const entries = {
  byId: "select * from {schema}.queue_entry where id = $1",
  inOrder: "select *, {clock} as now from {schema}.queue_entry order by enqueued_at, id",
  ofSync: "select * from {schema}.queue_entry where sync = $1 order by id",
  running: "select * from {schema}.queue_entry where sync = $1 and holder is not null",
  heldBy: "select * from {schema}.queue_entry where holder = $1",
  waiting: "select * from {schema}.queue_entry where sync = $1 and kind = $2 and holder is null",
  add: `
    insert into {schema}.queue_entry (sync, kind, triggered_by, priority, due_at, enqueued_at, fence, cancelled)
    values ($1, $2, $3, $4, $5, $6, 0, false) returning id`,
  hasten: "update {schema}.queue_entry set triggered_by = $1, priority = $2, due_at = $3 where id = $4",
  take: `
    update {schema}.queue_entry set fence = fence + 1, holder = $1, held_until = $2, held_ttl = $3, taken_at = $4,
      deaths = deaths + $5::integer
    where id = $6 returning *`,
  renew: "update {schema}.queue_entry set held_until = $1, held_ttl = $2 where id = $3",
  free: `
    update {schema}.queue_entry set holder = null, held_until = null, held_ttl = null, due_at = $1, deaths = $2
    where id = $3`,
  bequeathDeaths: "update {schema}.queue_entry set taken_at = $1, deaths = $2 where id = $3",
  cancel: "update {schema}.queue_entry set cancelled = true where id = $1",
  drop: "delete from {schema}.queue_entry where id = $1",
};

export const schedules = {
  of: "select * from {schema}.schedule where sync = $1",
  set: `
    insert into {schema}.schedule (sync, expression, fired_at, paused) values ($1, $2, $3, $4)
    on conflict (sync) do update set
      expression = excluded.expression, fired_at = excluded.fired_at, paused = excluded.paused`,
  paused: "select sync from {schema}.schedule where paused order by sync",
};

export const notes = {
  add: `
    insert into {schema}.run_note (sync, seq, run_id, triggered_by, at, text)
    select $1, coalesce(max(seq), 0) + 1, $2, $3, $4::bigint, $5 from {schema}.run_note where sync = $1`,
  dropOld: `
    delete from {schema}.run_note
    where sync = $1 and seq <= (select max(seq) from {schema}.run_note where sync = $1) - $2::bigint`,
  ofRun: "select * from {schema}.run_note where sync = $1 and run_id = $2 order by seq",
};

export const alerts = {
  add: `
    insert into {schema}.alert (sync, kind, text, raised_at) values ($1, $2, $3, $4)
    on conflict (sync, kind) do nothing`,
  reword: "update {schema}.alert set text = $1 where sync = $2 and kind = $3",
  tell: "update {schema}.alert set told_at = coalesce(told_at, $1) where sync = $2 and kind = $3",
  clear: "delete from {schema}.alert where sync = $1 and kind = $2 returning *",
  all: "select * from {schema}.alert order by raised_at desc, sync, kind",
};

export interface EntryRow {
  readonly id: number;
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
  readonly cancelled: boolean;
  readonly deaths: number;
}

export interface ScheduleRow {
  readonly sync: string;
  readonly expression: string | null;
  readonly fired_at: number | null;
  readonly paused: boolean;
}

export interface NoteRow {
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
