import type { ApiError } from "./api-error.ts";

/** What a handler answers, before any fault disturbs it. */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The success envelope. */
export function toReply(data: unknown, status = 200, message?: string): Reply {
  return { status, body: message === undefined ? { success: true, data } : { success: true, data, message } };
}

/** The failure envelope of `error`. */
export function toErrorReply(error: ApiError): Reply {
  return {
    status: error.status,
    body: { success: false, error: error.code, message: error.message, ...error.extra },
    headers: error.headers,
  };
}
