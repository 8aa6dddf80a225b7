import { type Fault, isFaultKind } from "./faults.ts";
import { type Fields, flagField, numberField, objectField, textField } from "./fields.ts";
import type { RowFailureRule } from "./row-failure.ts";

/** A fault from JSON. Throws RangeError for an unknown kind. */
export function toFault(body: Fields): Fault {
  const { kind } = body;
  if (!isFaultKind(kind)) throw new RangeError(`Unknown fault kind ${String(kind)}`);
  const rows = objectField(body, "rows");
  const headers = objectField(body, "headers");
  return {
    kind,
    ...pickTexts(body, ["method", "path"]),
    ...pickNumbers(body, ["nth", "times", "probability", "seed", "delayMs", "status", "retryAfterSeconds"]),
    ...(body["retryAfterSeconds"] === null ? { retryAfterSeconds: null } : {}),
    applied: flagField(body, "applied"),
    ...("body" in body ? { body: body["body"] } : {}),
    ...(headers === undefined ? {} : { headers: toTexts(headers) }),
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

function toTexts(fields: Fields): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const name of Object.keys(fields)) texts[name] = textField(fields, name) ?? "";
  return texts;
}

function pickTexts<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: string } {
  const picked: { [name in Name]?: string } = {};
  for (const name of names) {
    const value = textField(body, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}

function pickNumbers<Name extends string>(body: Fields, names: readonly Name[]): { [name in Name]?: number } {
  const picked: { [name in Name]?: number } = {};
  for (const name of names) {
    const value = numberField(body, name);
    if (value !== undefined) picked[name] = value;
  }
  return picked;
}
