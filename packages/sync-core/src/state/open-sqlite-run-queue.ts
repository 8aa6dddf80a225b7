import type { RunQueue } from "../contracts/run-queue.ts";
import { createSqliteRunQueue } from "./create-sqlite-run-queue.ts";
import { openSqliteSession, type SqliteStateOptions } from "./open-sqlite-session.ts";
import { prepareQueueStatements } from "./queue-statements.ts";

/**
 * Opens the run queue that lies in the same file as a state; each may be opened without the other.
 * @throws as openSqliteState does.
 */
export async function openSqliteRunQueue(options: SqliteStateOptions): Promise<RunQueue> {
  return createSqliteRunQueue(await openSqliteSession(options, prepareQueueStatements));
}
