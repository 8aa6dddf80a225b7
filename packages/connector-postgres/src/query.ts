import { ConfigError } from "@acme/sync-core";

/**
 * SQL text. Pure. Values always travel as parameters; names come from the catalogs and are quoted; the only text taken from a
 * configuration as it is, is `query`.
 */
export interface Statement {
  readonly text: string;
  readonly values: readonly string[];
}

/** A column that takes part in paging. */
export interface PagingColumn {
  readonly name: string;
  /** The type to cast a text to, as `format_type(oid, -1)` writes it: without a length, which would cut values off. */
  readonly castType: string;
}

/** `"Name"`, whatever the name holds. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A name as people write it: quoted only where SQL needs it. */
export function toShortName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : quoteIdentifier(name);
}

/** One part of a table's name. Unquoted parts are looked up as they are and, failing that, in lower case. */
export interface NamePart {
  readonly name: string;
  readonly quoted: boolean;
}

export interface TableName {
  /** null: the server's search_path decides. */
  readonly schema: NamePart | null;
  readonly table: NamePart;
}

const NAME_PART = /"((?:[^"]|"")+)"|([^".\s]+(?: +[^".\s]+)*)/y;

/**
 * Reads `customers`, `public.customers` or `"My Schema"."My.Table"`.
 * @throws ConfigError when it is none of these.
 */
export function parseTableName(text: string): TableName {
  const parts: NamePart[] = [];
  let at = 0;
  for (;;) {
    NAME_PART.lastIndex = at;
    const match = NAME_PART.exec(text);
    if (match === null) throw badTableName(text);
    const [whole, quoted, plain] = match;
    parts.push(
      quoted === undefined
        ? { name: plain ?? "", quoted: false }
        : { name: quoted.replaceAll('""', '"'), quoted: true },
    );
    at += whole.length;
    if (at === text.length) break;
    if (text[at] !== ".") throw badTableName(text);
    at += 1;
  }
  const [first, second, third] = parts;
  if (first === undefined || third !== undefined) throw badTableName(text);
  return second === undefined ? { schema: null, table: first } : { schema: first, table: second };
}

function badTableName(text: string): ConfigError {
  return new ConfigError(`table: "${text}" is not the name of a table`, {
    hint: 'Write table or schema.table; a name with dots or quotes in double quotes: "My Schema"."My.Table".',
  });
}

/** The query of a configuration as something to select from. The line break ends a comment on its last line. */
export function wrapQuery(query: string): string {
  return `(${query.replace(/[;\s]+$/, "")}\n) as source`;
}

/** `"a", "b"` */
function list(columns: readonly string[]): string {
  return columns.map(quoteIdentifier).join(", ");
}

/** Collects parameters while a text is written. */
class Parameters {
  readonly values: string[] = [];

  add(value: string, castType: string): string {
    this.values.push(value);
    return `$${this.values.length}::${castType}`;
  }
}

/** `("a", "b") > ($1::int, $2::text)`: one comparison of rows, which an index on (a, b) answers as one range. */
function compare(
  parameters: Parameters,
  columns: readonly PagingColumn[],
  operator: ">" | "<=",
  values: readonly string[],
): string {
  const right = columns.map((column, index) => parameters.add(values[index] ?? "", column.castType)).join(", ");
  const left = list(columns.map((column) => column.name));
  return columns.length === 1 ? `${left} ${operator} ${right}` : `(${left}) ${operator} (${right})`;
}

function page(
  from: string,
  select: readonly string[],
  conditions: readonly string[],
  orderBy: readonly PagingColumn[],
  limit: number,
): string {
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return `select ${list(select)} from ${from}${where} order by ${list(orderBy.map((column) => column.name))} limit ${limit}`;
}

export interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

/** Rows by (cursor, key) after `after` and below `bound`. Rows whose cursor is null are not among them. */
export function incrementalPage(options: {
  readonly from: string;
  readonly select: readonly string[];
  readonly cursor: PagingColumn;
  readonly key: readonly PagingColumn[];
  /** Cursor value, then key values; null: from the beginning. */
  readonly after: readonly string[] | null;
  readonly bound: Bound;
  readonly limit: number;
}): Statement {
  const parameters = new Parameters();
  // A cursor that is part of the key too is compared once: an index would not answer it twice.
  const all = [options.cursor, ...options.key];
  const isKept = all.map((column, index) => index === 0 || column.name !== options.cursor.name);
  const order = all.filter((_column, index) => isKept[index]);
  const after = options.after?.filter((_value, index) => isKept[index]);
  const conditions = after === undefined ? [] : [compare(parameters, order, ">", after)];
  const bound = parameters.add(options.bound.value, options.cursor.castType);
  conditions.push(`${quoteIdentifier(options.cursor.name)} ${options.bound.inclusive ? "<=" : "<"} ${bound}`);
  return { text: page(options.from, options.select, conditions, order, options.limit), values: parameters.values };
}

/** Rows by key after `after`, up to and including `end`. */
export function fullPage(options: {
  readonly from: string;
  readonly select: readonly string[];
  readonly key: readonly PagingColumn[];
  readonly after: readonly string[] | null;
  readonly end: readonly string[];
  readonly limit: number;
}): Statement {
  const parameters = new Parameters();
  const conditions = options.after === null ? [] : [compare(parameters, options.key, ">", options.after)];
  conditions.push(compare(parameters, options.key, "<=", options.end));
  return {
    text: page(options.from, options.select, conditions, options.key, options.limit),
    values: parameters.values,
  };
}

/** The rows with one of these keys, in no particular order. An index on the key answers it without a scan. */
export function rowsByKey(options: {
  readonly from: string;
  readonly select: readonly string[];
  readonly key: readonly PagingColumn[];
  /** Never empty. */
  readonly keys: readonly (readonly string[])[];
}): Statement {
  const parameters = new Parameters();
  const { key } = options;
  const tuples = options.keys.map((values) => {
    const tuple = key.map((column, index) => parameters.add(values[index] ?? "", column.castType)).join(", ");
    return key.length === 1 ? tuple : `(${tuple})`;
  });
  const names = list(key.map((column) => column.name));
  const left = key.length === 1 ? names : `(${names})`;
  return {
    text: `select ${list(options.select)} from ${options.from} where ${left} in (${tuples.join(", ")})`,
    values: parameters.values,
  };
}

/** What the incremental pages cannot reach: no cursor value, or one that the bound will not pass for a long time. */
export interface OutsideRows {
  readonly nulls: boolean;
  /** Values at or after this one; null: none are taken. */
  readonly from: string | null;
}

function outsideCondition(parameters: Parameters, cursor: PagingColumn, outside: OutsideRows): string {
  const name = quoteIdentifier(cursor.name);
  const conditions = [
    ...(outside.nulls ? [`${name} is null`] : []),
    ...(outside.from === null ? [] : [`${name} >= ${parameters.add(outside.from, cursor.castType)}`]),
  ];
  return `(${conditions.join(" or ")})`;
}

/** Rows by key after `after` among those outside the incremental pages' reach. */
export function outsidePage(options: {
  readonly from: string;
  readonly select: readonly string[];
  readonly cursor: PagingColumn;
  readonly key: readonly PagingColumn[];
  readonly outside: OutsideRows;
  readonly after: readonly string[] | null;
  readonly limit: number;
}): Statement {
  const parameters = new Parameters();
  const conditions = [outsideCondition(parameters, options.cursor, options.outside)];
  if (options.after !== null) conditions.push(compare(parameters, options.key, ">", options.after));
  return {
    text: page(options.from, options.select, conditions, options.key, options.limit),
    values: parameters.values,
  };
}

/** One row or none: whether anything is outside the incremental pages' reach. */
export function outsideProbe(from: string, cursor: PagingColumn, outside: OutsideRows): Statement {
  const parameters = new Parameters();
  const condition = outsideCondition(parameters, cursor, outside);
  return { text: `select 1 as found from ${from} where ${condition} limit 1`, values: parameters.values };
}

/** One row or none: whether a key column is null somewhere. Such a row could be skipped between two pages. */
export function nullKeyProbe(from: string, key: readonly string[]): Statement {
  const condition = key.map((name) => `${quoteIdentifier(name)} is null`).join(" or ");
  return { text: `select 1 as found from ${from} where ${condition} limit 1`, values: [] };
}

/** The last key of the stream, one column each; no row when it is empty. */
export function lastKey(from: string, key: readonly PagingColumn[]): Statement {
  const order = key.map((column) => `${quoteIdentifier(column.name)} desc`).join(", ");
  return {
    text: `select ${list(key.map((column) => column.name))} from ${from} order by ${order} limit 1`,
    values: [],
  };
}

/**
 * The greatest value of a cursor column that is not a time; no row when there is none. `order by` and not `max()`: that
 * exists for every type that can be ordered.
 * @param below leaves out values from here on (infinity and NaN); null: leaves out none.
 */
export function greatestCursor(from: string, cursor: PagingColumn, below: string | null): Statement {
  const parameters = new Parameters();
  const name = quoteIdentifier(cursor.name);
  const condition = below === null ? `${name} is not null` : `${name} < ${parameters.add(below, cursor.castType)}`;
  return {
    text: `select ${name} from ${from} where ${condition} order by ${name} desc limit 1`,
    values: parameters.values,
  };
}

/** A moment as the wall clock of the zone $4 shows it, held back an hour while that clock is about to be set back by one. */
function toWallClock(moment: string): string {
  return `least(${moment} at time zone $4::text, (${moment} + interval '1 hour') at time zone $4::text - interval '1 hour')`;
}

/**
 * The bounds of a column of times, in its own type: `bound`, below which it is complete; `far`, from where on its values are
 * read on every run; `newer`, whether the bound lies beyond what was proved before.
 * Parameters: the moments of both bounds, what was proved before, the zone of a column without one.
 */
export function cursorBounds(kind: "timestamptz" | "timestamp" | "date"): string {
  const bounds = {
    timestamptz: { bound: "$1::timestamptz", far: "$2::timestamptz" },
    timestamp: { bound: toWallClock("$1::timestamptz"), far: "$2::timestamptz at time zone $4::text" },
    // The date of the bound itself is not over yet; reading stops before it.
    date: {
      bound: toWallClock("$1::timestamptz"),
      far: "($2::timestamptz at time zone $4::text) + interval '1 day'",
    },
  }[kind];
  const bound = `(${bounds.bound})::${kind}`;
  return `select (${bound})::text as bound, (${bounds.far})::${kind}::text as far, (${bound} > $3::${kind})::text as newer, $4::text as zone`;
}
