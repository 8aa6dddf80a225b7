import { setTimeout as sleep } from "node:timers/promises";
import { BugError } from "@acme/sync-core";
import type { Connection, ConnectionPool, Result } from "./client.ts";
import type { Settings } from "./settings.ts";
import { fillSchema, rowsOf } from "./sql.ts";
import { isCut, isPassing, readOnlyState, toStateError } from "./to-state-error.ts";

/** Runs a statement and gives its rows, which the caller knows from what it selects. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the columns are in the text, where no type can find them
export type QueryRows = <Row>(sql: string, values?: readonly unknown[]) => Promise<readonly Row[]>;

/** What a method does within its transaction. `{schema}` and `{clock}` in statements are filled in. */
export interface Transaction {
  readonly all: QueryRows;
  /** Number of rows inserted, changed or deleted. */
  readonly run: (sql: string, values?: readonly unknown[]) => Promise<number>;
}

export interface WriteOptions {
  /** A statement without parameters that locks what the work is about; its rows are handed to the work. */
  readonly lock?: string;
  /** For work whose length depends on how much is stored. */
  readonly unhurried?: boolean;
}

/** An open state: its connections and its clocks. */
export interface PostgresSession {
  readonly location: string;
  /** Milliseconds since the epoch, whole, by this process. */
  now(): number;
  /** One statement that only reads. */
  readonly read: QueryRows;
  /** One statement that writes. */
  readonly writeOne: QueryRows;
  /**
   * All of `work` is written, or nothing. It may be called more than once.
   * @param work is given what `lock` selected, and the time by the clock that processes share, asked behind the lock.
   */
  write<T>(
    options: WriteOptions,
    work: (transaction: Transaction, locked: Result | undefined, now: number) => Promise<T>,
  ): Promise<T>;
  /** A transaction that takes as long as it takes, and is not tried again. It has to be ended, whatever happens. */
  begin(isolation: "read committed" | "repeatable read read only"): Promise<LongTransaction>;
  close(): Promise<void>;
}

export interface LongTransaction extends Transaction {
  end(how: "commit" | "rollback"): Promise<void>;
}

export interface SessionOptions {
  readonly settings: Settings;
  readonly now: () => number;
  /** `server`: what processes have to agree on goes by the clock of the database server. */
  readonly clock: "server" | "process";
  readonly readOnly: boolean;
  /** For how long a method tries again when the server is not there, in milliseconds. */
  readonly patienceMs: number;
}

/** A session that is stopped in the middle of a transaction lets go of its locks after this. */
const IDLE_IN_TRANSACTION_MS = 10_000;
/** Longer than that, so that whoever waits for such a session gets through. */
const LOCK_TIMEOUT_MS = 15_000;
const STATEMENT_TIMEOUT_MS = 60_000;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 2_000;

const SERVER_CLOCK = "floor(extract(epoch from clock_timestamp()) * 1000)::float8";

/**
 * Every method of a state may run twice: what it writes the second time is there already. So after a fault that passes (the
 * server restarts, a connection is cut, two transactions are in each other's way) the whole of it is done again on another
 * connection, also when the connection was lost while the server committed and nobody knows whether it did.
 *
 * @throws from every method: the errors of {@link toStateError}, and BugError once the session is closed.
 */
