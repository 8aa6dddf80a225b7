import {
  codeOf,
  ConnectionProblem,
  type ErrorContext,
  isNetworkCode,
  lost,
  type ServerWords,
  statementTimedOut,
  toConnectionError,
  triesToWrite,
  unexpected,
} from "@acme/sql-source";
import { AuthError, ConfigError, type SyncError, TransientError } from "@acme/sync-core";
import { toShortName } from "./query.ts";

/** A login that would need the server's public key, over a connection that is not encrypted. */
export class PublicKeyNeeded extends Error {
  override readonly name = "PublicKeyNeeded";
}

const words: ServerWords = {
  product: "MySQL",
  place,
  turnTlsOn: "ssl_cert and ssl_key",
  tlsVersions: "tls_version",
};

/**
 * Turns whatever the driver or the server threw into one of the five errors. Pure.
 *
 * The server's own message is passed on only where it is about names, rights, syntax or logging in. Others quote values of
 * rows; they never are, and the original is not kept as `cause` either, since a logger would print it.
 */
export function toSyncError(error: unknown, context: ErrorContext): SyncError {
  const number = serverNumber(error);
  const message = messageOf(error);
  if (number !== null) return fromServer(number, message, context);
  if (error instanceof PublicKeyNeeded || message === PUBLIC_KEY) {
    return new AuthError(`MySQL at ${place(context)} logs in with a public key, and the connection is not encrypted`, {
      hint: "Set sslmode: require (better verify-full), or serverPublicKey to the server's key; allowPublicKeyRetrieval: true trusts whoever answers.",
    });
  }
  const known = toConnectionError(toProblem(error), context, words);
  if (known !== null) return known;
  if (codeOf(error) === "MYSQL_CLEAR_PASSWORD_NOT_ENABLED" || /unknown plugin/.test(message)) {
    const plugin = /plugin ([\w-]+)/.exec(message)?.[1] ?? "mysql_clear_password";
    return new AuthError(
      `MySQL at ${place(context)} logs user ${context.user} in with ${plugin}, which is not supported`,
      {
        hint: "Let the user log in with caching_sha2_password or mysql_native_password.",
      },
    );
  }
  return unexpected(message, context, words);
}

/** What the login plugin throws; the driver makes an error of its own of it, with the same text. */
export const PUBLIC_KEY = "the server asks for its public key to be fetched";

/** The driver's codes for what goes wrong below the server's answers. */
const DRIVER_PROBLEMS: Readonly<Record<string, ConnectionProblem["problem"]>> = {
  HANDSHAKE_NO_SSL_SUPPORT: "no-tls",
  HANDSHAKE_SSL_ERROR: "tls-handshake",
  PROTOCOL_CONNECTION_LOST: "lost",
  PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR: "lost",
};

function toProblem(error: unknown): unknown {
  const problem = DRIVER_PROBLEMS[codeOf(error) ?? ""];
  if (problem === undefined) return error;
  const message = messageOf(error);
  return new ConnectionProblem(problem, problem === "tls-handshake" ? tlsCodeIn(message) : message);
}

function tlsCodeIn(message: string): string {
  return /\b[A-Z][A-Z_]{8,}\b/.exec(message)?.[0] ?? "the handshake was broken off";
}

const CONNECTION_LOST: ReadonlySet<number> = new Set([
  1053, // server shutdown in progress
  1077,
  1079,
  1080, // shutting down, forced close
  1152,
  1153,
  1154,
  1155,
  1156,
  1157,
  1158,
  1159,
  1160,
  1161,
  1184, // aborted connections and network faults
  1927, // the connection was killed (MariaDB)
  3169, // the session was killed
  4031, // disconnected because it was idle
]);

/** True when the connection itself is gone and a new one could help. */
export function isConnectionLost(error: unknown): boolean {
  const number = serverNumber(error);
  if (number !== null) return CONNECTION_LOST.has(number);
  const problem = toProblem(error);
  return problem instanceof ConnectionProblem ? problem.problem === "lost" : isNetworkCode(codeOf(error));
}

/** True for an error that the server answered and after which the session goes on. */
export function isStatementError(error: unknown): boolean {
  return serverNumber(error) !== null && !isConnectionLost(error);
}

/** True when the server refused because of a missing right. */
export function isDenied(error: unknown): boolean {
  return DENIED.has(serverNumber(error) ?? 0);
}

/** True when the server does not know a statement. */
export function isUnknownStatement(error: unknown): boolean {
  return [1064, 1047].includes(serverNumber(error) ?? 0);
}

