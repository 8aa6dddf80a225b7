import { type Converter, toExactJson, toNumber } from "@acme/sql-source";
import type { FieldType, Json } from "@acme/sync-core";

/**
 * What a PostgreSQL type is to us, once domains are resolved. The texts are those of a session with `DateStyle` ISO,
 * `TimeZone` UTC and `extra_float_digits` above 0; nothing else is ever parsed.
 */
export type ValueType =
  | { readonly kind: ScalarKind }
  | { readonly kind: "array"; readonly element: ValueType; readonly delimiter: string };

export type ScalarKind =
  | "text"
  | "boolean"
  | "number"
  | "bigint"
  | "decimal"
  | "date"
  | "timestamp"
  | "timestamptz"
  | "json"
  | "binary";

/** A row of `pg_type`, as much as decides how its values are written in JSON. Numbers are texts, as the catalog sends them. */
export interface CatalogType {
  readonly oid: string;
  readonly typtype: string;
  readonly typcategory: string;
  readonly typbasetype: string;
  readonly typelem: string;
  readonly typtypmod: string;
  readonly typdelim: string;
}

const SCALARS: Readonly<Record<string, ScalarKind>> = {
  "16": "boolean",
  "17": "binary",
  "20": "bigint",
  "21": "number",
  "23": "number",
  "26": "number",
  "114": "json",
  "700": "number",
  "701": "number",
  "1082": "date",
  "1114": "timestamp",
  "1184": "timestamptz",
  "1700": "decimal",
  "3802": "json",
};

/** int2vector and oidvector call themselves arrays but write themselves without braces. */
const VECTORS: ReadonlySet<string> = new Set(["22", "30"]);

/**
 * Resolves a type through its domains.
 * @param types every type that `oid` is built on, by oid.
 * @returns the kind of value, and the precision of a `timestamp(p)` domain; null where the domain states none.
 */
export function toValueType(
  oid: string,
  types: ReadonlyMap<string, CatalogType>,
): { readonly type: ValueType; readonly modifier: number | null; readonly baseOid: string } {
  let modifier: number | null = null;
  let current = oid;
  let known = types.get(current);
  while (known?.typtype === "d") {
    if (modifier === null && known.typtypmod !== "-1") modifier = Number(known.typtypmod);
    current = known.typbasetype;
    known = types.get(current);
  }
  if (known?.typcategory === "A" && known.typelem !== "0" && !VECTORS.has(current)) {
    const element = toValueType(known.typelem, types).type;
    // The delimiter is the element type's: `;` for box, `,` for every other built-in type.
    const delimiter = types.get(known.typelem)?.typdelim ?? ",";
    return { type: { kind: "array", element, delimiter }, modifier, baseOid: current };
  }
  return { type: { kind: SCALARS[current] ?? "text" }, modifier, baseOid: current };
}

/** The kind of JSON value that rows carry for a type. */
export function toFieldType(type: ValueType): FieldType {
  switch (type.kind) {
    case "timestamp":
    case "timestamptz":
      return "datetime";
    case "array":
    case "text":
    case "boolean":
    case "number":
    case "bigint":
    case "decimal":
    case "date":
    case "json":
    case "binary":
      return type.kind;
  }
}

/** True for bytea and arrays of it: bytes have no place in JSON. */
export function isBinary(type: ValueType): boolean {
  return type.kind === "array" ? isBinary(type.element) : type.kind === "binary";
}

/**
 * The conversion of one column, chosen once and used for every row. Never called with null.
 * @returns null where the text is the value.
 */
export function toConverter(type: ValueType): Converter | null {
  switch (type.kind) {
    case "boolean":
      return toBoolean;
    case "number":
      return toNumber;
    case "date":
      return toDate;
    case "timestamp":
      return toTimestamp;
    case "timestamptz":
      return toTimestampUtc;
    case "json":
      return toExactJson;
    case "array": {
      const element = toConverter(type.element);
      const { delimiter } = type;
      return (text) => toArray(text, element, delimiter);
    }
    case "text":
    case "bigint":
    case "decimal":
    case "binary":
      return null;
  }
}

function toBoolean(text: string): boolean {
  return text === "t";
}

