import { ApiError, invalidSession, notFound } from "./api-error.ts";
import type { AnswerFaultKind, Fault } from "./faults.ts";
import { concurrentLimit, dailyLimit } from "./limits/usage.ts";
import { oauthError } from "./auth/oauth-errors.ts";
import { type Reply, toEmptyReply, toErrorReply, toHtmlReply, toReply } from "./reply.ts";
import { queryTimeout } from "./soql/execute.ts";

type AnswerFault = Fault & { readonly kind: AnswerFaultKind };

const replies: Readonly<Record<AnswerFaultKind, (fault: AnswerFault) => Reply>> = {
  "session-expired": () => toErrorReply(invalidSession()),
  "not-refreshable": () => toErrorReply(invalidSession("This session is not valid for use with the REST API")),
  "daily-limit": () => toErrorReply(dailyLimit()),
  "concurrent-limit": () => toErrorReply(concurrentLimit()),
  "api-disabled": () =>
    toErrorReply(new ApiError(403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization.")),
  "not-found": () => toErrorReply(notFound()),
  "query-timeout": () => toErrorReply(queryTimeout()),
  "invalid-locator": () => toErrorReply(new ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")),
  "unknown-exception": () =>
    toErrorReply(
      new ApiError(
        500,
        "UNKNOWN_EXCEPTION",
        "An unexpected error occurred. Please include this ErrorId if you contact support: 1234567890-12345 (-1234567890)",
      ),
    ),
  "unable-to-lock": () =>
    toErrorReply(new ApiError(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")),
  metering: () =>
    toErrorReply(
      new ApiError(400, "TXN_SECURITY_METERING_ERROR", "The transaction security policies took too long to evaluate."),
    ),
  "server-error": ({ status = 500 }) =>
    toErrorReply(new ApiError(status, "SERVER_ERROR", "An internal server error occurred.")),
  unavailable: (fault) =>
    later(fault, toErrorReply(new ApiError(503, "SERVER_UNAVAILABLE", "Server is temporarily unavailable."))),
  "too-many-requests": (fault) =>
    later(fault, toErrorReply(new ApiError(429, "REQUEST_LIMIT_EXCEEDED", "Too many requests."))),
  "edge-error": ({ status = 502 }) => toHtmlReply(status, "Bad Gateway"),
  "empty-body": ({ status = 502 }) => toEmptyReply(status),
  "non-json": ({ status = 200 }) => ({
    status,
    body: { kind: "text", contentType: "application/json;charset=UTF-8", text: "<html><body>Setting things up" },
  }),
  "invalid-grant": () => oauthError("invalid_grant", "expired access/refresh token"),
  custom: ({ status = 500, body = [] }) =>
    typeof body === "string"
      ? { status, body: { kind: "text", contentType: "text/html;charset=UTF-8", text: body } }
      : toReply(body, status),
};

/** The answer an answer fault gives in place of the real one. */
export function toFaultReply(fault: AnswerFault): Reply {
  const reply = replies[fault.kind](fault);
  return fault.headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

function later({ retryAfterSeconds }: AnswerFault, reply: Reply): Reply {
  if (retryAfterSeconds === undefined) return reply;
  return { ...reply, headers: { ...reply.headers, "Retry-After": String(retryAfterSeconds) } };
}
