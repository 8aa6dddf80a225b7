import { type Converter, type Term, toExactJson, toNumber } from "@acme/sql-source";
import { ConfigError, type FieldType } from "@acme/sync-core";
import type { MysqlConfig } from "./config.ts";
import { quoteIdentifier, toLiteral } from "./query.ts";

/** What a MySQL type is to us. */
export type Kind =
  | "integer"
  | "bigint"
  | "decimal"
  | "float"
  | "double"
  | "boolean"
  | "bit"
  | "date"
  | "datetime"
  | "timestamp"
  | "time"
  | "year"
  | "text"
  | "enum"
  | "set"
  | "json"
  | "native"
  | "binary"
  | "geometry";

/** What has to be known of a column, from the catalog or from a result, to read it without loss. */
export interface ValueType {
  readonly kind: Kind;
  readonly unsigned: boolean;
  /** Digits of a second of a time, digits behind the point of a decimal, digits of a bit field; null: none are known. */
  readonly digits: number | null;
  readonly zerofill: boolean;
  /** How texts are compared; null: not known, or no text. */
  readonly collation: { readonly charset: string; readonly name: string } | null;
  /** Of an enum, in order; null: not known. */
  readonly members: readonly string[] | null;
}

export type ValueOptions = Pick<MysqlConfig, "zeroDates" | "tinyint1">;

/** The kind of JSON value that rows carry for a type. */
export function toFieldType({ kind }: ValueType): FieldType {
  switch (kind) {
    case "integer":
    case "float":
    case "double":
    case "year":
      return "number";
    case "timestamp":
    case "datetime":
      return "datetime";
    case "time":
    case "text":
    case "enum":
    case "set":
    case "bit":
    case "native":
      return "text";
    case "geometry":
      return "binary";
    case "bigint":
    case "decimal":
    case "boolean":
    case "date":
    case "json":
    case "binary":
      return kind;
  }
}

/** What is selected for a column, so that its text loses nothing. */
export function toSelect(name: string, { kind, digits, zerofill }: ValueType): string {
  const column = quoteIdentifier(name);
  // The text of a float is rounded to six digits; as a double it is exact.
  if (kind === "float") return `${column} + 0e0`;
  if (kind === "boolean" || kind === "bit") return `lpad(bin(${column} + 0), ${digits ?? 1}, '0')`;
  if (kind === "binary") return `hex(${column})`;
  return zerofill ? `${column} + 0` : column;
}

/** How a column is put in order and compared, along its collation and its indexes. */
export function toTerm(name: string, { kind, unsigned, digits, collation, members }: ValueType): Term {
  const sql = quoteIdentifier(name);
  const as = (type: string): Term => ({ sql, bind: (place) => `cast(${place} as ${type})` });
  const asText: Term = { sql: `cast(${sql} as char)`, bind: (place) => place };
  switch (kind) {
    case "integer":
    case "bigint":
    case "year":
      return as(unsigned || kind === "year" ? "unsigned" : "signed");
    case "decimal":
      return as(`decimal(65, ${digits ?? 30})`);
    case "float":
    case "double":
      return { sql, bind: (place) => `(${place} + 0e0)` };
    case "boolean":
    case "bit":
      return { sql, bind: (place) => `cast(conv(${place}, 2, 10) as unsigned)` };
    case "date":
      return as("date");
    case "datetime":
    case "timestamp":
      return as("datetime(6)");
    case "time":
      return as("time(6)");
    case "binary":
      return { sql, bind: (place) => `unhex(${place})` };
    case "enum":
      // Its order is that of its members, and so are comparisons with a number.
      return members === null
        ? asText
        : { sql, bind: (place) => `field(${[place, ...members.map(toLiteral)].join(", ")})` };
    case "text":
      return collation === null
        ? { sql, bind: (place) => place }
        : { sql, bind: (place) => `convert(${place} using ${collation.charset}) collate ${collation.name}` };
    case "native":
      return { sql, bind: (place) => place };
    case "set":
    case "json":
    case "geometry":
      return asText;
  }
}

/** Collations take texts for equal that are not; their bytes tell them apart. Null for everything but texts. */
export function toExactTerm(name: string, { kind }: ValueType): Term | null {
  if (kind !== "text" && kind !== "set" && kind !== "json") return null;
  const exactly = (text: string): string => `cast(convert(${text} using utf8mb4) as binary)`;
  return { sql: exactly(quoteIdentifier(name)), bind: exactly };
}

/**
 * The conversion of one column, chosen once and used for every row. Never called with null.
 * @param where the column in words, for the error about a zero date.
 * @returns null where the text is the value.
 */
export function toConverter(type: ValueType, options: ValueOptions, where: string): Converter | null {
  const unlessZero = (convert: (text: string) => string): Converter => {
    const zero = toZeroDate(options.zeroDates, where, convert);
    return (text) => (isZeroDate(text) ? zero(text) : convert(text));
  };
  switch (type.kind) {
    case "integer":
      return options.tinyint1 === "boolean" && type.digits === 1 ? toFlag : toNumber;
    case "double":
    case "year":
      return toNumber;
    case "float":
      return toFloat;
    case "boolean":
      return (text) => text === "1";
    case "date":
      return unlessZero((text) => text);
    case "datetime":
      return unlessZero((text) => `${text.slice(0, 10)}T${text.slice(11)}`);
    case "timestamp":
      return unlessZero((text) => `${text.slice(0, 10)}T${text.slice(11)}Z`);
    case "json":
      return toExactJson;
    case "bigint":
    case "decimal":
    case "bit":
    case "time":
    case "text":
    case "enum":
    case "set":
    case "native":
    case "binary":
    case "geometry":
      return null;
  }
}

const ZERO = 48;

/** A month or a day of 00, with which `0000-00-00` ends too. */
function isZeroDate(text: string): boolean {
  return (
    (text.charCodeAt(8) === ZERO && text.charCodeAt(9) === ZERO) ||
    (text.charCodeAt(5) === ZERO && text.charCodeAt(6) === ZERO)
  );
}

function toZeroDate(option: ValueOptions["zeroDates"], where: string, convert: (text: string) => string): Converter {
  switch (option) {
    case "null":
      return () => null;
    case "text":
      return convert;
    case "refuse":
      return () => {
        throw new ConfigError(`${where} holds a date that does not exist, such as 0000-00-00`, {
          hint: "Set zeroDates: null to take such dates for no date, or zeroDates: text to pass them on; or correct the rows.",
        });
      };
  }
}

function toFlag(text: string): boolean | number {
  return text === "1" ? true : text === "0" ? false : Number(text);
}

/** The shortest number that is the same float: 0.1, not 0.10000000149011612. */
function toFloat(text: string): number {
  const value = Number(text);
  for (let digits = 6; digits < 9; digits += 1) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}
