import type { FieldDefinition, Value } from "./org/field-definition.ts";

/** `2026-03-02T10:15:42.000+0000`, as REST writes a date-time. */
export function toRestDatetime(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, -1)}+0000`;
}

/** A value as a piece of JSON. Decimal texts become number tokens that lose no digit. */
export function toRestJson(value: Value, field: FieldDefinition, exponents: boolean): string {
  if (value === null) return "null";
  switch (field.type) {
    case "datetime":
      return JSON.stringify(toRestDatetime(Number(value)));
    case "int":
      return String(value);
    case "double":
    case "currency":
    case "percent":
      return exponents ? toExponentForm(String(value)) : String(value);
    case "boolean":
    case "id":
    case "string":
    case "textarea":
    case "picklist":
    case "multipicklist":
    case "reference":
    case "date":
    case "time":
    case "email":
    case "phone":
    case "url":
    case "base64":
    case "address":
    case "location":
    case "encryptedstring":
      return JSON.stringify(value);
  }
}

/** A value as text in a Bulk result, before it is quoted; null is the empty text. */
export function toBulkText(value: Value, field: FieldDefinition, exponents: boolean): string {
  if (value === null) return "";
  if (field.type === "datetime") return new Date(Number(value)).toISOString();
  const isDecimal = field.type === "double" || field.type === "currency" || field.type === "percent";
  return isDecimal && exponents ? toExponentForm(String(value)) : String(value);
}

const LARGE = 10_000_000;
const SMALL = 0.001;

/** The way Java writes a double: `1.6147805824397E13` from ten million on and below a thousandth, else as it is. */
export function toExponentForm(decimal: string): string {
  const size = Math.abs(Number(decimal));
  if (size === 0 || (size >= SMALL && size < LARGE)) return decimal;
  const sign = decimal.startsWith("-") ? "-" : "";
  const [whole = "", fraction = ""] = decimal.replace(/^[+-]/, "").split(".");
  const digits = `${whole}${fraction}`;
  const lead = digits.search(/[1-9]/);
  const significant = digits.slice(lead).replace(/0+$/, "");
  const rest = significant.slice(1);
  return `${sign}${significant.charAt(0)}.${rest === "" ? "0" : rest}E${whole.length - 1 - lead}`;
}
