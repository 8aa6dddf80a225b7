import { ConfigError } from "@acme/sync-core";
import type { OpenStateOptions } from "@acme/sync-core/state";
import { type Connection, type ConnectionPool, openPool } from "./client.ts";
import { migrate, migrations, readVersion } from "./migrations.ts";
import { createPostgresSession, type PostgresSession, withConnection } from "./session.ts";
import { type Settings, toSettings } from "./settings.ts";
import { rowsOf } from "./sql.ts";
import { toStateError } from "./to-state-error.ts";

export interface PostgresStateOptions extends OpenStateOptions {
  /**
   * What processes have to agree on (claims, the pace) goes by the clock of the `server`, the default. `process`: by `now`, which
   * must then mean the same everywhere; for tests under a virtual clock.
   */
  readonly clock?: "server" | "process";
  /** For how long a method tries again when the server is not there or restarts, in milliseconds. Default: 30,000. */
  readonly patienceMs?: number;
}

/** 13: identity columns, what runs say of themselves, and everything older has reached its end. */
const OLDEST_SERVER = 130_000;

/**
 * Opens the schema of a database that holds a state, made and brought up to date where `mode` says so.
 * @returns null where there is none yet and it was not to be made.
 * @throws ConfigError, AuthError or TransientError, without the password in it; the database is left as it was.
 */
export async function openSession(options: PostgresStateOptions): Promise<PostgresSession | null> {
  const settings = toSettings(options.url);
  let pool: ConnectionPool | null = null;
  try {
    pool = await openPool(settings);
    const isThere = await withConnection(pool, (connection) => prepare(connection, settings, options.mode));
    if (!isThere) {
      await pool.close();
      return null;
    }
    return createPostgresSession(pool, {
      settings,
      now: options.now,
      clock: options.clock ?? "server",
      readOnly: options.mode === "look",
      patienceMs: options.patienceMs ?? 30_000,
    });
  } catch (error) {
    await pool?.close();
    throw toStateError(error, { settings, opening: true });
  }
}

/** @returns false where there is no state and none was made. */
async function prepare(connection: Connection, settings: Settings, mode: OpenStateOptions["mode"]): Promise<boolean> {
  await checkServer(connection, settings);
  const version = await readVersion(connection, settings);
  if (version === migrations.length) return true;
  if (mode === "look" && version !== null) {
    throw new ConfigError(
      `The state ${settings.location} has version ${version}; this program reads version ${migrations.length}, and was asked to change nothing.`,
      { hint: "Run a sync once: it brings the state up to date." },
    );
  }
  if (version === null && mode !== "create") return false;
  await migrate(connection, settings);
  return true;
}

async function checkServer(connection: Connection, { location }: Settings): Promise<void> {
  const [server] = rowsOf<{ version: number; release: string; encoding: string }>(
    await connection.query(
      `select current_setting('server_version_num')::integer as version, current_setting('server_version') as release,
              current_setting('server_encoding') as encoding`,
      [],
    ),
  );
  if (server === undefined || server.version < OLDEST_SERVER) {
    throw new ConfigError(
      `The state ${location} needs PostgreSQL 13 or newer; the server is ${server?.release ?? "unknown"}.`,
      {
        hint: "Keep the state in another server, or in a file.",
      },
    );
  }
  if (server.encoding !== "UTF8") {
    throw new ConfigError(`The state ${location} needs a database in UTF8; this one is in ${server.encoding}.`, {
      hint: "Create a database for it: create database sync_state encoding 'UTF8' template template0;",
    });
  }
}
