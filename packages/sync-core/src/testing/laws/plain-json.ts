import type { Field, Row } from "../../contracts/source.ts";
import type { Json } from "../../contracts/json.ts";
import { hold } from "../broken-law.ts";

/**
 * Fails where a value is not plain JSON: what JSON.stringify would change, drop or refuse.
 * @param where names the value in the finding; the value itself is not shown.
 */
export function expectPlainJson(value: unknown, where: string): void {
  switch (typeof value) {
    case "string":
    case "boolean":
      return;
    case "number":
      hold(
        Number.isFinite(value) && !Object.is(value, -0),
        `${where} is ${String(value)}, for which JSON has no number`,
      );
      return;
    case "object": {
      if (value === null) return;
      if (Array.isArray(value)) {
        for (const [index, item] of value.entries()) expectPlainJson(item, `${where}[${index}]`);
        return;
      }
      const prototype: unknown = Object.getPrototypeOf(value);
      hold(
        prototype === Object.prototype || prototype === null,
        `${where} is a ${value.constructor.name}, which is not plain JSON`,
      );
      for (const [name, item] of Object.entries(value)) expectPlainJson(item, `${where}.${name}`);
      return;
    }
    case "undefined":
      hold(false, `${where} is undefined: leave the name out, or give null`);
      return;
    case "bigint":
    case "function":
    case "symbol":
      hold(false, `${where} is a ${typeof value}, which is not plain JSON`);
  }
}

const DATE = /^(?:\d{4}|[+-]\d{6,})-\d{2}-\d{2}$/;
const DATETIME = /^(?:\d{4}|[+-]\d{6,})-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?$/;
const INFINITE_TIME = /^-?infinity$/i;
const NO_NUMBER: ReadonlySet<Json> = new Set(["NaN", "Infinity", "-Infinity"]);

/** Fails where a row's values are not of the types that the stream declares. */
export function expectDeclaredTypes(row: Row, fields: readonly Field[]): void {
  for (const field of fields) {
    const value = row.fields[field.name];
    if (value === undefined) continue;
    if (value === null) {
      hold(field.nullable || field.type === "json", `field "${field.name}" is null and declared as never null`);
      continue;
    }
    const problem = problemOf(value, field.type);
    hold(problem === null, `field "${field.name}" is declared as ${field.type}, and a row carries ${problem}`);
  }
}

/** What is wrong with a value, without showing it; null: nothing. */
function problemOf(value: Exclude<Json, null>, type: Field["type"]): string | null {
  const kind = Array.isArray(value) ? "an array" : `a value of type ${typeof value}`;
  switch (type) {
    case "text":
      return typeof value === "string" ? null : kind;
    case "number":
      // JSON has no number for these three; their names are all that can be passed on.
      return typeof value === "number" || NO_NUMBER.has(value) ? null : kind;
    case "boolean":
      return typeof value === "boolean" ? null : kind;
    case "decimal":
      return typeof value === "string" ? null : `${kind}, which would lose digits`;
    case "bigint":
      return typeof value === "string" && /^-?\d+$/.test(value) ? null : `${kind} that is no whole number in text`;
    case "date":
      return typeof value === "string" && (DATE.test(value) || INFINITE_TIME.test(value))
        ? null
        : `${kind} that is no ISO 8601 date`;
    case "datetime":
      return typeof value === "string" && (DATETIME.test(value) || INFINITE_TIME.test(value))
        ? null
        : `${kind} that is no ISO 8601 time`;
    case "json":
      return null;
    case "array":
      return Array.isArray(value) ? null : kind;
    case "binary":
      return "binary data, which has no place in JSON";
  }
}
