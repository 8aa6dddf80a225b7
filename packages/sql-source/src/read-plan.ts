import { ConfigError, type Json, type Row, type Stream } from "@acme/sync-core";
import { toRowKey } from "./cursor.ts";
import { type Column, type Converter, isProvenKey, pickColumns, type Relation } from "./relation.ts";
import type { Dialect, PositionTerm, Selection } from "./statements.ts";
import type { Subject, TextRow } from "./transaction.ts";

/** What a pass reads, with everything chosen that does not change from row to row. */
export interface ReadPlan<C extends Column = Column> {
  readonly relation: Relation<C>;
  readonly subject: Subject;
  /** The fields asked for, then whatever else the position needs. */
  readonly selection: Selection;
  readonly fieldNames: readonly string[];
  readonly converters: readonly (Converter | null)[];
  readonly key: readonly C[];
  readonly keyAt: readonly number[];
  /** The order of the key. A value that only looks different counts as another one unless an index rules it out. */
  readonly keyTerms: readonly PositionTerm[];
  readonly isKeyProven: boolean;
  readonly cursor: CursorPlan<C> | null;
}

export interface CursorPlan<C extends Column = Column> {
  readonly column: C;
  readonly at: number;
  /** The order of (cursor, key); values are counted with the cursor's as the first. */
  readonly terms: readonly [PositionTerm, ...PositionTerm[]];
}

/**
 * Holds what the engine asked for against the table as it is now.
 * @throws ConfigError when a field, a key or the cursor is gone or cannot be read.
 */
export function planRead<C extends Column>(relation: Relation<C>, stream: Stream, dialect: Dialect): ReadPlan<C> {
  const fields = pickColumns(
    relation,
    stream.fields.map((field) => field.name),
    "the mapping",
  );
  for (const { name, unreadable } of fields) {
    if (unreadable === null) continue;
    throw new ConfigError(`${relation.name}.${name} cannot be read: ${unreadable}`, {
      hint: "Remove the field from the mapping, or do what is said above.",
    });
  }
  const key = pickColumns(relation, stream.key, "key");
  const cursor =
    stream.cursorField === null ? null : (pickColumns(relation, [stream.cursorField], "cursor")[0] ?? null);
  const selected = fields.map((field) => field.name);
  const select = fields.map((field) => field.select);
  const place = (column: C): number => {
    const found = selected.indexOf(column.name);
    if (found !== -1) return found;
    select.push(column.select);
    return selected.push(column.name) - 1;
  };
  const isKeyProven = isProvenKey(relation, stream.key);
  const keyAt = key.map(place);
  const keyTerms = key.flatMap((column, value) => {
    const { term, exactTerm } = column;
    return [{ ...term, value }, ...(isKeyProven || exactTerm === null ? [] : [{ ...exactTerm, value }])];
  });
  return {
    relation,
    subject: toSubject(relation),
    cursor: cursor === null ? null : toCursorPlan(relation, cursor, place(cursor), key, keyTerms),
    selection: { dialect, from: relation.from, select },
    fieldNames: fields.map((field) => field.name),
    converters: fields.map((field) => field.toJson),
    key,
    keyAt,
    keyTerms,
    isKeyProven,
  };
}

export function toSubject({ table, name }: Relation): Subject {
  return { doing: `reading ${table === null ? "the query" : name}`, relation: table };
}

function toCursorPlan<C extends Column>(
  relation: Relation<C>,
  column: C,
  at: number,
  key: readonly C[],
  keyTerms: readonly PositionTerm[],
): CursorPlan<C> {
  if (!column.canBeCursor) {
    throw new ConfigError(
      `${relation.name}.${column.name} cannot be the cursor: values of type ${column.sourceType} do not rise with every change`,
      { hint: "Choose a timestamp or a number from a sequence, or leave cursor out to compare the whole table." },
    );
  }
  // A cursor that is part of the key too is compared once: an index would not answer it twice.
  const others = keyTerms
    .filter((term) => key[term.value]?.name !== column.name || term.sql !== column.term.sql)
    .map((term) => ({ ...term, value: term.value + 1 }));
  return { column, at, terms: [{ ...column.term, value: 0 }, ...others] };
}

/** The hot path: no closure and no regular expression a row. */
export function toRows(plan: ReadPlan, texts: readonly TextRow[]): readonly Row[] {
  const { fieldNames, converters, keyAt } = plan;
  const count = fieldNames.length;
  const onlyKeyAt = keyAt.length === 1 ? keyAt[0] : undefined;
  const rows: Row[] = [];
  for (const text of texts) {
    const fields: Record<string, Json> = {};
    for (let index = 0; index < count; index += 1) {
      const value = text[index] ?? null;
      const converter = converters[index] ?? null;
      fields[fieldNames[index] ?? ""] = value === null || converter === null ? value : converter(value);
    }
    const key = onlyKeyAt === undefined ? null : (text[onlyKeyAt] ?? null);
    rows.push({ key: key ?? toRowKey(toPosition(plan, keyAt, text)), fields });
  }
  return rows;
}

/** @throws ConfigError when a part of it is null. */
export function toPosition(plan: ReadPlan, at: readonly number[], row: TextRow): readonly string[] {
  return at.map((index) => {
    const value = row[index];
    if (value === null || value === undefined) throw nullKey(plan);
    return value;
  });
}

export function nullKey(plan: ReadPlan): ConfigError {
  const names = plan.key.filter((column) => column.nullable).map((column) => column.name);
  return new ConfigError(`key (${names.join(", ")}) is null in a row of ${plan.relation.name}`, {
    hint: "Set key to columns that are never null, or leave such rows out with a query.",
  });
}

export function keyNames(plan: ReadPlan): string {
  return plan.key.map((column) => column.name).join(", ");
}

/** Two rows share the key: paging could lose one of them between two pages. */
export function twins(plan: ReadPlan): ConfigError {
  return new ConfigError(
    `key (${keyNames(plan)}) does not identify a row of ${plan.relation.name}: two rows share it`,
    { hint: "Set key to columns that together differ in every row." },
  );
}
