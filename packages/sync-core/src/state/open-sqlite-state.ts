import type { StateStore } from "../contracts/state.ts";
import { createSqliteStore } from "./create-sqlite-store.ts";
import { openSqliteSession, type SqliteStateOptions } from "./open-sqlite-session.ts";
import { prepareStatements } from "./statements.ts";

/**
 * Opens the state kept in one SQLite file. Any number of processes of one machine may share it; a network share cannot hold
 * it. A killed process loses nothing that a method had resolved. A power failure may lose the last of it, always in
 * order: what is then found is the state of some moments before.
 *
 * @throws ConfigError when the file cannot be opened or made, is damaged, belongs to another program or to a newer version of
 * this one; it is left as it was. TransientError when it stays locked, or the disk fails or is full.
 */
export async function openSqliteState(options: SqliteStateOptions): Promise<StateStore> {
  return createSqliteStore(await openSqliteSession(options, prepareStatements));
}
