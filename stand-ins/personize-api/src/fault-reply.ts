import { ApiError } from "./api-error.ts";
import type { AnswerFaultKind, Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import { toRateLimitError } from "./limiter.ts";
import type { Plan } from "./plans.ts";
import { type Reply, toErrorReply } from "./reply.ts";

type AnswerFault = Fault & { readonly kind: AnswerFaultKind };

interface FaultContext {
  readonly fault: AnswerFault;
  readonly knobs: Knobs;
  readonly perMinute: number;
  readonly perMonth: number;
}

const replies: Readonly<Record<AnswerFaultKind, (context: FaultContext) => Reply>> = {
  "rate-limit-minute": (context) => {
    const { retryAfterSeconds } = context.fault;
    return limited(context, "per_minute", retryAfterSeconds === undefined ? 1 : retryAfterSeconds);
  },
  "rate-limit-month": (context) => limited(context, "per_month", context.fault.retryAfterSeconds ?? null),
  "rate-limit-no-hint": (context) => limited(context, "per_minute", null),
  unauthorized: () => failure(401, "authentication_error", "Invalid API key"),
  "insufficient-credits": () => failure(402, "INSUFFICIENT_CREDITS", "Not enough credits"),
  forbidden: () => failure(403, "permission_error", "Not allowed on this plan"),
  validation: () => {
    const details = [{ field: "rows", message: "is invalid" }];
    return toErrorReply(new ApiError(400, "validation_error", "Invalid request", { details }));
  },
  "not-found": () => failure(404, "not_found_error", "Not found"),
  "payload-too-large": () => failure(413, "payload_too_large", "The body is too large"),
  "server-error": ({ fault }) =>
    toErrorReply(new ApiError(fault.status ?? 500, "server_error", "Internal error", { requestId: "req_fault" })),
  "success-false": ({ fault }) => ({
    status: fault.status ?? 200,
    body: { success: false, error: "server_error", message: "Something went wrong" },
  }),
  "error-object": ({ fault }) => ({
    status: fault.status ?? 400,
    body: { success: false, error: { code: "validation_error", message: "Invalid request" } },
  }),
  "non-json": ({ fault }) => ({
    status: fault.status ?? 200,
    body: "<html><body><h1>Bad gateway</h1></body></html>",
  }),
  custom: ({ fault }) => ({ status: fault.status ?? 500, body: fault.body ?? {} }),
};

/** The answer an answer fault gives in place of the real one. A body that is a text is sent as it is. */
export function toFaultReply(fault: AnswerFault, knobs: Knobs, plan: Plan | undefined): Reply {
  const reply = replies[fault.kind]({
    fault,
    knobs,
    perMinute: plan?.perMinute ?? 60,
    perMonth: plan?.perMonth ?? 10_000,
  });
  return fault.headers === undefined ? reply : { ...reply, headers: { ...reply.headers, ...fault.headers } };
}

function limited(context: FaultContext, window: "per_minute" | "per_month", retryAfterSeconds: number | null): Reply {
  const limit = window === "per_minute" ? context.perMinute : context.perMonth;
  const facts = { limit, current: limit, window };
  return toErrorReply(
    toRateLimitError(context.knobs, retryAfterSeconds === null ? facts : { ...facts, retryAfterSeconds }),
  );
}

function failure(status: number, code: string, message: string): Reply {
  return toErrorReply(new ApiError(status, code, message));
}