export function createPostgresSession(pool: ConnectionPool, options: SessionOptions): PostgresSession {
  const { settings, readOnly, patienceMs } = options;
  const { location } = settings;
  let closing: Promise<void> | null = null;
  const now = (): number => Math.floor(options.now());
  const fill = (sql: string): string =>
    fillSchema(sql, settings.schema).replaceAll(
      "{clock}",
      options.clock === "server" ? SERVER_CLOCK : `${now()}::float8`,
    );

  const patiently = async <T>(work: (connection: Connection) => Promise<T>, unhurried = false): Promise<T> => {
    const giveUpAt = performance.now() + patienceMs;
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      if (closing !== null) throw new BugError(`The state ${location} was used after it had been closed.`);
      try {
        return await withConnection(pool, work, unhurried);
      } catch (error) {
        if (!isPassing(error) || performance.now() + pauseMs > giveUpAt)
          throw toStateError(error, { settings, opening: false });
      }
      await sleep(pauseMs);
    }
  };

  const queryRows =
    (connection: Connection): QueryRows =>
    async (sql, values = []) =>
      rowsOf(await connection.query(fill(sql), values));
  const single: QueryRows = (sql, values) => patiently((connection) => queryRows(connection)(sql, values));

  return {
    location,
    now,
    read: single,

    async writeOne(sql, values) {
      if (readOnly) throw readOnlyState(location, false);
      return single(sql, values);
    },

    write: ({ lock, unhurried = false }, work) =>
      patiently(async (connection) => {
        if (readOnly) throw readOnlyState(location, false);
        // The clock is asked after the lock was got: whoever waits must not go by an old time.
        const begun = await connection.script(
          fill(
            `begin isolation level read committed;
             set local statement_timeout = ${unhurried ? 0 : STATEMENT_TIMEOUT_MS};
             set local lock_timeout = ${LOCK_TIMEOUT_MS};
             set local idle_in_transaction_session_timeout = ${IDLE_IN_TRANSACTION_MS};
             ${lock ?? "select"};
             select {clock} as now`,
          ),
        );
        const at = rowsOf<{ now: number }>(begun.at(-1))[0]?.now ?? now();
        const result = await work(
          {
            all: queryRows(connection),
            run: async (sql, values = []) => (await connection.query(fill(sql), values)).count,
          },
          begun.at(-2),
          at,
        );
        await connection.script("commit");
        return result;
      }, unhurried),

    async begin(isolation) {
      if (readOnly && isolation === "read committed") throw readOnlyState(location, false);
      const guard = async <T>(work: () => Promise<T>): Promise<T> => {
        if (closing !== null) throw new BugError(`The state ${location} was used after it had been closed.`);
        try {
          return await work();
        } catch (error) {
          throw toStateError(error, { settings, opening: false });
        }
      };
      const connection = await guard(() => pool.connect(true));
      const end: LongTransaction["end"] = async (how) => {
        let broken = true;
        try {
          await guard(() => connection.script(how));
          broken = false;
        } catch (error) {
          // Without its connection it is rolled back anyway.
          if (how === "commit") throw error;
        } finally {
          connection.release(broken);
        }
      };
      try {
        await guard(() =>
          connection.script(
            `begin isolation level ${isolation}; set local statement_timeout = 0; set local lock_timeout = ${LOCK_TIMEOUT_MS};
             set local idle_in_transaction_session_timeout = 0`,
          ),
        );
      } catch (error) {
        connection.release(true);
        throw error;
      }
      return {
        all: (sql, values) => guard(() => queryRows(connection)(sql, values)),
        run: (sql, values = []) => guard(async () => (await connection.query(fill(sql), values)).count),
        end,
      };
    },

    close: () => (closing ??= pool.close()),
  };
}

/** Takes a connection for some work. After an error the transaction is rolled back, or the connection is thrown away. */
export async function withConnection<T>(
  pool: ConnectionPool,
  work: (connection: Connection) => Promise<T>,
  unhurried = false,
): Promise<T> {
  const connection = await pool.connect(unhurried);
  let broken = true;
  try {
    const result = await work(connection);
    broken = false;
    return result;
  } catch (error) {
    broken = isCut(error) || !(await rolledBack(connection));
    throw error;
  } finally {
    connection.release(broken);
  }
}

async function rolledBack(connection: Connection): Promise<boolean> {
  try {
    await connection.script("rollback");
    return true;
  } catch {
    return false; // The connection is of no use; the first error is the one to tell.
  }
}
