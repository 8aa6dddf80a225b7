import type { Outcome, RowFailure } from "../contracts/destination.ts";
import { at, errorCode, finiteNumber, isObject, text } from "./json-access.ts";

/** Four vocabularies are in use for the end of an event (reference section 7); a state in none of them is still in flight. */
const LANDED = new Set(["completed", "succeeded", "success"]);
const PARTIAL = new Set(["partial_failure", "partial_completed", "partial"]);
const FAILED = new Set(["failed"]);
const STALE = new Set(["failed_stale"]);

/** Codes that speak of the organisation's credits, not of the row. */
const CREDITS = /INSUFFICIENT_CREDITS|OUT_OF_CREDITS|CREDIT/i;

/**
 * What an event's body says became of its batch. A good word counts only where nothing in the body speaks against it, and
 * rows count as landed beside failed ones only where every failure could be placed.
 * @param rowCount number of rows in the batch; failures at other positions are not believed.
 */
export function toOutcome(event: unknown, rowCount: number): Outcome {
  const status = text(at(event, "status"))?.toLowerCase() ?? "";
  const code = errorCode(at(event, "error"));
  const { failures, complete } = readFailures(event, rowCount);
  const outOfCredits = CREDITS.test(code ?? "") || failures.some((failure) => CREDITS.test(failure.code));

  if (LANDED.has(status)) {
    if (complete && failures.length === 0) return { state: "landed" };
    if (outOfCredits) return { state: "out-of-credits" };
    const reason = code ?? `rows failed, although the event is "${status}"`;
    return { state: "partial", failures: complete ? failures : null, reason };
  }
  if (PARTIAL.has(status)) {
    if (outOfCredits) return { state: "out-of-credits" };
    return { state: "partial", failures: complete && failures.length > 0 ? failures : null, reason: code ?? status };
  }
  if (FAILED.has(status)) {
    if (CREDITS.test(code ?? "") || (failures.length > 0 && failures.every((failure) => CREDITS.test(failure.code))))
      return { state: "out-of-credits" };
    return { state: "failed", reason: code ?? status, again: false };
  }
  if (STALE.has(status)) return { state: "failed", reason: "the service lost the work (failed_stale)", again: true };
  return { state: "in-flight" };
}

interface Failures {
  readonly failures: readonly RowFailure[];
  /** False: more rows failed than could be placed. */
  readonly complete: boolean;
}

/**
 * The list of failed rows, where the event carries one. No public page documents its form, so the likely places are tried:
 * `errors`, `failures`, `failedRows` or `rows` of the event, of its `responsePayload` or of an object `error`; entries with
 * `index` or `rowIndex`, and a `code` or `error`. `rows` may list good rows too: there, only entries with an error count.
 */
function readFailures(event: unknown, rowCount: number): Failures {
  const holders = [event, at(event, "responsePayload"), at(event, "error")];
  const stated = Math.max(0, ...holders.map((holder) => finiteNumber(at(holder, "failedCount")) ?? 0));
  for (const holder of holders) {
    for (const name of ["errors", "failures", "failedRows", "rows"]) {
      const list = at(holder, name);
      if (!Array.isArray(list)) continue;
      const entries = name === "rows" ? list.filter(hasError) : list;
      if (entries.length === 0) continue;
      const failures = entries.flatMap((entry: unknown) => readRowFailure(entry, rowCount));
      const placed = new Set(failures.map((failure) => failure.index)).size;
      return { failures, complete: failures.length === entries.length && placed >= stated };
    }
  }
  return { failures: [], complete: stated === 0 };
}

function hasError(entry: unknown): boolean {
  return [at(entry, "code"), at(entry, "error")].some((error) => text(error) !== null || isObject(error));
}

function readRowFailure(entry: unknown, rowCount: number): RowFailure[] {
  const index = at(entry, "index") ?? at(entry, "rowIndex");
  if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= rowCount) return [];
  const code = errorCode(at(entry, "code")) ?? errorCode(at(entry, "error")) ?? "REFUSED";
  return [{ index, code, reason: `the destination refused the row: ${code}` }];
}
