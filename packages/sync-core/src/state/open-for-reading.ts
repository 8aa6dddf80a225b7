import type { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { loadSqlite } from "./load-sqlite.ts";
import { readPragma } from "./read-pragma.ts";
import { hasLog } from "./sqlite-file.ts";

/**
 * Opens a database only to look. Reading one with a write-ahead log takes files beside it. Where they cannot be made, as on a
 * read-only file system, it is read as it lies there, provided that there is no log that holds more: then nobody is writing, either.
 * @throws what SQLite throws.
 */
export async function openForReading(location: string, busyMs: number): Promise<DatabaseSync> {
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
