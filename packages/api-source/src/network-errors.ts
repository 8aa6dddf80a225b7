import { ConfigError, SyncError, TransientError } from "@acme/sync-core";

/** Where a call was to go. Nothing in here is secret. */
export interface CallPlace {
  /** What was being done, as the start of a sentence: `reading contacts`. */
  readonly doing: string;
  readonly host: string;
}

/**
 * A call that got no answer at all: the network, an answer that was cut off, TLS that is not trusted. Pure. One of the five errors stays
 * as it is.
 * @param causes what to look at, for the hint: `the network and proxies`.
 */
export function toNetworkError(error: unknown, { doing, host }: CallPlace, causes: string): SyncError {
  if (SyncError.is(error)) return error;
  const code = networkCode(error);
  if (code !== null && /^(?:CERT_|ERR_TLS|ERR_SSL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO_)/.test(code)) {
    return new ConfigError(`the connection to ${host} is not trusted (${code})`, {
      hint: "A proxy that looks into TLS needs its authority in NODE_EXTRA_CA_CERTS.",
    });
  }
  const reason = code === null ? "the connection failed" : `${networkReason(code)} (${code})`;
  return new TransientError(`${doing}: cannot reach ${host}: ${reason}`, {
    hint: `Check ${causes}. Reading goes on from the last page.`,
  });
}

/** A call that was not answered in time. @param timeoutMs the option `requestTimeoutMs`. */
export function toTimeoutError(timeoutMs: number, { doing, host }: CallPlace): TransientError {
  return new TransientError(`${doing}: ${host} did not answer within ${timeoutMs} ms (requestTimeoutMs)`, {
    hint: "It passes by itself; raise requestTimeoutMs if it stays.",
  });
}

/** The code of a failed connection, which fetch keeps one or two causes down. */
function networkCode(error: unknown): string | null {
  let current: unknown = error;
  for (let depth = 0; depth < 4 && current instanceof Error; depth += 1) {
    if ("code" in current && typeof current.code === "string") return current.code;
    current = current.cause;
  }
  return null;
}

function networkReason(code: string): string {
  switch (code) {
    case "ECONNREFUSED":
      return "nothing listens there, or a firewall refuses";
    case "ENOTFOUND":
    case "EAI_AGAIN":
      return "the host name cannot be resolved";
    case "ECONNRESET":
    case "EPIPE":
    case "UND_ERR_SOCKET":
      return "the connection was cut";
    default:
      return "the network does not answer";
  }
}
