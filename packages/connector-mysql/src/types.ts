import type { Kind, ValueType } from "./values.ts";

const PLAIN: Omit<ValueType, "kind"> = {
  unsigned: false,
  digits: null,
  zerofill: false,
  collation: null,
  members: null,
};

/** A column as the catalog describes it: the texts of `information_schema.columns`. */
export interface CatalogColumn {
  /** `bigint` */
  readonly dataType: string;
  /** `bigint(20) unsigned` */
  readonly columnType: string;
  readonly charset: string | null;
  readonly collation: string | null;
  readonly datetimePrecision: number | null;
  readonly numericScale: number | null;
  /** MariaDB's json is a longtext that a constraint watches. */
  readonly isJson: boolean;
}

const KINDS: Readonly<Record<string, Kind>> = {
  tinyint: "integer",
  smallint: "integer",
  mediumint: "integer",
  int: "integer",
  bigint: "bigint",
  decimal: "decimal",
  float: "float",
  double: "double",
  date: "date",
  datetime: "datetime",
  timestamp: "timestamp",
  time: "time",
  year: "year",
  enum: "enum",
  set: "set",
  json: "json",
  uuid: "native",
  inet4: "native",
  inet6: "native",
  binary: "binary",
  varbinary: "binary",
  tinyblob: "binary",
  blob: "binary",
  mediumblob: "binary",
  longblob: "binary",
  vector: "binary",
};

/** The type of a table's column. What has a character set is text; anything else that is not known holds bytes. */
export function fromCatalog(column: CatalogColumn): ValueType {
  const { dataType, columnType, charset, collation } = column;
  const width = Number(/^\w+\((\d+)/.exec(columnType)?.[1] ?? Number.NaN);
  const base = {
    ...PLAIN,
    unsigned: /\bunsigned\b/.test(columnType),
    zerofill: /\bzerofill\b/.test(columnType),
    collation: charset === null || collation === null ? null : { charset, name: collation },
  };
  if (column.isJson) return { ...base, kind: "json" };
  if (dataType === "bit") return { ...base, kind: width === 1 ? "boolean" : "bit", digits: width };
  const isShape = /point|linestring|polygon|geom/.test(dataType);
  const kind = KINDS[dataType] ?? (charset !== null ? "text" : isShape ? "geometry" : "binary");
  const digits: Partial<Record<Kind, number | null>> = {
    integer: dataType === "tinyint" && width === 1 ? 1 : null,
    decimal: column.numericScale,
    datetime: column.datetimePrecision,
    timestamp: column.datetimePrecision,
    time: column.datetimePrecision,
  };
  return { ...base, kind, digits: digits[kind] ?? null, members: kind === "enum" ? readMembers(columnType) : null };
}

/** `enum('a','it''s')` → a, it's */
function readMembers(columnType: string): readonly string[] {
  return [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? "").replaceAll("''", "'"));
}

/** A column as a result describes it. */
export interface ResultColumn {
  readonly name: string;
  /** The protocol's number of the type. */
  readonly type: number;
  readonly flags: number;
  /** 63: bytes. */
  readonly charset: number;
  /** Digits behind the point, or of a second; 31 and more: not fixed. */
  readonly decimals: number;
  readonly length: number;
  /** What MariaDB says of json and its own types; null: nothing. */
  readonly extended: string | null;
}

const BINARY_CHARSET = 63;
const NOT_FIXED = 31;
const FLAG = { unsigned: 32, zerofill: 64, enum: 256, set: 2048 } as const;

/** https://dev.mysql.com/doc/dev/mysql-server/latest/field__types_8h.html */
const WIRE_KINDS: Readonly<Record<number, Kind>> = {
  0: "decimal",
  1: "integer",
  2: "integer",
  3: "integer",
  4: "float",
  5: "double",
  6: "text",
  7: "timestamp",
  8: "bigint",
  9: "integer",
  10: "date",
  11: "time",
  12: "datetime",
  13: "year",
  16: "bit",
  242: "binary",
  245: "json",
  246: "decimal",
  247: "enum",
  248: "set",
  255: "geometry",
};

/** The type of a query's column. Collations and members are not known here. */
export function fromResult(column: ResultColumn): ValueType {
  const { type, flags, decimals, length, extended } = column;
  const has = (flag: number): boolean => (flags & flag) !== 0;
  const base = { ...PLAIN, unsigned: has(FLAG.unsigned), zerofill: has(FLAG.zerofill) };
  const digits = decimals >= NOT_FIXED ? null : decimals;
  if (extended === "json") return { ...base, kind: "json" };
  if (extended !== null && /^(?:uuid|inet\d)$/.test(extended)) return { ...base, kind: "native" };
  if (has(FLAG.enum)) return { ...base, kind: "enum" };
  if (has(FLAG.set)) return { ...base, kind: "set" };
  // What is null in every row has no length and no character set.
  const holdsBytes = column.charset === BINARY_CHARSET && length > 0;
  const kind = WIRE_KINDS[type] ?? (holdsBytes ? "binary" : "text");
  if (kind === "bit") return { ...base, kind: length === 1 ? "boolean" : "bit", digits: length };
  if (kind === "integer") return { ...base, kind, digits: type === 1 && length === 1 ? 1 : null };
  return { ...base, kind, digits: ["decimal", "datetime", "timestamp", "time"].includes(kind) ? digits : null };
}

/** A result's type in words. */
export function toTypeName({ kind, unsigned }: ValueType): string {
  const name = { integer: "int", boolean: "bit(1)", native: "uuid or inet", text: "varchar" }[kind as string] ?? kind;
  return unsigned ? `${name} unsigned` : name;
}