/** The server's number of an error; null for an error that is not the server's: only its answers have an SQL state. */
function serverNumber(error: unknown): number | null {
  return error instanceof Error && "errno" in error && typeof error.errno === "number" && "sqlState" in error
    ? error.errno
    : null;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : "";
}

function place({ host, port }: ErrorContext): string {
  if (host.startsWith("/")) return host;
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

const DENIED: ReadonlySet<number> = new Set([1142, 1143, 1227, 1370, 1044]);
/** Names and syntax: nothing of a row stands in their messages. */
const STATEMENT: ReadonlySet<number> = new Set([
  1051, 1052, 1055, 1060, 1064, 1066, 1103, 1109, 1111, 1140, 1149, 1210, 1222, 1241, 1242, 1247, 1248, 1267, 1270,
  1271, 1305, 1318, 1356, 1582, 1583, 1630, 1064,
]);
const LOGIN: ReadonlySet<number> = new Set([1045, 1130, 1251, 1275, 1396, 1698, 1820, 1862, 3118, 3955, 4151]);
/** Numbers below are of the server's own libraries (files, memory), which number by themselves. */
const FIRST_OF_SQL = 1000;
const FAULTS: ReadonlySet<number> = new Set([
  1016,
  1017,
  1021,
  1023,
  1024,
  1026, // a file cannot be opened, found, written (disk full), closed, read
  1028, // sorting was broken off
  1030, // the storage engine failed
  1034,
  1194,
  1195,
  1712, // a table or an index is damaged
  1037, // no memory
  1105,
  1815, // unknown and internal errors
]);
const BUSY: ReadonlySet<number> = new Set([1040, 1041, 1129, 1203, 1226]);

function fromServer(number: number, message: string, context: ErrorContext): SyncError {
  const { doing, user, database, relation } = context;
  const says = `${doing}: ${message}`;
  if (number === 1045 || number === 1698) {
    return new AuthError(`MySQL at ${place(context)} refused the password of user ${user}, or where it logs in from`, {
      hint: "Correct user and password (percent-encoded inside a url), and the host for which the user exists.",
    });
  }
  if (LOGIN.has(number)) {
    return new AuthError(`MySQL at ${place(context)} refused user ${user}: ${message}`, {
      hint: "Check the user, the host for which it exists, and whether its password has expired.",
    });
  }
  if (number === 1049) {
    return new ConfigError(`there is no database "${database}" at ${place(context)}`, {
      hint: "Correct database (the path of url).",
    });
  }
  if (DENIED.has(number)) {
    return new AuthError(`${doing}: user ${user} lacks a right: ${message}`, {
      hint: relation === null ? `Grant the right to user ${user}.` : `Run as its owner: ${toGrant(relation, user)}`,
    });
  }
  if (number === 1146 || number === 1109) {
    return new ConfigError(says, { hint: "Correct table (or query): name the database too, and mind upper case." });
  }
  if (number === 1054) {
    return new ConfigError(says, {
      hint: "The configuration (key, cursor, query) or the mapping names this column: correct it there, or bring the column back.",
    });
  }
  if (STATEMENT.has(number)) return new ConfigError(says, { hint: "Correct table, query, key or cursor." });
  if (number === 1792 || number === 1290 || number === 1836) return triesToWrite(context);
  if (number === 1969 || number === 3024 || number === 1317) return statementTimedOut(context);
  if (BUSY.has(number)) {
    return new TransientError(`MySQL at ${place(context)} has no room: ${message}`, {
      hint: "It passes by itself; if it stays, raise max_connections or the user's limits.",
    });
  }
  if (CONNECTION_LOST.has(number)) return lost(context, words);
  if (number === 1205 || number === 1213 || number === 1412 || number === 1615) {
    return new TransientError(
      `${doing}: ${number === 1412 ? "the table was altered meanwhile" : "the table is locked"} (${number})`,
      {
        hint: "It passes by itself.",
      },
    );
  }
  if (number === 3159) {
    return new ConfigError(`MySQL at ${place(context)} takes encrypted connections only`, {
      hint: "Set sslmode: require, or verify-full to check who answers.",
    });
  }
  if (number < FIRST_OF_SQL || FAULTS.has(number)) {
    return new TransientError(`${doing}: MySQL reports an internal fault (${number})`, {
      hint: "The server's log says more.",
    });
  }
  return new ConfigError(`${doing}: MySQL refused with code ${number}`, {
    hint: "A query may fail on one of its rows, or a column of key or cursor changed its type: then run `state reset`. The server's manual explains the code.",
  });
}

/** The statement that lets `user` read a table. */
export function toGrant(table: { readonly schema: string; readonly table: string }, user: string): string {
  return `grant select on ${table.schema}.${table.table} to ${toShortName(user)}@'%';`;
}
