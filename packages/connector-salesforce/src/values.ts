import type { FieldType, Json } from "@acme/sync-core";
import { toLongId } from "./record-ids.ts";

/** How a value is spelled, whichever way it came. */
export type ValueKind = "text" | "id" | "boolean" | "integer" | "bigint" | "decimal" | "datetime";

/** What was taken out of values, for people. */
export interface Tally {
  nulBytes: number;
}

/**
 * A value of REST (JSON) or of Bulk (text of a CSV field) in the one form that both have in common:
 * nothing and the empty text, which Salesforce does not tell apart, are null; times are ISO 8601 in UTC with milliseconds; numbers
 * with a fraction are their digits, without exponent and without trailing zeros; ids have 18 characters. NUL bytes are taken out.
 */
export function toValue(raw: unknown, kind: ValueKind, tally: Tally): Json {
  if (raw === null || raw === undefined || raw === "") return null;
  switch (kind) {
    case "text":
      return toText(raw, tally);
    case "id":
      return toLongId(toText(raw, tally));
    case "boolean":
      return typeof raw === "boolean" ? raw : toBoolean(toText(raw, tally));
    case "integer":
      return toInteger(raw, tally);
    case "bigint":
    case "decimal":
      return toPlainDecimal(toText(raw, tally));
    case "datetime":
      return toIsoTime(toText(raw, tally));
  }
}

const NUL = /\0/g;

function toText(raw: unknown, tally: Tally): string {
  const text = typeof raw === "string" ? raw : (JSON.stringify(raw) ?? "");
  if (!text.includes("\0")) return text;
  const clean = text.replaceAll(NUL, "");
  tally.nulBytes += text.length - clean.length;
  return clean;
}

/** What is neither stays as it came. */
function toBoolean(text: string): Json {
  if (text === "true") return true;
  return text === "false" ? false : text;
}

function toInteger(raw: unknown, tally: Tally): Json {
  if (typeof raw === "number" && Number.isSafeInteger(raw)) return raw;
  const text = toPlainDecimal(toText(raw, tally));
  const value = Number(text);
  return Number.isSafeInteger(value) && String(value) === text ? value : text;
}

const PLAIN = /^-?(?:0|[1-9]\d*)$/;
const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** The digits of a number without exponent, leading or trailing zeros; what is no number stays as it is. */
export function toPlainDecimal(text: string): string {
  if (PLAIN.test(text)) return text === "-0" ? "0" : text;
  const match = NUMBER.exec(text);
  if (match === null) return text;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  if (whole === "" && fraction === "") return text;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const padded = digits.padStart(digits.length + Math.max(0, -point), "0").padEnd(Math.max(point, digits.length), "0");
  const at = Math.max(0, point);
  const before = padded.slice(0, at).replace(/^0+(?=\d)/, "") || "0";
  const after = padded.slice(at).replace(/0+$/, "");
  const plain = after === "" ? before : `${before}.${after}`;
  return sign === "-" && plain !== "0" ? `-${plain}` : plain;
}

const UTC = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;
const TIME = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,3})\d*)?(Z|[+-]\d{2}:?\d{2})$/;

/** REST writes `+0000`, Bulk writes `Z`. What cannot be read stays as it is. */
export function toIsoTime(text: string): string {
  if (UTC.test(text)) return text;
  const match = TIME.exec(text);
  if (match === null) return text;
  const [, head = "", fraction = "", zone = ""] = match;
  const ms = fraction.padEnd(3, "0");
  if (/^(?:Z|[+-]00:?00)$/.test(zone)) return `${head}.${ms}Z`;
  const at = Date.parse(`${head}.${ms}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`);
  return Number.isNaN(at) ? text : new Date(at).toISOString();
}

export interface KindOfType {
  readonly kind: ValueKind;
  readonly type: FieldType;
  /** Why values cannot be read; null: they can. */
  readonly unreadable: string | null;
}

/** What Salesforce's type of a field means here. Types that are not known are passed as text. */
export function toKind(salesforceType: string): KindOfType {
  const readable = (kind: ValueKind, type: FieldType): KindOfType => ({ kind, type, unreadable: null });
  switch (salesforceType) {
    case "id":
    case "reference":
      return readable("id", "text");
    case "boolean":
      return readable("boolean", "boolean");
    case "int":
      return readable("integer", "number");
    case "long":
      return readable("bigint", "bigint");
    case "double":
    case "currency":
    case "percent":
      return readable("decimal", "decimal");
    case "datetime":
      return readable("datetime", "datetime");
    case "date":
      return readable("text", "date");
    case "base64":
      return { kind: "text", type: "binary", unreadable: "the contents of files are not read" };
    case "address":
    case "location":
      return {
        kind: "text",
        type: "json",
        unreadable: `a compound field: map its parts instead, which are fields of their own (…Street, …City, …Latitude)`,
      };
    default:
      return readable("text", "text");
  }
}

/** Sixteen digits or more: a JavaScript number may not hold them all. */
const LONG_NUMBER = /[:[,]\s*-?(?=[\d.]*\d)[\d.]{16,}/;

/**
 * Parses JSON so that every digit of a number is kept: numbers that a double might round come as text.
 * @throws SyntaxError
 */
export function parseJson(text: string): unknown {
  if (!LONG_NUMBER.test(text)) return JSON.parse(text);
  // Node tells revivers how a value was written; the declaration of the standard library does not know yet.
  return JSON.parse(text, (_key: string, value: unknown, written?: { readonly source?: string }): unknown =>
    typeof value === "number" && (written?.source?.length ?? 0) >= 16 ? written?.source : value,
  );
}
