import type { StateStore } from "@acme/sync-core";
import { createPostgresStore } from "./create-postgres-store.ts";
import { openSession, type PostgresStateOptions } from "./open-session.ts";

/**
 * Opens the state kept in a schema of a PostgreSQL database. Any number of processes of any number of machines may share it. What
 * a method had resolved is as durable as the server's commits are.
 *
 * @returns null where there is none yet and `mode` does not say to make it.
 * @throws ConfigError when the URL makes no sense, the database is missing or unfit, or its tables belong to another program or
 * to a newer version of this one; AuthError when the server refuses the user; TransientError when it cannot be reached.
 */
export async function openPostgresState(options: PostgresStateOptions): Promise<StateStore | null> {
  const session = await openSession(options);
  return session === null ? null : createPostgresStore(session);
}
