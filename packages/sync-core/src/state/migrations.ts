import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../contracts/errors.ts";
import { isEmptyDatabase, readPragma } from "./read-pragma.ts";

/** Stands in the header of every file that is ours ("SYNC"), so that another program's database is never taken for one. */
export const applicationId = 0x53594e43;

/**
 * The tables, one step per version; `user_version` says how many steps a file has taken. Steps are only ever added.
 * PostgreSQL gets the same tables, so types and statements keep to what both know. Times are milliseconds since the epoch.
 *
 * - `sync`: one row per sync ever claimed. `fence` rises with every claim and every reset. `holder`, `held_until` and
 *   `held_ttl` are null when it is free. `cursor` and `proved` are JSON. `landed_rows` and `parked_rows` are kept up to
 *   date by every write, since counting ten million rows would make `status` slow.
 * - `landed_row`: digest of the version of a row that landed last; `record` only where the sync deletes.
 * - `parked_row`: the version that is not sent again; `digest` null when it could not be mapped.
 * - `batch`: what is unsettled; `seq` rises in the order of writing; `rows` as `packRows` makes them; `superseded` the rows that
 *   lost to them, null when there are none; `echo_until` once it is known that another copy may land; `record_kind` is JSON, null
 *   where it was written before there was one.
 * - `echo`: what may still land of batches that are settled; `until` is exclusive.
 * - `seen_row`, `gone_row`, `left_record`: what `DeletionMemory` needs; empty for syncs that do not delete. `sync.enumeration`
 *   is null for `none`.
 *   A left record's `missed_at` and `look_at` are null until it was looked for in vain.
 * - `receipt`: JSON text as it was digested; `seq` rises.
 * - `pace`: one row per rate; see `pace.ts`. Both columns of the pace are null while it is unknown.
 * - `quota_usage`: one row per rate and month (`2026-11`).
 * - `queue_entry`: what waits (`holder` null) or runs; `cancelled` 0 or 1; the columns of the lease are null while it waits.
 *   `kind` is `sync` or `retry`; the death of a lease that expired is counted in `deaths` when it is taken over. Two indexes hold the
 *   rules: one that waits a sync and kind, one that runs a sync.
 * - `schedule`: `expression` and `fired_at` are null until the schedule has begun; `paused` 0 or 1.
 * - `run_note`: `seq` rises within a sync; the oldest are dropped.
 * - `alert`: what was raised and not cleared; `told_at` null until somebody was told.
 */
export const migrations: readonly string[] = [
  `
  create table sync (
    id integer not null primary key,
    name text not null unique,
    fence integer not null,
    holder text,
    held_until integer,
    held_ttl integer,
    cursor text,
    proved text,
    landed_rows integer not null,
    parked_rows integer not null
  ) strict;

  create table landed_row (
    sync_id integer not null,
    key text not null,
    digest blob not null,
    primary key (sync_id, key)
  ) strict, without rowid;

  create table parked_row (
    sync_id integer not null,
    key text not null,
    code text not null,
    reason text not null,
    digest blob,
    first_at integer not null,
    last_at integer not null,
    primary key (sync_id, key)
  ) strict, without rowid;

  create table batch (
    sync_id integer not null,
    id text not null,
    seq integer not null,
    written_at integer not null,
    sent_at integer,
    event_id text,
    rows blob not null,
    primary key (sync_id, id)
  ) strict;
  create unique index batch_in_order on batch (sync_id, seq);

  create table receipt (
    sync_id integer not null,
    seq integer not null,
    receipt text not null,
    primary key (sync_id, seq)
  ) strict;

  create table pace (
    key text not null primary key,
    units_per_minute real,
    burst_units real,
    tat real not null,
    used_at real not null,
    seen_at real not null
  ) strict, without rowid;

  create table quota_usage (
    pace_key text not null,
    month text not null,
    attempted real not null,
    accepted real not null,
    refused real not null,
    unknown real not null,
    provider_current real,
    provider_limit real,
    primary key (pace_key, month)
  ) strict, without rowid;
  `,
  `
  alter table batch add column superseded blob;
  alter table batch add column echo_until integer;

  create table echo (
    sync_id integer not null,
    batch_id text not null,
    until integer not null,
    rows blob not null,
    primary key (sync_id, batch_id)
  ) strict;
  `,
  `
  alter table sync add column enumeration text;
  alter table sync add column selection text;
  alter table landed_row add column record text;
  create index landed_row_by_record on landed_row (record, sync_id) where record is not null;

  create table seen_row (
    sync_id integer not null,
    key text not null,
    primary key (sync_id, key)
  ) strict, without rowid;

  create table gone_row (
    sync_id integer not null,
    key text not null,
    primary key (sync_id, key)
  ) strict, without rowid;

  create table left_record (
    sync_id integer not null,
    record text not null,
    primary key (sync_id, record)
  ) strict, without rowid;
  `,
  `
  create table queue_entry (
    id integer not null primary key autoincrement,
    sync text not null,
    kind text not null,
    triggered_by text not null,
    priority integer not null,
    due_at integer not null,
    enqueued_at integer not null,
    fence integer not null,
    holder text,
    held_until integer,
    held_ttl integer,
    taken_at integer,
    cancelled integer not null
  ) strict;
  create unique index queue_entry_waiting on queue_entry (sync, kind) where holder is null;
  create unique index queue_entry_running on queue_entry (sync) where holder is not null;

  create table schedule (
    sync text not null primary key,
    expression text,
    fired_at integer,
    paused integer not null
  ) strict, without rowid;

  create table run_note (
    sync text not null,
    seq integer not null,
    run_id text not null,
    triggered_by text not null,
    at integer not null,
    text text not null,
    primary key (sync, seq)
  ) strict, without rowid;

  create table alert (
    sync text not null,
    kind text not null,
    text text not null,
    raised_at integer not null,
    told_at integer,
    primary key (sync, kind)
  ) strict, without rowid;
  `,
  `
  alter table left_record add column missed_at integer;
  alter table left_record add column look_at integer;
  alter table batch add column record_kind text;
  alter table queue_entry add column deaths integer not null default 0;
  `,
];

/**
 * Refuses a file that is not ours to touch. Changes nothing.
 * @throws ConfigError when a newer version of this program wrote the file, or another program did.
 */
export function checkVersion(
  location: string,
  found: { applicationId: number; version: number; empty: boolean },
): void {
  if (!found.empty && found.applicationId !== applicationId) {
    throw new ConfigError(`${location} is a database, but not one of ours. It was left as it is.`, {
      hint: "Point `state:` in the configuration at another file.",
    });
  }
  if (found.version > migrations.length) {
    throw new ConfigError(
      `The state ${location} was written by a newer version of this program: it has version ${found.version}, this program knows ${migrations.length}. It was left as it is.`,
      { hint: "Install the version that was used before, or a newer one." },
    );
  }
}

/**
 * Brings the tables to the newest version: all steps or none.
 * @throws ConfigError as {@link checkVersion}.
 */
export function migrate(db: DatabaseSync, location: string): void {
  if (readPragma(db, "user_version") === migrations.length) return;
  db.exec("begin immediate");
  try {
    // Another process may have taken the steps while this one waited for the lock.
    const version = readPragma(db, "user_version");
    checkVersion(location, { applicationId: readPragma(db, "application_id"), version, empty: isEmptyDatabase(db) });
    for (const step of migrations.slice(version)) db.exec(step);
    db.exec(`pragma application_id = ${applicationId}; pragma user_version = ${migrations.length}; commit`);
  } catch (error) {
    if (db.isTransaction) db.exec("rollback");
    throw error;
  }
}
