import { DAY_MS } from "@acme/stand-in-kit";
import type { FieldDefinition, FieldType, Value } from "../org/field-definition.ts";
import { normalizeId } from "../org/ids.ts";
import type { Literal } from "./ast.ts";
import { soqlError } from "./soql-error.ts";

/** What a literal means for a field: one value, or a span of time whose end does not belong to it. */
export type Operand = { readonly value: Value } | { readonly from: Value; readonly before: Value };

const numeric: ReadonlySet<FieldType> = new Set<FieldType>(["int", "double", "currency", "percent"]);
const names: Partial<Record<FieldType, string>> = {
  datetime: "dateTime",
  date: "date",
  boolean: "boolean",
  int: "int",
};

/** Throws INVALID_FIELD when the literal's kind is not the field's. */
export function toOperand(literal: Literal, field: FieldDefinition, text: string, nowMs: number): Operand {
  if (literal.kind === "null") return { value: null };
  const mismatch = () => {
    const wanted = names[field.type] ?? (numeric.has(field.type) ? "double" : "string");
    const quoted = wanted === "string" ? "should be enclosed in quotes" : "should not be enclosed in quotes";
    return soqlError(
      "INVALID_FIELD",
      text,
      literal.at,
      `value of filter criterion for field '${field.name}' must be of type ${wanted} and ${quoted}`,
    );
  };
  switch (field.type) {
    case "datetime":
      if (literal.kind === "datetime") return { value: literal.timeMs };
      if (literal.kind === "period") return toPeriod(literal.name, literal.count, nowMs);
      throw mismatch();
    case "date":
      if (literal.kind === "date") return { value: literal.text };
      if (literal.kind === "period") {
        const { from, before } = toPeriod(literal.name, literal.count, nowMs);
        return { from: toDay(from), before: toDay(before) };
      }
      throw mismatch();
    case "boolean":
      if (literal.kind === "boolean") return { value: literal.value };
      throw mismatch();
    case "int":
    case "double":
    case "currency":
    case "percent":
      if (literal.kind === "number") return { value: Number(literal.text) };
      throw mismatch();
    case "id":
    case "reference": {
      if (literal.kind !== "text") throw mismatch();
      if (literal.text === "") return { value: null };
      const id = normalizeId(literal.text);
      if (id === undefined) {
        throw soqlError("INVALID_QUERY_FILTER_OPERATOR", text, literal.at, `invalid ID field: ${literal.text}`);
      }
      return { value: id };
    }
    case "string":
    case "textarea":
    case "picklist":
    case "multipicklist":
    case "time":
    case "email":
    case "phone":
    case "url":
    case "base64":
    case "address":
    case "location":
    case "encryptedstring":
      if (literal.kind !== "text") throw mismatch();
      return { value: literal.text === "" ? null : literal.text };
  }
}

function toPeriod(name: string, count: number, nowMs: number): { readonly from: number; readonly before: number } {
  const today = Math.floor(nowMs / DAY_MS) * DAY_MS;
  const now = new Date(nowMs);
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  switch (name) {
    case "YESTERDAY":
      return { from: today - DAY_MS, before: today };
    case "TOMORROW":
      return { from: today + DAY_MS, before: today + 2 * DAY_MS };
    case "THIS_MONTH":
      return { from: Date.UTC(year, month, 1), before: Date.UTC(year, month + 1, 1) };
    case "LAST_MONTH":
      return { from: Date.UTC(year, month - 1, 1), before: Date.UTC(year, month, 1) };
    case "THIS_YEAR":
      return { from: Date.UTC(year, 0, 1), before: Date.UTC(year + 1, 0, 1) };
    case "LAST_YEAR":
      return { from: Date.UTC(year - 1, 0, 1), before: Date.UTC(year, 0, 1) };
    case "LAST_N_DAYS":
      return { from: today - count * DAY_MS, before: today + DAY_MS };
    case "NEXT_N_DAYS":
      return { from: today + DAY_MS, before: today + (count + 1) * DAY_MS };
    default:
      return { from: today, before: today + DAY_MS };
  }
}

function toDay(timeMs: number): string {
  return new Date(timeMs).toISOString().slice(0, 10);
}