const SPACE = 32;
const DASH = 45;
const LETTER_C = 67;

/** `2024-01-01 12:00:00.123456` → `2024-01-01T12:00:00.123456`. */
function toTimestamp(text: string): string {
  if (text.charCodeAt(10) === SPACE && text.charCodeAt(4) === DASH && text.charCodeAt(text.length - 1) !== LETTER_C) {
    return `${text.slice(0, 10)}T${text.slice(11)}`;
  }
  return toExtendedTimestamp(text, "");
}

/** `2024-01-01 12:00:00.123456+00` → `2024-01-01T12:00:00.123456Z`. */
function toTimestampUtc(text: string): string {
  if (
    text.charCodeAt(10) === SPACE &&
    text.charCodeAt(4) === DASH &&
    text.endsWith("+00") // false for BC, which stands behind the offset
  ) {
    return `${text.slice(0, 10)}T${text.slice(11, -3)}Z`;
  }
  return toExtendedTimestamp(text, "Z");
}

/** Years before 1 and after 9999, and the infinities, which stay as they are. */
function toExtendedTimestamp(text: string, suffix: string): string {
  if (text === "infinity" || text === "-infinity") return text;
  const [date = "", time = "", era] = text.split(" ");
  const clock = suffix === "" || !time.endsWith("+00") ? time : time.slice(0, -3);
  return `${toIsoDate(date, era === "BC")}T${clock}${suffix}`;
}

function toDate(text: string): string {
  if (text.length === 10 && text.charCodeAt(4) === DASH) return text;
  if (text === "infinity" || text === "-infinity") return text;
  return text.endsWith(" BC") ? toIsoDate(text.slice(0, -3), true) : toIsoDate(text, false);
}

/** ISO 8601 counts astronomically: 1 BC is year 0, and years outside 0000 to 9999 take a sign and six digits. */
function toIsoDate(date: string, beforeChrist: boolean): string {
  const dash = date.indexOf("-");
  const year = beforeChrist ? 1 - Number(date.slice(0, dash)) : Number(date.slice(0, dash));
  const rest = date.slice(dash);
  if (year >= 0 && year <= 9999) return String(year).padStart(4, "0") + rest;
  return (year < 0 ? "-" : "+") + String(Math.abs(year)).padStart(6, "0") + rest;
}

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN = 123;
const CLOSE = 125;
const BRACKET = 91;

/**
 * An array of any number of dimensions. Lower bounds other than 1 (`[0:2]={…}`) are not kept: JSON has no place for them.
 * @throws Error without the text when it is not an array literal: that would be a bug, not bad data.
 */
function toArray(text: string, element: Converter | null, delimiter: string): Json {
  const separator = delimiter.charCodeAt(0);
  let at = text.charCodeAt(0) === BRACKET ? text.indexOf("=") + 1 : 0;

  const readQuoted = (): string => {
    at += 1;
    let start = at;
    let value = "";
    for (;;) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        value += text.slice(start, at);
        at += 1;
        start = at;
      }
      at += 1;
      if (at > text.length) throw new Error("an array's text ends inside a quoted value");
    }
    value += text.slice(start, at);
    at += 1;
    return value;
  };

  const readItem = (): Json => {
    const code = text.charCodeAt(at);
    if (code === OPEN) return readList();
    if (code === QUOTE) {
      const quoted = readQuoted();
      return element === null ? quoted : element(quoted);
    }
    const start = at;
    while (at < text.length && text.charCodeAt(at) !== separator && text.charCodeAt(at) !== CLOSE) at += 1;
    const plain = text.slice(start, at);
    if (plain === "NULL") return null;
    return element === null ? plain : element(plain);
  };

  const readList = (): Json[] => {
    if (text.charCodeAt(at) !== OPEN) throw new Error("an array's text does not start with a brace");
    at += 1;
    const items: Json[] = [];
    if (text.charCodeAt(at) === CLOSE) {
      at += 1;
      return items;
    }
    for (;;) {
      items.push(readItem());
      const code = text.charCodeAt(at);
      at += 1;
      if (code === CLOSE) return items;
      if (code !== separator) throw new Error("an array's text has something else where a separator belongs");
    }
  };

  return readList();
}
