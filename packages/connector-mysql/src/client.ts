import {
  type Connection,
  ConnectionProblem,
  createClient,
  type PageLimits,
  readPem,
  type SqlClient,
  type Statement,
  type TextPage,
  type TextRow,
  toTlsOptions,
  type Transaction,
} from "@acme/sql-source";
import mysql, { type Connection as DriverConnection, type FieldPacket, type TypeCastField } from "mysql2";
import type { MysqlSettings } from "./config.ts";
import { isConnectionLost, isStatementError, PUBLIC_KEY, PublicKeyNeeded, toSyncError } from "./errors.ts";
import { fillIn } from "./query.ts";
import { type Server, toSessionSettings } from "./session.ts";
import type { ResultColumn } from "./types.ts";

export interface MysqlTransaction extends Transaction {
  readonly server: Server;
  /** The server's number of this connection. */
  readonly thread: string;
  /** Runs `work` while InnoDB has a transaction of ours open, which it then lists with the others. */
  listed<Result>(work: () => Promise<Result>): Promise<Result>;
  /** The columns that a statement would answer with. */
  columns(text: string): Promise<readonly ResultColumn[]>;
}

export interface ClientOptions {
  readonly settings: MysqlSettings;
  readonly statementTimeoutMs: number;
}

/** How long the server may take to hear that a statement is not wanted any more. */
const ABANDON_MS = 2000;

/** Between two pages, a connection that was not used for longer than this is asked whether it still lives. In milliseconds. */
const LONG_IDLE_MS = 1000;

/**
 * Every statement is a read-only transaction of its own, with a snapshot of its own: the session is read-only and commits by itself,
 * which spares a page two round trips. What a session must have set is set when it is opened. Once an abort has cut a
 * connection off, the server is told to stop: it does not notice by itself.
 */
export function createMysqlClient({ settings, statementTimeoutMs }: ClientOptions): SqlClient<MysqlTransaction> {
  return createClient<MysqlTransaction>({
    connect: (signal) => openConnection(settings, statementTimeoutMs, signal),
    abandon: ({ transaction }) => kill(settings, transaction.thread),
    isConnectionLost,
    isStatementError,
    toSyncError: (error, subject) => toSyncError(error, { ...settings, ...subject, statementTimeoutMs }),
  });
}

