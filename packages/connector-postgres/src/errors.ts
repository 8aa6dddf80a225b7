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

/** The server logged us in without the channel binding that the url demands. */
export class ChannelBindingMissing extends Error {
  override readonly name = "ChannelBindingMissing";
}

const words: ServerWords = {
  product: "PostgreSQL",
  place,
  turnTlsOn: "ssl = on",
  tlsVersions: "ssl_min_protocol_version",
};

/**
 * Turns whatever the driver or the server threw into one of the five errors. Pure.
 *
 * Only texts that cannot hold row contents are passed on: the server's own message for errors of class 42 (names and syntax)
 * and of connecting. `detail`, `where` and the messages of class 22 and 23 quote values of rows; they never are, and the
 * original is not kept as `cause` either, since a logger would print it.
 */
export function toSyncError(error: unknown, context: ErrorContext): SyncError {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : "";
  if (code !== null && /^[0-9A-Z]{5}$/.test(code) && isServerError(error)) return fromServer(code, message, context);
  const known = toConnectionError(error, context, words);
  if (known !== null) return known;
  if (error instanceof ChannelBindingMissing) {
    return new ConfigError(
      `PostgreSQL at ${place(context)} does not offer channel binding, and channel_binding is require`,
      { hint: "Remove channel_binding from the url, or let the user log in with scram-sha-256 over TLS." },
    );
  }
  if (/^SASL: .*(?:password must be a|password must be non-empty)/.test(message)) {
    return new AuthError(`PostgreSQL at ${place(context)} asks for a password, and none is configured`, {
      hint: "Put the password into url (user:password@host) or into the option password.",
    });
  }
  if (message.startsWith("SASL: ")) {
    return new AuthError(`logging in to PostgreSQL at ${place(context)} failed: ${message}`, {
      hint: "Check user and password, and that the server offers scram-sha-256.",
    });
  }
  if (/^(?:Connection terminated|Client has encountered a connection error|Client was closed)/.test(message)) {
    return lost(context, words);
  }
  return unexpected(message, context, words);
}

/** True when the connection itself is gone and a new one could help. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionProblem) return error.problem === "lost";
  const code = codeOf(error);
  if (code !== null && /^(?:57P0[1-5]|08\w{3})$/.test(code)) return true;
  if (isNetworkCode(code)) return true;
  return (
    error instanceof Error && /^(?:Connection terminated|Client has encountered a connection error)/.test(error.message)
  );
}

/** True for an error that the server answered and after which the session goes on. */
export function isStatementError(error: unknown): boolean {
  return isServerError(error) && !isConnectionLost(error) && codeOf(error)?.startsWith("XX") !== true;
}

function isServerError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "severity" in error && typeof error.severity === "string";
}

function place(context: ErrorContext): string {
  return context.host.startsWith("/")
    ? `${context.host}/.s.PGSQL.${context.port}`
    : `${context.host.includes(":") ? `[${context.host}]` : context.host}:${context.port}`;
}

function fromServer(code: string, message: string, context: ErrorContext): SyncError {
  const { doing, user, database } = context;
  const says = `${doing}: ${message}`;
  if (code === "28P01") {
    return new AuthError(`PostgreSQL at ${place(context)} refused the password of user ${user}`, {
      hint: "Correct the password in url or password. A password inside a url must be percent-encoded.",
    });
  }
  if (code.startsWith("28")) {
    return new AuthError(`PostgreSQL at ${place(context)} refused user ${user}: ${message}`, {
      hint: "Check user, database and sslmode, and the server's pg_hba.conf or its list of allowed addresses.",
    });
  }
  if (code === "3D000") {
    return new ConfigError(`there is no database "${database}" at ${place(context)}`, {
      hint: "Correct database (the path of url).",
    });
  }
  if (code === "42501") {
    const relation = context.relation;
    return new AuthError(`${says} (user ${user})`, {
      hint: relation === null ? `Grant the right to user ${user}.` : `Run as its owner: ${toGrant(relation, user)}`,
    });
  }
  if (code === "42P01" || code === "3F000") {
    return new ConfigError(says, { hint: "Correct table (or query): name the schema too, and mind upper case." });
  }
  if (code === "42703") {
    return new ConfigError(says, {
      hint: "The configuration (key, cursor, query) or the mapping names this column: correct it there, or bring the column back.",
    });
  }
  if (code === "42883" && context.relation !== null) {
    return new ConfigError(says, {
      hint: "A column of key or cursor has a type that cannot be ordered: choose another column.",
    });
  }
  if (code === "25006") return triesToWrite(context);
  if (code.startsWith("42") || code === "0A000") {
    return new ConfigError(says, { hint: "Correct table, query, key or cursor." });
  }
  if (code.startsWith("22") || code.startsWith("21")) {
    return new ConfigError(`${doing}: PostgreSQL could not compute a value (${code})`, {
      hint: "A query fails on one of its rows, or a column of key or cursor changed its type: then run `state reset`.",
    });
  }
  if (code === "57014") return statementTimedOut(context);
  if (code === "08P01") return fromPooler(message, context);
  if (code.startsWith("53") || code === "57P03") {
    return new TransientError(`PostgreSQL at ${place(context)} has no room or is starting: ${message} (${code})`, {
      hint: "It passes by itself; if it stays, raise max_connections or use a pooler.",
    });
  }
  if (/^(?:57P|08)/.test(code)) return lost(context, words);
  if (code.startsWith("40") || code === "55P03" || code === "55006") {
    return new TransientError(`${doing}: ${conflictReason(code)} (${code})`, {
      hint: "It passes by itself. On a standby, raise max_standby_streaming_delay if it comes back.",
    });
  }
  if (/^(?:58|XX|F0)/.test(code)) {
    return new TransientError(`${doing}: PostgreSQL reports an internal fault (${code})`, {
      hint: "The server's log says more.",
    });
  }
  return new ConfigError(`${doing}: PostgreSQL refused with code ${code}`, {
    hint: "The server's log says more about this code.",
  });
}

/** The statements that let `user` read a relation. */
export function toGrant(relation: { readonly schema: string; readonly table: string }, user: string): string {
  const role = toShortName(user);
  return `grant usage on schema ${relation.schema} to ${role}; grant select on ${relation.schema}.${relation.table} to ${role};`;
}

function conflictReason(code: string): string {
  return code === "40001" || code === "40P01" ? "the statement met a conflict with others" : "the table is locked";
}

/** What PgBouncer and other poolers answer is always 08P01; only the text tells what is meant. */
function fromPooler(message: string, context: ErrorContext): SyncError {
  if (/no such database|database .*(?:not found|does not exist)/i.test(message)) {
    return new ConfigError(`the pooler at ${place(context)} knows no database "${context.database}"`, {
      hint: "Correct database (the path of url), or add it to the pooler's [databases].",
    });
  }
  if (/password|auth|no such user|SASL/i.test(message)) {
    return new AuthError(`the pooler at ${place(context)} refused user ${context.user}: ${message}`, {
      hint: "Correct user and password, or add the user to the pooler's auth_file.",
    });
  }
  if (/startup parameter/i.test(message)) {
    return new ConfigError(`the pooler at ${place(context)} refused to connect: ${message}`, {
      hint: "Remove `options` from the url: poolers do not pass it on.",
    });
  }
  return new TransientError(`the pooler at ${place(context)} answered: ${message}`, {
    hint: "The pooler's log says more.",
  });
}
