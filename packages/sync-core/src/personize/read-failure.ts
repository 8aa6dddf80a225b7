import { at, errorCode, finiteNumber, isObject, text } from "./json-access.ts";

/**
 * What a failed call means, read from every error shape that the SDK is known to throw: axios errors (`response`), its own
 * wrapper (`status`, with the axios error on `cause`), and named classes (`retryAfterSeconds`). Decided by status, never by
 * message (reference section 12).
 */
export type Failure =
  /** 429 of a minute window, or of one that does not say. */
  | { readonly kind: "minute-limit"; readonly retryAfterMs: number; readonly text: string }
  | {
      readonly kind: "month-limit";
      readonly limit: number | null;
      readonly current: number | null;
      readonly text: string;
    }
  | { readonly kind: "credits"; readonly text: string }
  | { readonly kind: "credentials"; readonly text: string }
  | { readonly kind: "permission"; readonly text: string }
  /** The request can never succeed as it is. */
  | { readonly kind: "refused"; readonly status: number; readonly code: string | null; readonly text: string }
  | { readonly kind: "absent"; readonly status: number; readonly code: string | null; readonly text: string }
  /** May pass. `applied`: what the request asked for may have been done all the same. */
  | {
      readonly kind: "passing";
      readonly applied: boolean;
      readonly retryAfterMs: number | null;
      readonly text: string;
    };

/** The seed waits this long when a 429 does not say how long. */
const UNSTATED_WAIT_MS = 60_000;

export function readFailure(error: unknown): Failure {
  const status = readStatus(error);
  const body = readBody(error);
  const code = errorCode(body["error"]);
  if (status === null) return readNetworkFailure(error);
  const said = describe(status, code);
  if (status === 429) return readLimit(error, body, said);
  if (status === 401) return { kind: "credentials", text: said };
  if (status === 402) return { kind: "credits", text: said };
  if (status === 403) return { kind: "permission", text: said };
  if (status === 404 || status === 410) return { kind: "absent", status, code, text: said };
  if (status === 408 || status === 425 || status >= 500)
    return { kind: "passing", applied: status !== 425, retryAfterMs: retryAfterMs(error, body), text: said };
  if (status >= 400) return { kind: "refused", status, code, text: said };
  // A success status that was thrown all the same: the answer was not readable.
  return {
    kind: "passing",
    applied: true,
    retryAfterMs: null,
    text: `an answer with status ${status} that could not be read`,
  };
}

/** A 2xx answer whose envelope says `success: false`, or that is no envelope at all; null when it is a success. */
export function readEnvelopeFailure(envelope: unknown): Failure | null {
  if (!isObject(envelope))
    return { kind: "passing", applied: true, retryAfterMs: null, text: "an answer that is not JSON" };
  if (envelope["success"] !== false) return null;
  const code = errorCode(envelope["error"]);
  return {
    kind: "passing",
    applied: true,
    retryAfterMs: null,
    text: `success: false${code === null ? "" : ` (${code})`}`,
  };
}

function readLimit(error: unknown, body: Record<string, unknown>, said: string): Failure {
  const window = stringAt(body, "window");
  if (window !== null && /month/i.test(window)) {
    return { kind: "month-limit", limit: numberAt(body, "limit"), current: numberAt(body, "current"), text: said };
  }
  return { kind: "minute-limit", retryAfterMs: retryAfterMs(error, body) ?? UNSTATED_WAIT_MS, text: said };
}

function retryAfterMs(error: unknown, body: Record<string, unknown>): number | null {
  const seconds = numberAt(body, "retryAfterSeconds") ?? numberAt(error, "retryAfterSeconds") ?? headerSeconds(error);
  return seconds !== null && seconds >= 0 ? seconds * 1000 : null;
}

function headerSeconds(error: unknown): number | null {
  for (const response of responses(error)) {
    const headers = response["headers"];
    const value = isObject(headers) ? headers["retry-after"] : undefined;
    const seconds = text(value) === null ? finiteNumber(value) : finiteNumber(Number(value));
    if (seconds !== null) return seconds;
  }
  return null;
}

/** These happen before a request has left; every other network failure may have come after the write was applied. */
const NEVER_LEFT = new Set([
  "ECONNREFUSED",
  "ENOTFOUND",
  "EAI_AGAIN",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CERT_HAS_EXPIRED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

function readNetworkFailure(error: unknown): Failure {
  const code = stringAt(error, "code") ?? stringAt(causeOf(error), "code");
  return {
    kind: "passing",
    applied: code === null || !NEVER_LEFT.has(code),
    retryAfterMs: null,
    text: code === null ? "no answer" : `no answer (${code})`,
  };
}

function readStatus(error: unknown): number | null {
  for (const response of responses(error)) {
    const status = numberAt(response, "status");
    if (status !== null) return status;
  }
  return numberAt(error, "status") ?? numberAt(causeOf(error), "status") ?? statusByClass(error);
}

/** The classes that the SDK is said to export, should they carry no status. */
function statusByClass(error: unknown): number | null {
  const names = error instanceof Error ? [error.name, error.constructor.name] : [];
  if (names.includes("RateLimitExceededError")) return 429;
  return names.includes("AuthenticationError") ? 401 : null;
}

function readBody(error: unknown): Record<string, unknown> {
  for (const response of responses(error)) if (isObject(response["data"])) return response["data"];
  return {};
}

function describe(status: number, code: string | null): string {
  return code === null ? `HTTP ${status}` : `HTTP ${status}, ${code}`;
}

function responses(error: unknown): Record<string, unknown>[] {
  return [error, causeOf(error)].map((part) => at(part, "response")).filter(isObject);
}

function causeOf(error: unknown): unknown {
  return at(error, "cause");
}

function numberAt(value: unknown, name: string): number | null {
  return finiteNumber(at(value, name));
}

function stringAt(value: unknown, name: string): string | null {
  return text(at(value, name));
}