async function openConnection(
  settings: MysqlSettings,
  statementTimeoutMs: number,
  signal: AbortSignal,
): Promise<Connection<MysqlTransaction>> {
  const link = await openLink(settings, signal);
  const stop = (): void => link.destroy();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const [row] = await link.rows("select version() as version, @@sql_mode as sql_mode");
    const version = row?.["version"] ?? "";
    const server = { version, isMariadb: /mariadb/i.test(version) };
    for (const text of toSessionSettings(server, row?.["sql_mode"] ?? "", statementTimeoutMs)) await link.rows(text);
    return {
      transaction: createTransaction(link, server),
      async begin(isContinuing) {
        if (!isContinuing || performance.now() - link.usedAt() > LONG_IDLE_MS) await link.run("do 0");
      },
      commit: () => Promise.resolve(),
      rollback: () => Promise.resolve(),
      isAlive: link.isAlive,
      isBusy: link.isBusy,
      destroy: link.destroy,
      end: () => link.end(),
      onEnd: link.onEnd,
    };
  } catch (error) {
    link.destroy();
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function createTransaction(link: Link, server: Server): MysqlTransaction {
  return {
    server,
    thread: link.thread,
    async listed(work) {
      await link.run("start transaction with consistent snapshot, read only");
      try {
        return await work();
      } finally {
        if (link.isAlive()) await link.run("commit");
      }
    },
    rows: (text, values = []) => link.rows(fillIn(text, values)),
    page: (statement, limits) => readPage(link, statement, limits),
    columns: (text) => link.columns(text),
  };
}

/** How many rows are asked for where nothing is known of their width. */
const FIRST_ROWS = 64;

/**
 * The server sends all that a statement asks for, so no more rows are asked for than are expected to fit. What comes beyond
 * `maxBytes` all the same is dropped as it arrives: memory is bounded by bytes even when rows turn out a thousand times wider.
 */
async function readPage(
  link: Link,
  statement: (limit: number) => Statement,
  { maxRows, maxBytes, expectedRowBytes }: PageLimits,
): Promise<TextPage> {
  const fitting = expectedRowBytes > 0 ? Math.ceil(maxBytes / expectedRowBytes) : FIRST_ROWS;
  const wanted = maxBytes === Number.POSITIVE_INFINITY ? maxRows : Math.min(maxRows, fitting);
  const { text, values } = statement(wanted + 1);
  const rows: TextRow[] = [];
  let next: TextRow | null = null;
  let bytes = 0;
  let rowBytes = 0;
  await link.stream(
    fillIn(text, values),
    (field) => {
      if (next !== null) return null;
      // Results come in utf8mb4 whatever the column's own character set; json says of itself that it is bytes.
      const value = field.string("utf8");
      if (value !== null) rowBytes += value.length;
      return value;
    },
    (row) => {
      if (next !== null) return;
      if (rows.length === wanted || bytes >= maxBytes) next = row;
      else {
        rows.push(row);
        bytes += rowBytes;
        rowBytes = 0;
      }
    },
  );
  return { rows, bytes, next };
}

type Cast = (field: TypeCastField) => string | null;
const asText: Cast = (field) => field.string("utf8");

/** A connection of the driver, of which every call ends when the connection does. */
interface Link {
  readonly thread: string;
  rows(text: string): Promise<readonly Readonly<Record<string, string | null>>[]>;
  run(text: string): Promise<void>;
  columns(text: string): Promise<readonly ResultColumn[]>;
  stream(text: string, cast: Cast, onRow: (row: TextRow) => void): Promise<void>;
  readonly isAlive: () => boolean;
  readonly isBusy: () => boolean;
  /** When its last call ended, in milliseconds of `performance`. */
  readonly usedAt: () => number;
  readonly destroy: () => void;
  end(): Promise<void>;
  readonly onEnd: (listener: () => void) => void;
}

async function openLink(settings: MysqlSettings, signal: AbortSignal): Promise<Link> {
  const { sslmode } = settings;
  // A Unix socket never carries TLS.
  if (settings.isSocket || sslmode === "disable") return connectOnce(settings, false, signal);
  if (sslmode !== "prefer") return connectOnce(settings, true, signal);
  try {
    return await connectOnce(settings, true, signal);
  } catch (error) {
    signal.throwIfAborted();
    if (!isWorthPlain(error)) throw error;
    return connectOnce(settings, false, signal);
  }
}

/** With `prefer`, a server without TLS, or with one that cannot be agreed upon, is spoken to without. */
function isWorthPlain(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    (error.code === "HANDSHAKE_NO_SSL_SUPPORT" || error.code === "HANDSHAKE_SSL_ERROR")
  );
}

async function connectOnce(settings: MysqlSettings, encrypt: boolean, signal: AbortSignal): Promise<Link> {
  signal.throwIfAborted();
  const password = settings.password ?? process.env["MYSQL_PWD"];
  const driver = mysql.createConnection({
    ...(settings.isSocket ? { socketPath: settings.host } : { host: settings.host, port: settings.port }),
    user: settings.user,
    database: settings.database,
    ...(password === undefined ? {} : { password }),
    ...(encrypt ? { ssl: toDriverTls(settings) } : {}),
    charset: "utf8mb4",
    connectTimeout: settings.connectTimeoutMs,
    enableKeepAlive: true,
    // Files of this machine are not the server's to ask for.
    flags: ["-LOCAL_FILES"],
    connectAttributes: { program_name: settings.applicationName },
    authPlugins: toLoginPlugins(settings),
  });
  const link = toLink(driver);
  signal.addEventListener("abort", link.destroy, { once: true });
  let timer: NodeJS.Timeout | undefined;
  try {
    await Promise.race([
      link.connected,
      new Promise((_resolve, reject) => {
        // The driver's own limit ends with the handshake's first packet.
        timer = setTimeout(
          () => reject(new ConnectionProblem("connect-timeout", "timeout expired")),
          settings.connectTimeoutMs,
        );
      }),
    ]);
    return { ...link, thread: String(driver.threadId) };
  } catch (error) {
    link.destroy();
    signal.throwIfAborted();
    throw isTimeout(error) ? new ConnectionProblem("connect-timeout", "timeout expired") : error;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", link.destroy);
  }
}

function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "connect ETIMEDOUT";
}

function toDriverTls(settings: MysqlSettings): mysql.SslOptions {
  const { ca, cert, key, rejectUnauthorized } = toTlsOptions(settings);
  return {
    rejectUnauthorized: rejectUnauthorized === true,
    verifyIdentity: settings.sslmode === "verify-full",
    ...(typeof ca === "string" ? { ca } : {}),
    ...(typeof cert === "string" ? { cert } : {}),
    ...(typeof key === "string" ? { key } : {}),
  };
}

