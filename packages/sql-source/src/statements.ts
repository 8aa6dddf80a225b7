/**
 * SQL text. Pure. Values always travel as parameters; names come from the catalogs and are quoted by the {@link Dialect}; the only
 * text taken from a configuration as it is, is `query`.
 */
export interface Statement {
  readonly text: string;
  readonly values: readonly string[];
}

/** How a column is put in order and compared. */
export interface Term {
  /** What is ordered by: the column, or an expression of it whose order is that of its comparisons. */
  readonly sql: string;
  /** Makes of a parameter something to compare with `sql`, exactly, whatever the parameter's own type. */
  readonly bind: (placeholder: string) => string;
}

/** A term and which value of a position belongs to it. */
export interface PositionTerm extends Term {
  readonly value: number;
}

/** Writes the value that a position has for a term. */
export type WriteValue = (term: PositionTerm) => string;

export interface Dialect {
  readonly quote: (name: string) => string;
  /** The parameter that comes as the `number`th, from 1. */
  readonly placeholder: (number: number) => string;
  /** The condition for rows behind a position (`>`) or up to it (`<=`), in a form that an index on the terms answers as a range. */
  readonly compare: (terms: readonly PositionTerm[], operator: ">" | "<=", write: WriteValue) => string;
  /** The condition for rows at one of some positions, in a form that an index on the terms answers. */
  readonly among: (terms: readonly PositionTerm[], positions: readonly WriteValue[]) => string;
}

/** What all statements of a reading have in common. */
export interface Selection {
  readonly dialect: Dialect;
  readonly from: string;
  /** Expressions, in the order in which rows carry them. */
  readonly select: readonly string[];
}

/** Collects parameters while a text is written. */
class Parameters {
  readonly values: string[] = [];
  readonly dialect: Dialect;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
  }

  add(value: string, term: Term): string {
    this.values.push(value);
    return term.bind(this.dialect.placeholder(this.values.length));
  }

  compare(terms: readonly PositionTerm[], operator: ">" | "<=", position: readonly string[]): string {
    return this.dialect.compare(terms, operator, (term) => this.add(position[term.value] ?? "", term));
  }
}

function orderedPage(
  { from, select }: Selection,
  conditions: readonly string[],
  order: readonly Term[],
  limit: number,
): string {
  const where = conditions.length === 0 ? "" : ` where ${conditions.join(" and ")}`;
  return `select ${select.join(", ")} from ${from}${where} order by ${order.map(({ sql }) => sql).join(", ")} limit ${limit}`;
}

export interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

/**
 * Rows by (cursor, key) after `after` and below `bound`. Rows whose cursor is null are not among them.
 * @param order the cursor's term first. Null as `after`: from the beginning.
 */
export function incrementalPage(
  selection: Selection,
  order: readonly [PositionTerm, ...PositionTerm[]],
  range: { readonly after: readonly string[] | null; readonly bound: Bound; readonly limit: number },
): Statement {
  const parameters = new Parameters(selection.dialect);
  const { after, bound, limit } = range;
  const [cursor] = order;
  const conditions = after === null ? [] : [parameters.compare(order, ">", after)];
  conditions.push(`${cursor.sql} ${bound.inclusive ? "<=" : "<"} ${parameters.add(bound.value, cursor)}`);
  return { text: orderedPage(selection, conditions, order, limit), values: parameters.values };
}

/** Rows by key after `after`, up to and including `end`. */
export function fullPage(
  selection: Selection,
  key: readonly PositionTerm[],
  range: { readonly after: readonly string[] | null; readonly end: readonly string[]; readonly limit: number },
): Statement {
  const parameters = new Parameters(selection.dialect);
  const conditions = range.after === null ? [] : [parameters.compare(key, ">", range.after)];
  conditions.push(parameters.compare(key, "<=", range.end));
  return { text: orderedPage(selection, conditions, key, range.limit), values: parameters.values };
}

/**
 * The rows with one of these keys, in no particular order. An index on the key answers it without a scan.
 * @param keys never empty.
 */
