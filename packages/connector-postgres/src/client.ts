import { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import {
  type Connection as SqlConnection,
  ConnectionProblem,
  createClient,
  type PageLimits,
  type SqlClient,
  type TextPage,
  type TextRow,
  toTlsOptions,
  type Transaction,
} from "@acme/sql-source";
import { Client, type FieldDef, type QueryConfig } from "pg";
import Cursor from "pg-cursor";
import type { PostgresSettings } from "./config.ts";
import { ChannelBindingMissing, isConnectionLost, isStatementError, toSyncError } from "./errors.ts";

export interface ResultColumn {
  readonly name: string;
  readonly typeOid: string;
  readonly typeModifier: number;
}

export interface PostgresTransaction extends Transaction {
  /** The columns that a statement would answer with. Runs it as a single statement, whatever its text says. */
  columns(text: string): Promise<readonly ResultColumn[]>;
}

interface Connection {
  readonly client: Client;
  /** Ends it at once; whatever waits for it fails. */
  readonly destroy: () => void;
  readonly isAlive: () => boolean;
  /** Set in every transaction on this connection. */
  readonly localSettings: string;
}

export interface ClientOptions {
  readonly settings: PostgresSettings;
  readonly statementTimeoutMs: number;
}

const asText = (value: string): string => value;
/** Turns the driver's own conversions off: `values.ts` does them. */
const TEXT_ONLY = { getTypeParser: () => asText };

/**
 * Transactions are READ ONLY, at the isolation level READ COMMITTED: each statement sees its own snapshot, taken when it starts. All
 * settings end with the transaction and no statement has a name, so that poolers which hand out a server connection per
 * transaction serve it as well. Once an abort has destroyed the socket, the server stops by itself.
 */
export function createPostgresClient({ settings, statementTimeoutMs }: ClientOptions): SqlClient<PostgresTransaction> {
  return createClient<PostgresTransaction>({
    async connect(signal) {
      const connection = await openConnection(settings, signal);
      return toSqlConnection(
        connection,
        `begin isolation level read committed read only; ${connection.localSettings} set local statement_timeout to ${statementTimeoutMs}`,
      );
    },
    isConnectionLost,
    isStatementError,
    toSyncError: (error, subject) => toSyncError(error, { ...settings, ...subject, statementTimeoutMs }),
  });
}

function toSqlConnection(connection: Connection, beginning: string): SqlConnection<PostgresTransaction> {
  const { client, isAlive, destroy } = connection;
  const run = async (text: string): Promise<void> => void (await client.query(text));
  return {
    transaction: createTransaction(connection),
    begin: () => run(beginning),
    commit: () => run("commit"),
    rollback: () => run("rollback"),
    isAlive,
    destroy,
    end: () => client.end(),
    onEnd: (listener) => void client.once("end", listener),
  };
}

function createTransaction(connection: Connection): PostgresTransaction {
  const { client } = connection;
  return {
    async rows(text, values = []) {
      // Extended, also without parameters: only then is a text one statement, whatever a configured query holds.
      const statement: QueryConfig<string[]> & { readonly queryMode: "extended" } = {
        text,
        values: [...values],
        types: TEXT_ONLY,
        queryMode: "extended",
      };
      const result = await client.query<Record<string, string | null>>(statement);
      return result.rows;
    },
    page(statement, limits) {
      const { text, values } = statement(limits.maxRows + 1);
      return readPage(connection, text, values, limits);
    },
    async columns(text) {
      // A cursor always uses the extended protocol, which takes a single statement only.
      const cursor = new PageCursor(text, [], Number.POSITIVE_INFINITY);
      client.query(cursor);
      const fields = await new Promise<readonly FieldDef[]>((resolve, reject) => {
        cursor.read(1, (error: Error | undefined, _rows, result) => {
          if (error) reject(error);
          else resolve(result.fields);
        });
      });
      await closeCursor(connection, cursor);
      return fields.map((field) => ({
        name: field.name,
        typeOid: String(field.dataTypeID),
        typeModifier: field.dataTypeModifier,
      }));
    },
  };
}

/** What the driver hands over for each row: its values, and its size on the wire. */
interface DataRowMessage {
  readonly fields: TextRow;
  readonly length: number;
}

/**
 * A cursor that keeps rows until they reach `maxBytes`, and the one behind them. What the server sends beyond that is counted and
 * dropped as it arrives, so that memory is bounded by bytes even when rows turn out a thousand times wider than those before.
 * Rows are kept as they came: the driver's own conversion does not run.
 */
class PageCursor extends Cursor {
  readonly maxBytes: number;
  readonly rows: TextRow[] = [];
  bytes = 0;
  /** Rows that arrived, dropped ones included. */
  received = 0;
  /** True once the row behind the page has arrived; it is the last one kept. */
  isFull = false;

  constructor(text: string, values: readonly string[], maxBytes: number) {
    super(text, [...values], { rowMode: "array", types: TEXT_ONLY });
    this.maxBytes = maxBytes;
  }

  /** Called by the driver for each row, in place of the cursor's own method. */
  handleDataRow(message: DataRowMessage): void {
    this.received += 1;
    if (this.isFull) return;
    if (this.bytes >= this.maxBytes) this.isFull = true;
    else this.bytes += message.length;
    this.rows.push(message.fields);
  }
}

/** The first chunk where nothing is known of the rows' width, and how much larger than the one before a chunk may be. */
const FIRST_CHUNK_ROWS = 16;
const CHUNK_GROWTH = 16;

async function readPage(
  connection: Connection,
  text: string,
  values: readonly string[],
  limits: PageLimits,
): Promise<TextPage> {
  const { maxRows, maxBytes } = limits;
  const cursor = new PageCursor(text, values, maxBytes);
  connection.client.query(cursor);
  const { rows } = cursor;
  let rowBytes = limits.expectedRowBytes;
  let chunk = rowBytes > 0 ? maxRows + 1 : FIRST_CHUNK_ROWS;
  for (;;) {
    const fitting = rowBytes > 0 ? Math.ceil(Math.max(0, maxBytes - cursor.bytes) / rowBytes) + 1 : chunk;
    const wanted = Math.max(1, Math.min(chunk, fitting, maxRows + 1 - rows.length));
    const receivedBefore = cursor.received;
    await cursor.read(wanted);
    if (cursor.isFull || rows.length > maxRows || cursor.received - receivedBefore < wanted) break;
    rowBytes = cursor.bytes / rows.length;
    chunk = wanted * CHUNK_GROWTH;
  }
  await closeCursor(connection, cursor);
  const next = cursor.isFull || rows.length > maxRows ? (rows.pop() ?? null) : null;
  return { rows, bytes: cursor.bytes, next };
}

/** Ends the cursor's statement. The driver's own promise would wait for ever when the connection dies meanwhile. */
function closeCursor({ client, isAlive }: Connection, cursor: PageCursor): Promise<void> {
  return new Promise((resolve, reject) => {
    const onEnd = (): void => reject(new ConnectionProblem("lost", "the connection ended while a cursor was closed"));
    if (!isAlive()) {
      onEnd();
      return;
    }
    client.once("end", onEnd);
    cursor.close((error?: Error) => {
      client.off("end", onEnd);
      if (error) reject(error);
      else resolve();
    });
  });
}

async function openConnection(settings: PostgresSettings, signal: AbortSignal): Promise<Connection> {
  const { sslmode } = settings;
  // A Unix socket never carries TLS; libpq passes over sslmode there too.
  if (settings.host.startsWith("/") || sslmode === "disable") return connectOnce(settings, false, signal);
  const tls = toTlsOptions(settings);
  if (sslmode !== "prefer") return connectOnce(settings, tls, signal);
  try {
    return await connectOnce(settings, tls, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isWorthPlain(error)) throw error;
    return connectOnce(settings, false, signal);
  }
}

/** With `prefer`, libpq tries again without TLS when the server has none, the handshake fails, or pg_hba.conf wants it so. */
function isWorthPlain(error: unknown): boolean {
  if (error instanceof ConnectionProblem) return error.problem === "no-tls" || error.problem === "tls-handshake";
  return typeof error === "object" && error !== null && "code" in error && error.code === "28000";
}

async function connectOnce(
  settings: PostgresSettings,
  ssl: ConnectionOptions | false,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const socket = new Socket();
  const client = new Client({
    host: settings.host,
    port: settings.port,
    database: settings.database,
    user: settings.user,
    ...(settings.password === null ? {} : { password: settings.password }),
    ssl,
    application_name: settings.applicationName,
    ...(settings.options === null ? {} : { options: settings.options }),
    enableChannelBinding: ssl !== false && settings.channelBinding !== "disable",
    keepAlive: true,
    connectionTimeoutMillis: settings.connectTimeoutMs,
    stream: () => socket,
  });
  let alive = true;
  let mechanisms: readonly string[] | null = null;
  const destroy = (): void => {
    alive = false;
    // Behind TLS the driver's stream is another one than the socket it was made of.
    client.connection.stream.destroy();
    socket.destroy();
  };
  // Without a listener an error of an idle connection would end the process.
  client.on("error", () => {
    alive = false;
  });
  client.on("end", () => {
    alive = false;
  });
  client.connection.on("authenticationSASL", (message: { readonly mechanisms: readonly string[] }) => {
    mechanisms = message.mechanisms;
  });
  signal.addEventListener("abort", destroy, { once: true });
  try {
    await client.connect();
    if (settings.channelBinding === "require" && !usedChannelBinding(mechanisms, ssl !== false)) {
      throw new ChannelBindingMissing("the server logged us in without channel binding");
    }
    return { client, destroy, isAlive: () => alive, localSettings: await readLocalSettings(client) };
  } catch (error) {
    destroy();
    signal.throwIfAborted();
    throw toProblem(error);
  } finally {
    signal.removeEventListener("abort", destroy);
  }
}

function usedChannelBinding(mechanisms: readonly string[] | null, encrypted: boolean): boolean {
  return encrypted && mechanisms?.includes("SCRAM-SHA-256-PLUS") === true;
}

/** The failures of connecting that the driver tells apart by their text alone. */
function toProblem(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (error.message === "timeout expired") return new ConnectionProblem("connect-timeout", error.message);
  if (error.message === "The server does not support SSL connections") {
    return new ConnectionProblem("no-tls", error.message);
  }
  if (error.message === "There was an error establishing an SSL connection") {
    return new ConnectionProblem("tls-handshake", "the server broke off");
  }
  if ("code" in error && typeof error.code === "string" && /^(?:ERR_SSL_|ERR_TLS_|EPROTO$)/.test(error.code)) {
    return new ConnectionProblem("tls-handshake", error.code);
  }
  return error;
}

/**
 * What every transaction sets for itself, so that values arrive in one spelling whatever the role, the database or an earlier
 * user of a pooled connection has set. With `client_connection_check_interval` (PostgreSQL 14, not on Windows) the server stops
 * working for us within two seconds once our socket is gone.
 */
async function readLocalSettings(client: Client): Promise<string> {
  const result = await client.query<{ number: string; version: string }>({
    text: "select current_setting('server_version_num') as number, version() as version",
    types: TEXT_ONLY,
  });
  const row = result.rows[0];
  const watchesSocket = Number(row?.number ?? 0) >= 140_000 && /linux/i.test(row?.version ?? "");
  return [
    "set local timezone to 'UTC';",
    "set local datestyle to 'ISO, YMD';",
    "set local intervalstyle to 'iso_8601';",
    "set local extra_float_digits to 3;",
    "set local bytea_output to 'hex';",
    "set local idle_in_transaction_session_timeout to 300000;",
    ...(watchesSocket ? ["set local client_connection_check_interval to 2000;"] : []),
  ].join(" ");
}