/**
 * MySQL's login plugins send the password encrypted with a key that the server hands out. On a connection that is not
 * encrypted anyone in between can hand out a key, so it is taken only from a file, or where that is allowed.
 */
function toLoginPlugins(settings: MysqlSettings): Record<string, mysql.AuthPlugin> {
  const options = {
    ...(settings.serverPublicKey === null
      ? {}
      : { serverPublicKey: readPem(settings.serverPublicKey, "serverPublicKey") }),
    onServerPublicKey() {
      if (!settings.allowPublicKeyRetrieval) throw new PublicKeyNeeded(PUBLIC_KEY);
    },
  };
  return {
    caching_sha2_password: mysql.authPlugins.caching_sha2_password(options),
    sha256_password: mysql.authPlugins.sha256_password(options),
  };
}

function toLink(driver: DriverConnection): Omit<Link, "thread"> & { readonly connected: Promise<void> } {
  const waiting = new Set<(error: unknown) => void>();
  const listeners = new Set<() => void>();
  let alive = true;
  let usedAt = performance.now();
  const gone = (error: unknown): void => {
    if (!alive) return;
    alive = false;
    for (const reject of waiting) reject(error);
    waiting.clear();
    for (const listener of listeners) listener();
  };
  const wasLost = (): void => gone(new ConnectionProblem("lost", "the connection ended"));
  driver.on("error", gone);
  driver.on("end", wasLost);

  /** The driver does not answer calls that were under way when the connection was destroyed here. */
  const call = <Result>(start: (done: (error: Error | null, result: Result) => void) => void): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (!alive) {
        reject(new ConnectionProblem("lost", "the connection has ended"));
        return;
      }
      waiting.add(reject);
      start((error, result) => {
        waiting.delete(reject);
        usedAt = performance.now();
        if (error === null) resolve(result);
        else reject(error);
      });
    });

  const ask = (text: string): Promise<{ readonly rows: unknown; readonly fields: readonly FieldPacket[] }> =>
    call((done) => {
      driver.query({ sql: text, rowsAsArray: true, typeCast: asText }, (error, rows, fields) =>
        done(error, { rows, fields: fields ?? [] }),
      );
    });

  return {
    connected: call<void>((done) => driver.connect((error) => done(error, undefined))),
    async rows(text) {
      const { rows, fields } = await ask(text);
      if (!Array.isArray(rows)) return [];
      const names = fields.map((field) => field.name);
      return rows.map((row: TextRow) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
    },
    async run(text) {
      await ask(text);
    },
    async columns(text) {
      const { fields } = await ask(text);
      return fields.map(toResultColumn);
    },
    stream: (text, cast, onRow) =>
      call<void>((done) => {
        const query = driver.query({ sql: text, rowsAsArray: true, typeCast: cast });
        query.on("result", (row) => {
          if (Array.isArray(row)) onRow(row);
        });
        query.once("error", (error) => done(error, undefined));
        query.once("end", () => done(null, undefined));
      }),
    isAlive: () => alive,
    isBusy: () => waiting.size > 0,
    usedAt: () => usedAt,
    destroy() {
      driver.destroy();
      wasLost();
    },
    end: () => call<void>((done) => driver.end((error) => done(error ?? null, undefined))),
    onEnd: (listener) => void listeners.add(listener),
  };
}

function toResultColumn(field: FieldPacket): ResultColumn {
  const extended = field as FieldPacket & { readonly extendedTypeName?: string; readonly extendedFormat?: string };
  return {
    name: field.name,
    type: field.type ?? field.columnType ?? 253,
    flags: Number(field.flags),
    charset: field.characterSet ?? 0,
    decimals: field.decimals ?? 0,
    length: field.columnLength ?? 0,
    extended: extended.extendedFormat ?? extended.extendedTypeName ?? null,
  };
}

/** Tells the server to end a session of ours, over another connection. It may fail: the session's own time limit is left then. */
async function kill(settings: MysqlSettings, thread: string): Promise<void> {
  try {
    const signal = AbortSignal.timeout(ABANDON_MS);
    const link = await openLink(settings, signal);
    signal.addEventListener("abort", link.destroy, { once: true });
    await link.run(`kill ${Number(thread)}`);
    link.destroy();
  } catch {
    // Nobody waits for this any more.
  }
}