export function rowsByKey(
  selection: Selection,
  key: readonly PositionTerm[],
  keys: readonly (readonly string[])[],
): Statement {
  const parameters = new Parameters(selection.dialect);
  const condition = selection.dialect.among(
    key,
    keys.map((values) => (term) => parameters.add(values[term.value] ?? "", term)),
  );
  return {
    text: `select ${selection.select.join(", ")} from ${selection.from} where ${condition}`,
    values: parameters.values,
  };
}

/** What the incremental pages cannot reach: no cursor value, or one that the bound will not pass for a long time. */
export interface OutsideRows {
  readonly nulls: boolean;
  /** Values at or after this one; null: none are taken. */
  readonly from: string | null;
}

function outsideCondition(parameters: Parameters, cursor: Term, outside: OutsideRows): string {
  const conditions = [
    ...(outside.nulls ? [`${cursor.sql} is null`] : []),
    ...(outside.from === null ? [] : [`${cursor.sql} >= ${parameters.add(outside.from, cursor)}`]),
  ];
  return `(${conditions.join(" or ")})`;
}

/** Rows by key after `after` among those outside the incremental pages' reach. */
export function outsidePage(
  selection: Selection,
  cursor: Term,
  key: readonly PositionTerm[],
  range: { readonly outside: OutsideRows; readonly after: readonly string[] | null; readonly limit: number },
): Statement {
  const parameters = new Parameters(selection.dialect);
  const conditions = [outsideCondition(parameters, cursor, range.outside)];
  if (range.after !== null) conditions.push(parameters.compare(key, ">", range.after));
  return { text: orderedPage(selection, conditions, key, range.limit), values: parameters.values };
}

/** One row or none: whether anything is outside the incremental pages' reach. */
export function outsideProbe({ dialect, from }: Selection, cursor: Term, outside: OutsideRows): Statement {
  const parameters = new Parameters(dialect);
  const condition = outsideCondition(parameters, cursor, outside);
  return { text: `select 1 as found from ${from} where ${condition} limit 1`, values: parameters.values };
}

/** One row or none: whether a key column is null somewhere. Such a row could be skipped between two pages. */
export function nullKeyProbe({ dialect, from }: Selection, key: readonly string[]): Statement {
  const condition = key.map((name) => `${dialect.quote(name)} is null`).join(" or ");
  return { text: `select 1 as found from ${from} where ${condition} limit 1`, values: [] };
}

/** The last key of the stream; no row when it is empty. */
export function lastKey({ from, select }: Selection, key: readonly Term[]): Statement {
  const order = key.map(({ sql }) => `${sql} desc`).join(", ");
  return { text: `select ${select.join(", ")} from ${from} order by ${order} limit 1`, values: [] };
}

/**
 * The greatest value of a cursor column that is not a time; no row when there is none. `order by` and not `max()`: that
 * exists for every type that can be ordered.
 * @param below leaves out values from here on (infinity and NaN); null: leaves out none.
 */
export function greatestCursor({ dialect, from, select }: Selection, cursor: Term, below: string | null): Statement {
  const parameters = new Parameters(dialect);
  const condition = below === null ? `${cursor.sql} is not null` : `${cursor.sql} < ${parameters.add(below, cursor)}`;
  return {
    text: `select ${select.join(", ")} from ${from} where ${condition} order by ${cursor.sql} desc limit 1`,
    values: parameters.values,
  };
}

/** One row, `beyond` 1 or 0: whether a cursor value lies behind another one. */
export function beyondProbe(dialect: Dialect, cursor: Term, value: string, other: string): Statement {
  const parameters = new Parameters(dialect);
  const comparison = `${parameters.add(value, cursor)} > ${parameters.add(other, cursor)}`;
  return { text: `select case when ${comparison} then 1 else 0 end as beyond`, values: parameters.values };
}

/** The query of a configuration as something to select from. The line break ends a comment on its last line. */
export function wrapQuery(query: string): string {
  return `(${query.replace(/[;\s]+$/, "")}\n) as source`;
}
