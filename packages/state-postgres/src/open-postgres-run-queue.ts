import type { RunQueue } from "@acme/sync-core";
import { createPostgresRunQueue } from "./create-postgres-run-queue.ts";
import { openSession, type PostgresStateOptions } from "./open-session.ts";

/**
 * Opens the run queue that lies in the same schema as a state; each may be opened without the other.
 * @returns and throws as openPostgresState does.
 */
export async function openPostgresRunQueue(options: PostgresStateOptions): Promise<RunQueue | null> {
  const session = await openSession(options);
  return session === null ? null : createPostgresRunQueue(session);
}
