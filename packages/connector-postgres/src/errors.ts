import { AuthError, BugError, ConfigError, SyncError, TransientError } from "@acme/sync-core";
import { toShortName } from "./query.ts";

/** Where an error happened, for its message. Nothing in here is secret. */
export interface ErrorContext {
  /** What was being done, as the start of a sentence: `reading public.customers`. */
  readonly doing: string;
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  readonly sslmode: string;
  readonly statementTimeoutMs: number;
  readonly connectTimeoutMs: number;
  /** For the GRANT to run, as SQL writes the names; null when there is no one table. */
  readonly relation: { readonly schema: string; readonly table: string } | null;
}

/** Thrown by the client where the driver has no words of its own. */
export class ConnectionProblem extends Error {
  override readonly name = "ConnectionProblem";
  readonly problem: "connect-timeout" | "no-tls" | "tls-handshake" | "lost" | "channel-binding";

  constructor(problem: ConnectionProblem["problem"], message: string) {
    super(message);
    this.problem = problem;
  }
}

const TLS_CODES =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;
const NETWORK_CODES: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EAI_FAIL",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "ECONNABORTED",
  "EPIPE",
  "ENOENT",
  "EADDRNOTAVAIL",
]);

/**
 * Turns whatever the driver or the server threw into one of the five errors. Pure.
 *
 * Only texts that cannot hold row contents are passed on: the server's own message for errors of class 42 (names and syntax)
 * and of connecting. `detail`, `where` and the messages of class 22 and 23 quote values of rows; they never are, and the
 * original is not kept as `cause` either, since a logger would print it.
 */
export function toSyncError(error: unknown, context: ErrorContext): SyncError {
  if (SyncError.is(error)) return error;
  if (error instanceof ConnectionProblem) return fromProblem(error, context);
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : "";
  if (code !== null && /^[0-9A-Z]{5}$/.test(code) && isServerError(error)) return fromServer(code, message, context);
  if (code !== null && TLS_CODES.test(code)) return tlsError(code, context);
  if (code !== null && NETWORK_CODES.has(code)) {
    return new TransientError(`cannot reach PostgreSQL at ${place(context)}: ${networkReason(code)} (${code})`, {
      hint: "Check host and port, that the server runs, and that a firewall lets this machine through.",
    });
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
    return lost(context);
  }
  return new BugError(`${context.doing}: unexpected failure (${message === "" ? "no message" : message})`, {
    hint: "Please report this with the version of the connector and of PostgreSQL.",
  });
}

/** True when the connection itself is gone and a new one could help. */
export function isConnectionLost(error: unknown): boolean {
  if (error instanceof ConnectionProblem) return error.problem === "lost";
  const code = codeOf(error);
  if (code !== null && /^(?:57P0[1-5]|08\w{3})$/.test(code)) return true;
  if (code !== null && NETWORK_CODES.has(code)) return true;
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

function codeOf(error: unknown): string | null {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

function place(context: ErrorContext): string {
  return context.host.startsWith("/")
    ? `${context.host}/.s.PGSQL.${context.port}`
    : `${context.host.includes(":") ? `[${context.host}]` : context.host}:${context.port}`;
}

function networkReason(code: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there, or a firewall refuses";
    case "ENOTFOUND":
    case "EAI_AGAIN":
    case "EAI_FAIL":
      return "the host name cannot be resolved";
    case "ENOENT":
      return "there is no such socket file";
    case "ECONNRESET":
    case "EPIPE":
    case "ECONNABORTED":
      return "the connection was cut";
    default:
      return "the network does not answer";
  }
}

function lost(context: ErrorContext): TransientError {
  return new TransientError(`${context.doing}: PostgreSQL at ${place(context)} closed the connection`, {
    hint: "The server or a proxy was restarted, or ended the session. Reading goes on from the last page.",
  });
}

function fromProblem(error: ConnectionProblem, context: ErrorContext): SyncError {
  switch (error.problem) {
    case "connect-timeout":
      return new TransientError(
        `PostgreSQL at ${place(context)} did not answer within ${context.connectTimeoutMs} ms (connectTimeoutMs)`,
        { hint: "Check host and port and the firewall; raise connectTimeoutMs for a slow network." },
      );
    case "no-tls":
      return new ConfigError(`PostgreSQL at ${place(context)} does not offer TLS, and sslmode is ${context.sslmode}`, {
        hint: "Turn TLS on at the server (ssl = on), or set sslmode: disable where the network is trusted.",
      });
    case "channel-binding":
      return new ConfigError(
        `PostgreSQL at ${place(context)} does not offer channel binding, and channel_binding is require`,
        {
          hint: "Remove channel_binding from the url, or let the user log in with scram-sha-256 over TLS.",
        },
      );
    case "tls-handshake":
      return tlsError(error.message, context);
    case "lost":
      return lost(context);
  }
}

function tlsError(code: string, context: ErrorContext): ConfigError {
  const where = `TLS to PostgreSQL at ${place(context)} failed with sslmode ${context.sslmode}`;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID" || code === "HOSTNAME_MISMATCH") {
    return new ConfigError(`${where}: the server's certificate is made out to another name (${code})`, {
      hint: "Use the host name that the certificate names, or sslmode: verify-ca, which checks the issuer only.",
    });
  }
  if (code === "CERT_HAS_EXPIRED" || code === "CERT_NOT_YET_VALID") {
    return new ConfigError(`${where}: the server's certificate is not valid today (${code})`, {
      hint: "Renew the server's certificate and check the clock of this machine.",
    });
  }
  if (/^(?:SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|CERT_UNTRUSTED)/.test(code)) {
    return new ConfigError(`${where}: the server's certificate is not signed by an authority known here (${code})`, {
      hint: "Set sslrootcert to the provider's CA file; sslmode: require encrypts without checking who answers.",
    });
  }
  return new ConfigError(`${where} (${code})`, {
    hint: "Check sslmode and sslrootcert, and which TLS versions the server accepts (ssl_min_protocol_version).",
  });
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
  if (code === "25006") {
    return new ConfigError(`${doing}: the query tries to write, and reads run in read-only transactions`, {
      hint: "Use a query that only selects.",
    });
  }
  if (code.startsWith("42") || code === "0A000") {
    return new ConfigError(says, { hint: "Correct table, query, key or cursor." });
  }
  if (code.startsWith("22") || code.startsWith("21")) {
    return new ConfigError(`${doing}: PostgreSQL could not compute a value (${code})`, {
      hint: "A query fails on one of its rows, or a column of key or cursor changed its type: then run `state reset`.",
    });
  }
  if (code === "57014") {
    return new TransientError(
      `${doing}: the statement took longer than ${context.statementTimeoutMs} ms (statementTimeoutMs) or was cancelled`,
      { hint: "Add an index on the cursor and key columns (`check` names it), or raise statementTimeoutMs." },
    );
  }
  if (code === "08P01") return fromPooler(message, context);
  if (code.startsWith("53") || code === "57P03") {
    return new TransientError(`PostgreSQL at ${place(context)} has no room or is starting: ${message} (${code})`, {
      hint: "It passes by itself; if it stays, raise max_connections or use a pooler.",
    });
  }
  if (/^(?:57P|08)/.test(code)) return lost(context);
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
