import { type FaultRule, isFaultOf } from "@acme/stand-in-kit";

/** Answers that take the place of the real one. */
export const answerFaultKinds = [
  "session-expired",
  "not-refreshable",
  "daily-limit",
  "concurrent-limit",
  "api-disabled",
  "not-found",
  "query-timeout",
  "invalid-locator",
  "unknown-exception",
  "unable-to-lock",
  "metering",
  "server-error",
  "unavailable",
  "too-many-requests",
  "edge-error",
  "empty-body",
  "non-json",
  "invalid-grant",
  "custom",
] as const;

/** Disturbances of the connection. */
export const connectionFaultKinds = [
  "slow-headers",
  "slow-body",
  "hang-before",
  "hang-after",
  "stall-body",
  "reset-before",
  "reset-after",
  "reset-body",
  "truncated-body",
  "short-body",
] as const;

/** Bulk results and jobs that are not what they say. */
export const bulkFaultKinds = [
  "no-locator",
  "fewer-rows",
  "wrong-count",
  "no-count",
  "job-fails",
  "job-never-ends",
] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];
export type ConnectionFaultKind = (typeof connectionFaultKinds)[number];
export type BulkFaultKind = (typeof bulkFaultKinds)[number];
export type FaultKind = AnswerFaultKind | ConnectionFaultKind | BulkFaultKind;

export const faultKinds: readonly FaultKind[] = [...answerFaultKinds, ...connectionFaultKinds, ...bulkFaultKinds];

/** One fault, and which requests it hits. Its `path` is matched with path and query, as sent. */
export interface Fault extends FaultRule {
  readonly kind: FaultKind;
  /** Body faults: the share of the body that is sent, from 0 to 1 (default 0.5). */
  readonly share?: number;
  /** `server-error`, `edge-error`, `empty-body`, `non-json`, `custom`: the status. */
  readonly status?: number;
  /** `too-many-requests`, `unavailable`: `Retry-After`; none by default. */
  readonly retryAfterSeconds?: number;
  /** `job-fails`: its `errorMessage`; null leaves it out. */
  readonly errorMessage?: string | null;
}

export const isAnswerFault = isFaultOf(answerFaultKinds);
export const isConnectionFault = isFaultOf(connectionFaultKinds);
export const isBulkFault = isFaultOf(bulkFaultKinds);
