import { AuthError, BugError, ConfigError, SyncError, TransientError } from "@acme/sync-core";
import type { Settings } from "./settings.ts";

/** What an error is about: which state, and whether it was being opened or already in use. */
export interface StateErrorContext {
  readonly settings: Pick<Settings, "location" | "host" | "user" | "database" | "schema" | "sslmode">;
  readonly opening: boolean;
}

const NETWORK = new Set(
  "ECONNREFUSED ECONNRESET ENOTFOUND EAI_AGAIN EAI_FAIL ETIMEDOUT EHOSTUNREACH ENETUNREACH EHOSTDOWN ENETDOWN ECONNABORTED EPIPE ENOENT EADDRNOTAVAIL".split(
    " ",
  ),
);
const TLS = /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|EPROTO$)/;
/** The driver's own failures have no codes. */
const CUT = /^(?:Connection terminated|Client has encountered a connection error|Client was closed|Query read timeout)/;
const NO_ROOM =
  /^(?:timeout exceeded when trying to connect|timeout expired|Connection terminated due to connection timeout)/;

/**
 * What the driver or the server threw, as one of the five errors. Of the server's messages only those are passed on that
 * cannot quote a stored value, and the original is never kept as the cause: it may hold one. A SyncError comes back as it is.
 */
export function toStateError(error: unknown, { settings, opening }: StateErrorContext): SyncError {
  if (SyncError.is(error)) return error;
  const { location } = settings;
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : String(error);
  if (isServerError(error) && code !== null) return fromServer(code, message, settings, opening);
  if (code !== null && TLS.test(code)) return tlsError(code, settings);
  if (message === "The server does not support SSL connections") return tlsError("the server offers no TLS", settings);
  if (message.startsWith("There was an error establishing an SSL connection"))
    return tlsError("the server broke off", settings);
  if (message.startsWith("SASL: ")) {
    return new AuthError(
      `The state ${location} cannot be opened: logging in as ${settings.user} failed (${message}).`,
      {
        hint: "Put the password into the URL (postgres://user:password@host/database), or into PGPASSWORD.",
      },
    );
  }
  if (isCut(error) || NO_ROOM.test(message)) {
    return new TransientError(`The state ${location} cannot be reached (${code ?? message}).`, {
      hint: "Check that the server runs and that a firewall lets this machine through, then run again: what a step had written was kept whole, or not at all.",
    });
  }
  return new BugError(`The state ${location} was used in a way it does not allow (${code ?? "unexpected failure"}).`);
}

export function readOnlyState(location: string, opening: boolean): SyncError {
  const hint = "Connect to the primary, and as a user whose transactions are not read-only by default.";
  const says = `The state ${location} cannot be written: it is read-only.`;
  return opening ? new ConfigError(says, { hint }) : new TransientError(says, { hint });
}

/** What to say about a state that cannot be read any more. Nothing has been changed in it. */
export function damagedState(location: string, detail: string): ConfigError {
  return new ConfigError(`The state ${location} is damaged (${detail}). It was left as it is.`, {
    hint: "Restore the database from a backup, or name another schema to start afresh: every row is then sent once more.",
  });
}

/** A fault that may be over in a moment: the same may be tried again, on another connection. */
export function isPassing(error: unknown): boolean {
  const code = codeOf(error);
  // 40: conflicts with others; 55P03: waited too long for a lock; 53300: too many connections; 57P0x: restarts.
  if (isServerError(error) && code !== null)
    return /^(?:40001|40P01|55P03|53300|57P0[1-5]|08\w{3}|25P0[34])$/.test(code);
  return isCut(error) || (error instanceof Error && NO_ROOM.test(error.message));
}

/** The connection is of no use any more. */
export function isCut(error: unknown): boolean {
  const code = codeOf(error);
  if (isServerError(error)) return code !== null && /^(?:57P0[1-5]|08\w{3}|25P0[34]|XX\w{3})$/.test(code);
  return (code !== null && NETWORK.has(code)) || (error instanceof Error && CUT.test(error.message));
}

function fromServer(
  code: string,
  message: string,
  { location, user, database, schema, sslmode }: StateErrorContext["settings"],
  opening: boolean,
): SyncError {
  const cannot = (why: string): string => `The state ${location} ${why}.`;
  if (code.startsWith("28") || (code === "08P01" && /password|auth|no such user|SASL/i.test(message))) {
    return new AuthError(cannot(`cannot be opened: the server refused user ${user} (${message})`), {
      hint: `Check user, password and sslmode (now ${sslmode}), and the server's pg_hba.conf or its list of allowed addresses.`,
    });
  }
  if (code === "3D000" || (code === "08P01" && /database/i.test(message))) {
    return new ConfigError(cannot(`cannot be opened: there is no database "${database}"`), {
      hint: "Correct the path of the URL behind `state:`, or create the database.",
    });
  }
  if (code === "42501") {
    return new AuthError(cannot(`cannot be used by ${user}: ${message}`), {
      hint: `Run as its owner: create schema if not exists "${schema}" authorization "${user}"; or grant the rights on the schema and its tables.`,
    });
  }
  if (code === "25006") return readOnlyState(location, opening);
  if (code === "53100" || code === "53200") {
    return new TransientError(
      cannot(`cannot be written: the server has no ${code === "53100" ? "space" : "memory"} left`),
      {
        hint: "Make room there and run again: nothing of the failed step was kept, everything before it was.",
      },
    );
  }
  if (code === "57014") {
    return new TransientError(cannot("took too long over a statement, or it was cancelled"), {
      hint: "Look at what else the server is doing (pg_stat_activity), then run again.",
    });
  }
  if (code.startsWith("40") || code === "55P03") {
    return new TransientError(cannot("stayed locked by another process"), {
      hint: "Wait until the other run has ended, or find out which session holds the lock (pg_locks).",
    });
  }
  if (/^(?:XX00[12]|58)/.test(code)) {
    return new ConfigError(cannot(`is damaged: the server reports ${code}`), {
      hint: "Look into the server's log and restore the database from a backup.",
    });
  }
  if (/^(?:53|57|08|25|XX|F0|0A)/.test(code)) {
    return new TransientError(cannot(`cannot be used at the moment (${code})`), {
      hint: "The server's log says more. Run again: nothing of the failed step was kept, everything before it was.",
    });
  }
  // Messages of class 42 hold names only.
  const detail = code.startsWith("42") ? message : code;
  if (code.startsWith("42") && opening) {
    return new ConfigError(cannot(`cannot be used (${detail})`), {
      hint: "Something else may have changed its tables: restore them from a backup, or name another schema to start afresh.",
    });
  }
  return new BugError(cannot(`was used in a way it does not allow (${detail})`));
}

function tlsError(why: string, { location, sslmode }: StateErrorContext["settings"]): ConfigError {
  return new ConfigError(`The state ${location} cannot be opened: TLS failed with sslmode=${sslmode} (${why}).`, {
    hint: "Check sslmode and sslrootcert in the URL behind `state:`, and the server's certificate.",
  });
}

function isServerError(error: unknown): boolean {
  return typeof error === "object" && error !== null && "severity" in error && typeof error.severity === "string";
}

function codeOf(error: unknown): string | null {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}
