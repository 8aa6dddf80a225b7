import { BugError, ConfigError, SyncError, TransientError } from "@acme/sync-core";

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

/** What messages say of one kind of server. */
export interface ServerWords {
  readonly product: string;
  /** Where it listens. */
  readonly place: (context: ErrorContext) => string;
  /** How to turn TLS on there. */
  readonly turnTlsOn: string;
  /** The setting that says which TLS versions it takes. */
  readonly tlsVersions: string;
}

/** Thrown by a client where its driver has no words of its own, or none to rely on. */
export class ConnectionProblem extends Error {
  override readonly name = "ConnectionProblem";
  readonly problem: "connect-timeout" | "no-tls" | "tls-handshake" | "lost";

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

export function codeOf(error: unknown): string | null {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : null;
}

export function isNetworkCode(code: string | null): boolean {
  return code !== null && NETWORK_CODES.has(code);
}

/** A code of the TLS layer, of Node's or OpenSSL's. */
export function isTlsCode(code: string | null): boolean {
  return code !== null && TLS_CODES.test(code);
}

/**
 * Turns what went wrong below the server's own answers into one of the five errors; null when it is none of that. Pure.
 * The original is not kept as `cause`: a logger would print it, and drivers' errors hold statements and rows.
 */
export function toConnectionError(error: unknown, context: ErrorContext, words: ServerWords): SyncError | null {
  if (SyncError.is(error)) return error;
  const at = `${words.product} at ${words.place(context)}`;
  if (error instanceof ConnectionProblem) return fromProblem(error, at, context, words);
  const code = codeOf(error);
  if (code !== null && TLS_CODES.test(code)) return tlsError(code, at, context, words);
  if (code !== null && NETWORK_CODES.has(code)) {
    return new TransientError(`cannot reach ${at}: ${networkReason(code)} (${code})`, {
      hint: "Check host and port, that the server runs, and that a firewall lets this machine through.",
    });
  }
  return null;
}

export function lost(context: ErrorContext, words: ServerWords): TransientError {
  return new TransientError(`${context.doing}: ${words.product} at ${words.place(context)} closed the connection`, {
    hint: "The server or a proxy was restarted, or ended the session. Reading goes on from the last page.",
  });
}

export function unexpected(message: string, context: ErrorContext, { product }: ServerWords): BugError {
  return new BugError(`${context.doing}: unexpected failure (${message === "" ? "no message" : message})`, {
    hint: `Please report this with the version of the connector and of ${product}.`,
  });
}

export function statementTimedOut(context: ErrorContext): TransientError {
  return new TransientError(
    `${context.doing}: the statement took longer than ${context.statementTimeoutMs} ms (statementTimeoutMs) or was cancelled`,
    { hint: "Add an index on the cursor and key columns (`check` names it), or raise statementTimeoutMs." },
  );
}

export function triesToWrite(context: ErrorContext): ConfigError {
  return new ConfigError(`${context.doing}: the query tries to write, and reads run in read-only transactions`, {
    hint: "Use a query that only selects.",
  });
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

function fromProblem(error: ConnectionProblem, at: string, context: ErrorContext, words: ServerWords): SyncError {
  switch (error.problem) {
    case "connect-timeout":
      return new TransientError(`${at} did not answer within ${context.connectTimeoutMs} ms (connectTimeoutMs)`, {
        hint: "Check host and port and the firewall; raise connectTimeoutMs for a slow network.",
      });
    case "no-tls":
      return new ConfigError(`${at} does not offer TLS, and sslmode is ${context.sslmode}`, {
        hint: `Turn TLS on at the server (${words.turnTlsOn}), or set sslmode: disable where the network is trusted.`,
      });
    case "tls-handshake":
      return tlsError(error.message, at, context, words);
    case "lost":
      return lost(context, words);
  }
}

function tlsError(code: string, at: string, context: ErrorContext, words: ServerWords): ConfigError {
  const where = `TLS to ${at} failed with sslmode ${context.sslmode}`;
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
    hint: `Check sslmode and sslrootcert, and which TLS versions the server accepts (${words.tlsVersions}).`,
  });
}
