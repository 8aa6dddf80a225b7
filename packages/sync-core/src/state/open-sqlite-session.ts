import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../contracts/errors.ts";
import { loadSqlite } from "./load-sqlite.ts";
import { checkVersion, migrate, migrations } from "./migrations.ts";
import { openForReading } from "./open-for-reading.ts";
import { isEmptyDatabase, readPragma } from "./read-pragma.ts";
import { checkSqliteFile, createSqliteFile } from "./sqlite-file.ts";
import { createSqliteSession, type SqliteSession } from "./sqlite-session.ts";
import { toStateError } from "./to-state-error.ts";

export interface SqliteStateOptions {
  /** Path of the file, or `:memory:`. It and the directories above it are made where they are missing. */
  readonly file: string;
  /** Milliseconds since the epoch. Every process that shares the file must mean the same clock. */
  readonly now: () => number;
  /** Only look: nothing is created, migrated or written. Methods that write throw. */
  readonly readOnly?: boolean;
  /** How long one transaction may wait for those of other processes, in milliseconds. The process stands still meanwhile. */
  readonly busyMs?: number;
}

/**
 * Opens a SQLite file that holds a state, made and brought up to date where that is needed.
 * @throws as {@link openSqliteState}.
 */
export async function openSqliteSession<Statements>(
  options: SqliteStateOptions,
  prepare: (db: DatabaseSync) => Statements,
): Promise<SqliteSession<Statements>> {
  const location = options.file === ":memory:" ? options.file : resolve(options.file);
  const { readOnly = false, busyMs = 10_000 } = options;
  const { DatabaseSync } = loadSqlite();
  let db: DatabaseSync | undefined;
  try {
    if (location !== ":memory:") {
      if (!readOnly) await createSqliteFile(location);
      await checkSqliteFile(location);
      // Nothing is written to a file before it is known to be ours: closing it could move its log, too.
      db = await openForReading(location, busyMs);
      checkIdentity(db, location);
      if (readOnly) checkComplete(db, location);
      else db.close();
    }
    if (!readOnly || db === undefined) {
      db = new DatabaseSync(location, { timeout: busyMs });
      await prepareForWriting(db, location, busyMs);
    }
    // Negative: in KiB. Sixteen megabytes hold the upper levels of the index of ten million rows.
    db.exec("pragma cache_size = -16384");
    const connect = (onlyRead: boolean): DatabaseSync =>
      new DatabaseSync(location, { readOnly: onlyRead, timeout: busyMs });
    return createSqliteSession(db, { location, now: options.now, prepare, connect });
  } catch (error) {
    if (db?.isOpen === true) db.close();
    throw toStateError(error, { location, opening: true });
  }
}

function checkIdentity(db: DatabaseSync, location: string): void {
  checkVersion(location, {
    applicationId: readPragma(db, "application_id"),
    version: readPragma(db, "user_version"),
    empty: isEmptyDatabase(db),
  });
}

async function prepareForWriting(db: DatabaseSync, location: string, busyMs: number): Promise<void> {
  await useWriteAheadLog(db, busyMs);
  // In WAL mode NORMAL cannot damage the file; it syncs at checkpoints instead of at every commit.
  db.exec("pragma synchronous = normal");
  migrate(db, location);
  // The log goes back into the file every 16 MB, and keeps no more than that on disk afterwards.
  db.exec("pragma wal_autocheckpoint = 4000; pragma journal_size_limit = 16777216");
}

/** The switch itself does not wait for other processes that open the file at the same moment, so it is tried again. */
async function useWriteAheadLog(db: DatabaseSync, busyMs: number): Promise<void> {
  const pauseMs = 20;
  for (let waitedMs = 0; ; waitedMs += pauseMs) {
    try {
      db.exec("pragma journal_mode = wal");
      return;
    } catch (error) {
      const locked = error instanceof Error && "errcode" in error && error.errcode === 5;
      if (!locked || waitedMs >= busyMs) throw error;
    }
    await sleep(pauseMs);
  }
}

function checkComplete(db: DatabaseSync, location: string): void {
  const version = readPragma(db, "user_version");
  if (version === migrations.length) return;
  throw new ConfigError(
    `The state ${location} has version ${version}; this program reads version ${migrations.length}, and was asked to change nothing.`,
    { hint: "Run a sync once: it brings the state up to date." },
  );
}
