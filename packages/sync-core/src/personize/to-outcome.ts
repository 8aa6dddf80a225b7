import type { Outcome, RowFailure } from "../contracts/destination.ts";
import { at, text } from "./json-access.ts";

/** Four vocabularies are in use for the end of an event (reference section 7); a state in none of them is still in flight. */
const LANDED = new Set(["completed", "succeeded", "success"]);
const PARTIAL = new Set(["partial_failure", "partial_completed", "partial"]);
const FAILED = new Set(["failed"]);
const STALE = new Set(["failed_stale"]);

/** Codes that speak of the organisation's credits, not of the row. */
const CREDITS = /INSUFFICIENT_CREDITS|OUT_OF_CREDITS|CREDIT/i;

/**
 * What an event's body says became of its batch.
 * @param rowCount number of rows in the batch; failures at other positions are not believed.
 */
export function toOutcome(event: unknown, rowCount: number): Outcome {
  const status = text(at(event, "status"))?.toLowerCase() ?? "";
  const reason = codeOf(at(event, "error")) ?? status;
  const failures = readFailures(event, rowCount);

  if (LANDED.has(status)) return failures.length === 0 ? { state: "landed" } : { state: "partial", failures, reason };
  if (PARTIAL.has(status)) {
    if (CREDITS.test(reason) || failures.some((failure) => CREDITS.test(failure.code)))
      return { state: "out-of-credits" };
    return { state: "partial", failures: failures.length === 0 ? null : failures, reason };
  }
  if (FAILED.has(status)) {
    if (CREDITS.test(reason) || (failures.length > 0 && failures.every((failure) => CREDITS.test(failure.code))))
      return { state: "out-of-credits" };
    return { state: "failed", reason, again: false };
  }
  if (STALE.has(status)) return { state: "failed", reason: "the service lost the work (failed_stale)", again: true };
  return { state: "in-flight" };
}

/**
 * The list of failed rows, where the event carries one. No public page documents its form, so the likely places are tried:
 * `errors`, `failures` or `rows` of the event, of its `responsePayload` or of an object `error`; entries with `index` or
 * `rowIndex`, and a `code` or `error`.
 */
function readFailures(event: unknown, rowCount: number): RowFailure[] {
  for (const holder of [event, at(event, "responsePayload"), at(event, "error")]) {
    for (const name of ["errors", "failures", "failedRows", "rows"]) {
      const list = at(holder, name);
      if (!Array.isArray(list)) continue;
      const failures = list.flatMap((entry: unknown) => readRowFailure(entry, rowCount));
      if (failures.length > 0) return failures;
    }
  }
  return [];
}

function readRowFailure(entry: unknown, rowCount: number): RowFailure[] {
  const index = at(entry, "index") ?? at(entry, "rowIndex");
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= rowCount) return [];
  const code = codeOf(entry) ?? codeOf(at(entry, "error"));
  if (code === null) return [];
  return [{ index, code, reason: `the destination refused the row: ${code}` }];
}

/** Codes only; messages may quote the row. */
function codeOf(value: unknown): string | null {
  const candidates = typeof value === "string" ? [value] : [text(at(value, "code")), text(at(value, "error"))];
  return candidates.find((candidate) => candidate !== null && /^[A-Za-z_][\w.-]{1,60}$/.test(candidate)) ?? null;
}
