import { ApiError, invalid, notFound } from "./api-error.ts";
import { expired, missingCredentials, undecodable } from "./auth/authenticate.ts";
import { missingScopes } from "./auth/scopes.ts";
import type { AnswerFaultKind, Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import { type PolicyName, toRateLimitError } from "./limits/limiter.ts";
import { badClient, badHub, badRefreshToken } from "./auth/oauth-errors.ts";
import { type Reply, toErrorReply, toHtmlReply } from "./reply.ts";

type AnswerFault = Fault & { readonly kind: AnswerFaultKind };

interface FaultContext {
  readonly fault: AnswerFault;
  readonly knobs: Readonly<Knobs>;
  readonly nowMs: number;
}

const TOKEN_AGE_MS = 12_000;
const MIGRATION_SECONDS = 3600;

const replies: Readonly<Record<AnswerFaultKind, (context: FaultContext) => Reply>> = {
  unauthorized: () => toErrorReply(missingCredentials()),
  "token-expired": ({ nowMs }) => toErrorReply(expired(nowMs - TOKEN_AGE_MS, nowMs)),
  "token-undecodable": ({ nowMs }) => toErrorReply(undecodable(nowMs)),
  forbidden: ({ fault }) => toErrorReply(missingScopes(fault.scopes ?? ["crm.objects.contacts.read"])),
  banned: () => toErrorReply(new ApiError(403, "This app is blocked from making requests.", { category: "BANNED" })),
  "not-found": () => toErrorReply(notFound()),
  validation: () => toErrorReply(invalid("Invalid input")),
  "uri-too-long": () => toHtmlReply(414, "Request-URI Too Large"),
  "rate-limit-ten-secondly": (context) => limited(context, "TEN_SECONDLY_ROLLING"),
  "rate-limit-secondly": (context) => limited(context, "SECONDLY"),
  "rate-limit-daily": (context) => limited(context, "DAILY"),
  locked: () =>
    toErrorReply(new ApiError(423, "The account is locked by another large operation.", { category: "LOCKED" })),
  migrating: ({ fault }) => {
    const seconds = fault.retryAfterSeconds === undefined ? MIGRATION_SECONDS : fault.retryAfterSeconds;
    const headers: Record<string, string> = seconds === null ? {} : { "Retry-After": String(seconds) };
    return toErrorReply(new ApiError(477, "This account is being migrated to another data center.", {}, headers));
  },
  "server-error": ({ fault }) =>
    toErrorReply(new ApiError(fault.status ?? 500, "internal error", { category: "INTERNAL_ERROR" })),
  "edge-error": ({ fault }) => toHtmlReply(fault.status ?? 502, "Bad Gateway"),
  "empty-body": ({ fault }) => ({ status: fault.status ?? 502, body: null }),
  "non-json": ({ fault }) => ({
    status: fault.status ?? 200,
    body: "<html><body>Please wait",
    headers: { "Content-Type": "application/json;charset=utf-8" },
  }),
  "bad-refresh-token": () => toErrorReply(badRefreshToken()),
  "bad-hub": () => toErrorReply(badHub()),
  "bad-client": () => toErrorReply(badClient("BAD_CLIENT_SECRET")),
  custom: ({ fault }) => ({ status: fault.status ?? 500, body: fault.body === undefined ? {} : fault.body }),
};

/** The answer an answer fault gives in place of the real one. */
export function toFaultReply(fault: AnswerFault, knobs: Readonly<Knobs>, nowMs: number): Reply {
  const reply = replies[fault.kind]({ fault, knobs, nowMs });
  return fault.headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

function limited({ fault, knobs, nowMs }: FaultContext, policyName: PolicyName): Reply {
  const reply = toErrorReply(toRateLimitError(policyName, knobs, nowMs));
  if (fault.retryAfterSeconds === undefined) return reply;
  const { "Retry-After": _, ...headers } = reply.headers ?? {};
  if (fault.retryAfterSeconds === null) return { ...reply, headers };
  return { ...reply, headers: { ...headers, "Retry-After": String(fault.retryAfterSeconds) } };
}
