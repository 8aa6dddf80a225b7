import { type Fields, objectField, pickNumbers, pickTexts, readFault } from "@acme/stand-in-kit";
import { type Fault, faultKinds } from "./faults.ts";
import type { RowFailureRule } from "./row-failure.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  const rows = objectField(body, "rows");
  return {
    ...readFault(body, faultKinds),
    ...(body["retryAfterSeconds"] === null ? { retryAfterSeconds: null } : {}),
    ...(rows === undefined ? {} : { rows: toRowFailureRule(rows) }),
  };
}

/** A rule from JSON; predicates exist only in process. */
export function toRowFailureRule(body: Fields): RowFailureRule {
  const index = readIndex(body["index"]);
  return {
    ...pickTexts(body, ["key", "field", "contains", "code", "message"]),
    ...pickNumbers(body, ["times"]),
    ...(index === undefined ? {} : { index }),
    ...("equals" in body ? { equals: body["equals"] } : {}),
  };
}

function readIndex(value: unknown): number | readonly number[] | undefined {
  if (typeof value === "number") return value;
  if (!Array.isArray(value)) return undefined;
  return value.filter((item): item is number => typeof item === "number");
}
