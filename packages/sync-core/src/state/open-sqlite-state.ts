import { resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { DatabaseSync } from "node:sqlite";
import { ConfigError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import { createSqliteStore } from "./create-sqlite-store.ts";
import { loadSqlite } from "./load-sqlite.ts";
import { checkVersion, migrate, migrations } from "./migrations.ts";
import { isEmptyDatabase, readPragma } from "./read-pragma.ts";
import { checkSqliteFile, createSqliteFile, hasLog } from "./sqlite-file.ts";
import { createSqliteSession } from "./sqlite-session.ts";
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
 * Opens the state kept in one SQLite file. Any number of processes of one machine may share it; a network share cannot hold
 * it. A killed process loses nothing that a method had resolved. A power failure may lose the last of it, always in
 * order: what is then found is the state of some moments before.
 *
 * @throws ConfigError when the file cannot be opened or made, is damaged, belongs to another program or to a newer version of
 * this one; it is left as it was. TransientError when it stays locked, or the disk fails or is full.
 */
export async function openSqliteState(options: SqliteStateOptions): Promise<StateStore> {
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
    return createSqliteStore(createSqliteSession(db, location, options.now));
  } catch (error) {
    if (db?.isOpen === true) db.close();
    throw toStateError(error, { location, opening: true });
  }
}

/**
 * Reading a database with a write-ahead log takes files beside it. Where they cannot be made, as on a read-only file system, it is
 * read as it lies there, provided that there is no log that holds more: then nobody is writing, either.
 */
async function openForReading(location: string, busyMs: number): Promise<DatabaseSync> {
  const { DatabaseSync } = loadSqlite();
  const db = new DatabaseSync(location, { readOnly: true, timeout: busyMs });
  try {
    readPragma(db, "user_version");
    return db;
  } catch (error) {
    db.close();
    if (!isUnopenable(error) || (await hasLog(location))) throw error;
  }
  const asItLies = pathToFileURL(location);
  asItLies.searchParams.set("immutable", "1");
  return new DatabaseSync(asItLies, { readOnly: true });
}

/** SQLITE_CANTOPEN, and SQLITE_READONLY in its several kinds. */
function isUnopenable(error: unknown): boolean {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return false;
  const primary = error.errcode & 0xff;
  return primary === 14 || primary === 8;
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
