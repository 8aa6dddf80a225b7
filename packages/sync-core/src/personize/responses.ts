import type { Account, Delivery, RowFailure, StoredRecord } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import { at, finiteNumber, isObject, text } from "./json-access.ts";
import { toOutcome } from "./to-outcome.ts";

/** The smallest plan's minute limit (reference section 12): what to live within when `me()` states none. */
const UNSTATED_PER_MINUTE = 60;
/** A limit beyond this is none that a client could reach. */
const UNREACHABLE = 1_000_000_000;

/** Whether `me()` says how many calls a minute the plan allows. */
export function statesMinuteLimit(envelope: unknown): boolean {
  return positive(at(at(at(at(envelope, "data"), "plan"), "limits"), "maxApiCallsPerMinute")) !== null;
}

/** The plan of `me()`. Limits that are not numbers count as not stated: a minute is then paced as on the smallest plan. */
export function toAccount(envelope: unknown): Account {
  const data = at(envelope, "data");
  const plan = at(data, "plan");
  const limits = at(plan, "limits");
  return {
    organizationId: text(at(at(data, "organization"), "id")) ?? "unknown",
    planName: text(at(plan, "name")) ?? text(at(plan, "id")) ?? "unknown",
    callsPerMinute: reachable(positive(at(limits, "maxApiCallsPerMinute")) ?? UNSTATED_PER_MINUTE),
    callsPerMonth: reachable(positive(at(limits, "maxApiCallsPerMonth"))),
    usedThisMonth: 0,
  };
}

/**
 * What a batch write answered: an event to follow, or the result itself (older surfaces answered with counts and errors).
 * @throws TransientError for an answer that is neither: whether anything was written is unknown.
 */
export function toAcceptance(envelope: unknown, rowCount: number, ambiguous: boolean): Delivery {
  const data = at(envelope, "data");
  const eventId = toEventId(data);
  if (eventId !== null) return { state: "accepted", eventId, ambiguous };
  const memorized = at(data, "memorized");
  const errors = at(data, "errors");
  if (typeof memorized === "number" || Array.isArray(errors)) {
    const outcome = toOutcome({ status: "completed", errors: Array.isArray(errors) ? errors : [] }, rowCount);
    const failures = outcome.state === "partial" ? (outcome.failures ?? []) : [];
    const complete = typeof memorized !== "number" || memorized + failures.length >= rowCount;
    return { state: "settled", ambiguous, outcome: complete ? outcome : unexplained(failures, memorized, rowCount) };
  }
  throw new TransientError("Personize accepted a batch without naming an event or a result", {
    hint: "Run again: the rows of this batch count as not landed. If it happens every time, update @personize/sdk.",
  });
}

function unexplained(
  failures: readonly RowFailure[],
  memorized: number,
  rowCount: number,
): { state: "partial"; failures: null; reason: string } {
  return {
    state: "partial",
    failures: null,
    reason: `${memorized} of ${rowCount} rows were stored, ${failures.length} failures were explained`,
  };
}

export function toEventId(data: unknown): string | null {
  return text(at(data, "eventId")) ?? text(at(data, "trackingId"));
}

/** The record of a search that asked for one; null when nothing was found. */
export function toStoredRecord(envelope: unknown): StoredRecord | null {
  const data = at(envelope, "data");
  const records = at(data, "records");
  const ids = at(data, "recordIds");
  const recordId = Array.isArray(ids) ? text(ids[0]) : isObject(records) ? (Object.keys(records)[0] ?? null) : null;
  if (recordId === null) return null;
  const stored = at(records, recordId);
  const properties: Record<string, Json> = {};
  if (isObject(stored)) {
    for (const [name, value] of Object.entries(stored))
      properties[name] = toJson(isObject(value) && "value" in value ? value["value"] : value);
  }
  return { recordId, properties, memoryCount: null };
}

function positive(value: unknown): number | null {
  const number = finiteNumber(value);
  return number !== null && number > 0 ? number : null;
}

function reachable(limit: number | null): number | null {
  return limit !== null && limit < UNREACHABLE ? limit : null;
}

function toJson(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (isObject(value)) return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, toJson(part)]));
  return null;
}
