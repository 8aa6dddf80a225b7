import { type FaultRule, isFaultOf } from "@acme/stand-in-kit";
import { type Fate, ordinaryFate } from "./fate.ts";
import type { RowFailureRule } from "./row-failure.ts";

/** Answers that take the place of the real one. */
export const answerFaultKinds = [
  "rate-limit-minute",
  "rate-limit-month",
  "rate-limit-no-hint",
  "unauthorized",
  "insufficient-credits",
  "forbidden",
  "validation",
  "not-found",
  "payload-too-large",
  "server-error",
  "success-false",
  "error-object",
  "non-json",
  "custom",
] as const;

/** Disturbances of the connection. */
export const connectionFaultKinds = [
  "slow-headers",
  "slow-body",
  "hang-before",
  "hang-after",
  "reset-before",
  "reset-after",
  "truncated-body",
] as const;

/** What happens to the event of an accepted write. */
export const eventFaultKinds = [
  "duplicate-landing",
  "late-landing",
  "event-stuck",
  "event-failed",
  "event-failed-stale",
  "event-vanishes",
  "partial-failure",
  "stale-reads",
] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];
export type ConnectionFaultKind = (typeof connectionFaultKinds)[number];
export type EventFaultKind = (typeof eventFaultKinds)[number];
export type FaultKind = AnswerFaultKind | ConnectionFaultKind | EventFaultKind;

export const faultKinds: readonly FaultKind[] = [...answerFaultKinds, ...connectionFaultKinds, ...eventFaultKinds];

/** One fault, and which requests it hits. */
export interface Fault extends FaultRule {
  readonly kind: FaultKind;
  /** Answer faults: carry out the request first (default false). Event faults that fail or never end: rows land anyway. */
  readonly applied?: boolean;
  /** Slow, late, duplicate and stale faults: how long (default 1000). */
  readonly delayMs?: number;
  /** `server-error` and `custom`: the status (default 500). */
  readonly status?: number;
  /** Rate limit faults: the hint in the body (default 1); null leaves it out. */
  readonly retryAfterSeconds?: number | null;
  /** `partial-failure`: the rows that fail (default: the first). */
  readonly rows?: RowFailureRule;
}

export const isAnswerFault = isFaultOf(answerFaultKinds);
export const isConnectionFault = isFaultOf(connectionFaultKinds);

/** The fate of a write whose request was hit by `faults`. */
export function toFate(faults: readonly Fault[]): Fate {
  let fate = ordinaryFate;
  for (const fault of faults) {
    const delayMs = fault.delayMs ?? 1000;
    const landsAnyway = fault.applied ?? false;
    if (fault.kind === "late-landing") fate = { ...fate, lateMs: fate.lateMs + delayMs };
    else if (fault.kind === "stale-reads") fate = { ...fate, readLagMs: delayMs };
    else if (fault.kind === "duplicate-landing") fate = { ...fate, duplicateAfterMs: delayMs };
    else if (fault.kind === "event-stuck") fate = { ...fate, end: "stuck", landsAnyway };
    else if (fault.kind === "event-failed") fate = { ...fate, end: "failed", landsAnyway };
    else if (fault.kind === "event-failed-stale") fate = { ...fate, end: "stale", landsAnyway };
    else if (fault.kind === "event-vanishes") fate = { ...fate, vanishes: true };
    else if (fault.kind === "partial-failure") fate = { ...fate, rowFailure: fault.rows ?? { index: 0 } };
  }
  return fate;
}
