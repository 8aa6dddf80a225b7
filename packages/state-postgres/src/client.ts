import type { ConnectionOptions } from "node:tls";
import { Pool, type PoolConfig, type QueryConfig, type QueryResult, types } from "pg";
import type { Settings } from "./settings.ts";

/* The only file that knows the driver. */

export interface Result {
  readonly rows: readonly unknown[];
  /** Rows inserted, changed or deleted. */
  readonly count: number;
}

/** A connection, from when it was taken out of the pool until it is released. */
export interface Connection {
  query(text: string, values: readonly unknown[]): Promise<Result>;
  /** Several statements without parameters, in one round trip. */
  script(text: string): Promise<readonly Result[]>;
  /** Back into the pool; `broken`: away with it, whatever is under way on it. */
  release(broken: boolean): void;
}

export interface ConnectionPool {
  /** @param unhurried what is done on it may take as long as it takes. */
  connect(unhurried: boolean): Promise<Connection>;
  close(): Promise<void>;
}

/** The driver takes a time limit with each statement; its types do not say so. */
type TimedStatement = QueryConfig<unknown[]> & { readonly query_timeout: number };

/** Longer than any statement may take by the server's own measure: a network that swallows everything is noticed at last. */
const ANSWER_TIMEOUT_MS = 90_000;
/** Timers know nothing longer: 24 days. */
const NO_TIMEOUT_MS = 2_147_483_647;

const { INT8, BYTEA } = types.builtins;
const readBytes = types.getTypeParser(BYTEA);

/** Whole numbers of 64 bits as numbers (times and counts are far below 2^53), bytes as plain Uint8Arrays. */
const ownTypes: NonNullable<PoolConfig["types"]> = {
  getTypeParser(oid: (typeof types.builtins)[keyof typeof types.builtins], format?: "text" | "binary") {
    if (oid === INT8 && format !== "binary") return Number;
    if (oid === BYTEA && format !== "binary") return (text: string) => Uint8Array.from(readBytes(text));
    return types.getTypeParser(oid, format);
  },
};

/**
 * Connections to one database, made as they are needed. Nothing on them outlives a transaction and no statement has a name, so
 * that poolers which hand out a connection per transaction serve as well.
 */
export async function openPool(settings: Settings): Promise<ConnectionPool> {
  if (settings.tls !== null) return createPool(settings, settings.tls);
  // `prefer`: what the server offers when the state is opened holds until it is closed.
  const encrypted = createPool(settings, { rejectUnauthorized: false });
  try {
    (await encrypted.connect(false)).release(false);
    return encrypted;
  } catch (error) {
    await encrypted.close();
    if (error instanceof Error && error.message === "The server does not support SSL connections")
      return createPool(settings, false);
    throw error;
  }
}

function createPool(settings: Settings, ssl: ConnectionOptions | false): ConnectionPool {
  const pool = new Pool({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    ...(settings.password === null ? {} : { password: settings.password }),
    ssl,
    enableChannelBinding: ssl !== false,
    application_name: settings.applicationName,
    max: settings.poolSize,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    keepAlive: true,
    types: ownTypes,
  });
  // An idle connection that dies is replaced when it is needed; without a listener it would end the process.
  pool.on("error", () => undefined);
  return {
    async connect(unhurried) {
      const query_timeout = unhurried ? NO_TIMEOUT_MS : ANSWER_TIMEOUT_MS;
      const client = await pool.connect();
      const onError = (): void => undefined;
      client.on("error", onError);
      return {
        async query(text, values) {
          const statement: TimedStatement = { text, values: [...values], query_timeout };
          return toResult(await client.query(statement));
        },
        async script(text) {
          const statement: TimedStatement = { text, query_timeout };
          const results: QueryResult | QueryResult[] = await client.query(statement);
          return (Array.isArray(results) ? results : [results]).map(toResult);
        },
        release(broken) {
          client.off("error", onError);
          client.release(broken);
        },
      };
    },
    close: () => pool.end(),
  };
}

function toResult(result: QueryResult): Result {
  return { rows: result.rows, count: result.rowCount ?? 0 };
}
