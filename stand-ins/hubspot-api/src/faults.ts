import { type FaultRule, isFaultOf } from "@acme/stand-in-kit";

/** Answers that take the place of the real one. */
export const answerFaultKinds = [
  "unauthorized",
  "token-expired",
  "token-undecodable",
  "forbidden",
  "banned",
  "not-found",
  "validation",
  "uri-too-long",
  "rate-limit-ten-secondly",
  "rate-limit-secondly",
  "rate-limit-daily",
  "locked",
  "migrating",
  "server-error",
  "edge-error",
  "empty-body",
  "non-json",
  "bad-refresh-token",
  "bad-hub",
  "bad-client",
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

/** Pages that say there is more and hold less than they could. Nothing is lost: the next page goes on behind them. */
export const pageFaultKinds = ["short-page", "empty-page"] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];
export type ConnectionFaultKind = (typeof connectionFaultKinds)[number];
export type PageFaultKind = (typeof pageFaultKinds)[number];
export type FaultKind = AnswerFaultKind | ConnectionFaultKind | PageFaultKind;

export const faultKinds: readonly FaultKind[] = [...answerFaultKinds, ...connectionFaultKinds, ...pageFaultKinds];

/** One fault, and which requests it hits. Its `path` is matched with the path as sent, without the query. */
export interface Fault extends FaultRule {
  readonly kind: FaultKind;
  /** `server-error`, `edge-error`, `empty-body`, `non-json`, `custom`: the status. */
  readonly status?: number;
  /** Rate limits: `Retry-After` (default: as the knob says). `migrating`: default 3600. Null leaves the header out. */
  readonly retryAfterSeconds?: number | null;
  /** `forbidden`: the scopes it names. */
  readonly scopes?: readonly string[];
  /** `custom`: the body; a text is sent as HTML, null without a type. */
  readonly body?: unknown;
}

export const isAnswerFault = isFaultOf(answerFaultKinds);
export const isConnectionFault = isFaultOf(connectionFaultKinds);
export const isPageFault = isFaultOf(pageFaultKinds);
