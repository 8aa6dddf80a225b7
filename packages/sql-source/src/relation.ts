import { ConfigError, type Field, type FieldType, type Json, type Stream } from "@acme/sync-core";
import type { Term } from "./statements.ts";

export type Converter = (text: string) => Json;

export interface Column {
  readonly name: string;
  /** As people know it: `character varying(40)`. */
  readonly sourceType: string;
  readonly fieldType: FieldType;
  /** False only where the catalog says so: a view's columns and a query's are taken for nullable. */
  readonly nullable: boolean;
  /** Whether the user may select it. */
  readonly readable: boolean;
  /** Why its values cannot become JSON; null when they can. */
  readonly unreadable: string | null;
  /** What is selected for it. The text of the answer is its value. */
  readonly select: string;
  /** Makes JSON of a text; null where the text is the value. Never called with null. */
  readonly toJson: Converter | null;
  readonly term: Term;
  /**
   * Puts values in order that compare equal though their texts differ (by a collation, say); null where there are no such values.
   * Needed only where no unique index says that no two of them exist.
   */
  readonly exactTerm: Term | null;
  /** Whether its values can rise with every change. */
  readonly canBeCursor: boolean;
  /** How well its type serves as a cursor: greater is better, below 0 only when its name speaks for it; null: it is not proposed. */
  readonly cursorRank: number | null;
}

export interface Index {
  /** Its columns, in order. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly primary: boolean;
}

/** A table, view or query that can be read. */
export interface Relation<C extends Column = Column> {
  /** The stream's name: the table as people write it, or `query`. */
  readonly name: string;
  /** What stands behind `from`. */
  readonly from: string;
  /** As SQL writes the names; null for a query. */
  readonly table: { readonly schema: string; readonly table: string } | null;
  /** What it is, in the server's words. Only something stored can have an index. */
  readonly isStored: boolean;
  readonly columns: readonly C[];
  readonly indexes: readonly Index[];
  readonly estimatedRows: number | null;
}

/** The name of the stream that a configured query makes. */
export const QUERY_STREAM = "query";

/**
 * A name that no column of a query may have twice.
 * @throws ConfigError that names it.
 */
export function refuseTwoOfAName(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new ConfigError(`the query has two columns named "${twice}"`, {
    hint: "Name one of them otherwise, with `as`.",
  });
}

/** The columns of the primary key, else of the narrowest unique index without nulls; null where there is none. */
export function findKey(relation: Relation): readonly string[] | null {
  const nullable = nullableNames(relation);
  const unique = relation.indexes.filter(
    (index) => index.unique && index.columns.length > 0 && !index.columns.some((name) => nullable.has(name)),
  );
  return (unique.find((index) => index.primary) ?? unique[0])?.columns ?? null;
}

/** Whether an index proves that no two rows share these columns, and no column of them is null. */
export function isProvenKey(relation: Relation, key: readonly string[]): boolean {
  const nullable = nullableNames(relation);
  if (key.some((name) => nullable.has(name))) return false;
  return relation.indexes.some(
    (index) => index.unique && index.columns.length > 0 && index.columns.every((name) => key.includes(name)),
  );
}

function nullableNames(relation: Relation): ReadonlySet<string> {
  return new Set(relation.columns.filter((column) => column.nullable).map((column) => column.name));
}

/** Whether an index begins with these columns in this order. */
export function hasIndexOn(relation: Relation, columns: readonly string[]): boolean {
  return relation.indexes.some((index) => columns.every((name, position) => index.columns[position] === name));
}

const CHANGE_NAME = /(?:updat|modif|chang|touch|edit|revis|sync|mtime|write)/i;
const OTHER_NAME = /(?:creat|insert|birth|delet|expir|start|end|due|sched|login|seen|sent|open|clos|valid|publish)/i;
const VERSION_NAME = /^(?:.*_)?(?:version|row_?version|revision|seq|sequence|lsn|change_?id|rev)(?:_.*)?$/i;

/**
 * Columns that could serve as a cursor, best first: times whose name speaks of changes, before other times, before numbers named
 * like versions; then by the rank of their type; indexed and required ones first.
 */
export function findCursorCandidates(relation: Relation): readonly string[] {
  const scored = relation.columns.flatMap((column) => {
    const { name, cursorRank, readable } = column;
    if (cursorRank === null || !readable) return [];
    const extra = (hasIndexOn(relation, [name]) ? 5 : 0) + (column.nullable ? 0 : 2);
    if (cursorRank < 0) return VERSION_NAME.test(name) ? [{ name, score: extra }] : [];
    const isNamedForChange = CHANGE_NAME.test(name) && !/^(?:is|has)_/i.test(name);
    const named = isNamedForChange ? 200 : OTHER_NAME.test(name) ? 20 : 100;
    return [{ name, score: named + cursorRank + extra }];
  });
  return scored.toSorted((left, right) => right.score - left.score).map((candidate) => candidate.name);
}

/** The stream that a relation makes. */
export function toStream(relation: Relation, key: readonly string[], cursorField: string | null): Stream {
  return {
    name: relation.name,
    fields: relation.columns.map(
      (column): Field => ({
        name: column.name,
        type: column.fieldType,
        sourceType: column.sourceType,
        nullable: column.nullable,
        unreadable: column.unreadable,
      }),
    ),
    key,
    cursorField,
    cursorCandidates: findCursorCandidates(relation),
    estimatedRows: relation.estimatedRows,
  };
}

/**
 * The key of a relation that no index proves, for a list of what there is: a column named like one, else the first.
 * Whoever reads by it learns when two rows share it.
 */
export function guessKey(relation: Relation): readonly string[] {
  const names = relation.columns.map((column) => column.name);
  const own = relation.table?.table.replace(/(?:e?s)["`]?$/, "").replace(/^["`]/, "") ?? "";
  const guess = ["id", `${own}_id`, "uuid", "guid", "key", "code"].find((name) => names.includes(name)) ?? names[0];
  return guess === undefined ? [] : [guess];
}

/**
 * The columns of these names.
 * @param role what names them, for the message: `key`, `cursor`, `the mapping`.
 * @throws ConfigError for the first one that does not exist.
 */
export function pickColumns<C extends Column>(
  relation: Relation<C>,
  names: readonly string[],
  role: string,
): readonly C[] {
  const byName = new Map(relation.columns.map((column) => [column.name, column]));
  return names.map((name) => {
    const column = byName.get(name);
    if (column !== undefined) return column;
    const similar = relation.columns.find((candidate) => candidate.name.toLowerCase() === name.toLowerCase());
    throw new ConfigError(`${relation.name} has no column "${name}", which ${role} names`, {
      hint:
        similar === undefined
          ? `Correct ${role}, or bring the column back. There are: ${relation.columns
              .map((candidate) => candidate.name)
              .slice(0, 20)
              .join(", ")}.`
          : `Did you mean "${similar.name}"? Names are case-sensitive here.`,
    });
  });
}

/** Why a column of this name cannot be a field whatever it holds; null when it can. */
export function whyUnnameable(name: string): string | null {
  return name === "__proto__" ? "its name means something else in JavaScript; rename it through a query" : null;
}
