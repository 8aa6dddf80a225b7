import { ConfigError, type Field, type Stream } from "@acme/sync-core";
import type { Transaction } from "./client.ts";
import type { CursorKind } from "./cursor.ts";
import { quoteIdentifier, type TableName, toShortName, wrapQuery } from "./query.ts";
import { type CatalogType, isBinary, toFieldType, toValueType, type ValueType } from "./values.ts";

export interface Column {
  readonly name: string;
  readonly valueType: ValueType;
  /** Oid of the type, domains resolved. */
  readonly baseOid: string;
  /** As people know it: `character varying(40)`. */
  readonly sourceType: string;
  /** What a parameter is cast to: the same without length or precision, which would cut values off. */
  readonly castType: string;
  /** Digits of a second of a timestamp; null: the full 6. */
  readonly precision: number | null;
  /** False only where the catalog says so: a view's columns and a query's are taken for nullable. */
  readonly nullable: boolean;
  /** Whether the role may select it. */
  readonly readable: boolean;
}

export interface Index {
  /** Its columns, in order. */
  readonly columns: readonly string[];
  readonly unique: boolean;
  readonly primary: boolean;
}

/** A table, view or query that can be read. */
export interface Relation {
  /** The stream's name: the table as people write it, or `query`. */
  readonly name: string;
  /** What stands behind `from`. */
  readonly from: string;
  /** Null for a query. */
  readonly table: {
    readonly oid: string;
    readonly schema: string;
    readonly name: string;
    readonly kind: TableKind;
  } | null;
  readonly columns: readonly Column[];
  readonly indexes: readonly Index[];
  readonly estimatedRows: number | null;
}

export type TableKind = "table" | "partitioned table" | "view" | "materialized view" | "foreign table";

const KINDS: Readonly<Record<string, TableKind>> = {
  r: "table",
  p: "partitioned table",
  v: "view",
  m: "materialized view",
  f: "foreign table",
};

/** The name of the stream that a configured query makes. */
export const QUERY_STREAM = "query";

/** Exact spelling first; an unquoted name may also be meant in lower case, as SQL would read it. */
const FIND = `select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relname in ($1, $2) and c.relkind in ('r', 'p', 'v', 'm', 'f')
  and case when $3 = '' then n.nspname = any (current_schemas(true)) else n.nspname in ($3, $4) end
order by n.nspname <> $3, array_position(current_schemas(true), n.nspname), c.relname <> $1 limit 1`;

const FIND_SIMILAR = `select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where lower(c.relname) = lower($1) and c.relkind in ('r', 'p', 'v', 'm', 'f') order by 1, 2 limit 3`;

const LIST = `select c.oid::text as oid, n.nspname as schema, c.relname as name, c.relkind::text as kind
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f') and not c.relispartition
  and n.nspname <> 'information_schema' and n.nspname not like 'pg\\_%'
  and has_schema_privilege(n.oid, 'usage')
  and (has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'))
  and not exists (select 1 from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by n.nspname, c.relname`;

const COLUMNS = `select a.attrelid::text as relation, a.attname as name, a.atttypid::text as type,
  a.atttypmod::text as modifier, a.attnotnull::text as required,
  format_type(a.atttypid, a.atttypmod) as source_type, format_type(a.atttypid, -1) as cast_type,
  has_column_privilege(a.attrelid, a.attnum, 'select')::text as readable
from pg_attribute a where a.attrelid = any ($1::oid[]) and a.attnum > 0 and not a.attisdropped
order by a.attrelid, a.attnum`;

/** Whole, valid indexes on plain columns, whose order is that of `<` and `>`. */
const INDEXES = `select i.indrelid::text as relation, i.indisunique::text as unique, i.indisprimary::text as primary,
  array_to_json(array(select a.attname from unnest(i.indkey::int2[]) with ordinality as k(number, position)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number
    where k.position <= i.indnkeyatts order by k.position))::text as columns
from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on m.oid = x.relam
where i.indrelid = any ($1::oid[]) and i.indisvalid and i.indislive and i.indpred is null and i.indexprs is null
  and m.amname = 'btree'
order by i.indrelid, i.indisprimary desc, i.indnkeyatts, i.indexrelid`;

/** A partitioned table's own estimate is often missing: its partitions' are added up. -1: never analysed. */
const ESTIMATES = `select c.oid::text as relation, case when c.relkind = 'p'
    then (select sum(greatest(p.reltuples, 0)) from pg_partition_tree(c.oid) t join pg_class p on p.oid = t.relid where t.isleaf)
    else nullif(c.reltuples, -1) end::float8::text as rows
from pg_class c where c.oid = any ($1::oid[]) and c.relkind in ('r', 'p', 'm')`;

const TYPES = `with recursive known as (
  select t.oid, t.typtype, t.typcategory, t.typbasetype, t.typelem, t.typtypmod, t.typdelim
  from pg_type t where t.oid = any ($1::oid[])
  union
  select t.oid, t.typtype, t.typcategory, t.typbasetype, t.typelem, t.typtypmod, t.typdelim
  from known k join pg_type t on t.oid in (k.typbasetype, case when k.typcategory = 'A' then k.typelem else 0 end)
) select oid::text as oid, typtype::text as typtype, typcategory::text as typcategory, typbasetype::text as typbasetype,
  typelem::text as typelem, typtypmod::text as typtypmod, typdelim::text as typdelim from known`;

type TextRecord = Readonly<Record<string, string | null>>;

/**
 * Finds a table by its configured name.
 * @throws ConfigError when there is none, naming similar ones.
 */
export async function findTable(transaction: Transaction, wanted: TableName): Promise<Relation> {
  const fold = (part: { readonly name: string; readonly quoted: boolean }): string =>
    part.quoted ? part.name : part.name.toLowerCase();
  const found = await transaction.rows(FIND, [
    wanted.table.name,
    fold(wanted.table),
    wanted.schema?.name ?? "",
    wanted.schema === null ? "" : fold(wanted.schema),
  ]);
  const [relation] = await describeTables(transaction, found);
  if (relation !== undefined) return relation;
  const name = [...(wanted.schema === null ? [] : [wanted.schema.name]), wanted.table.name].map(toShortName).join(".");
  const similar = (await transaction.rows(FIND_SIMILAR, [wanted.table.name])).map(toTableText);
  throw new ConfigError(`there is no table ${name} in this database`, {
    hint:
      similar.length > 0
        ? `Did you mean ${similar.join(" or ")}?`
        : "Correct table, name its schema too, and check that url names the right database. `discover` lists what can be read.",
  });
}

/** Everything that the role may read, outside the system's own schemas and those of extensions. */
export async function listTables(transaction: Transaction): Promise<readonly Relation[]> {
  return describeTables(transaction, await transaction.rows(LIST));
}

/**
 * Describes what a query answers with. Nothing but its columns is known: no key, no index, no estimate.
 * @throws ConfigError when two of its columns have one name.
 */
export async function describeQuery(transaction: Transaction, query: string): Promise<Relation> {
  const from = wrapQuery(query);
  const found = await transaction.columns(`select * from ${from} limit 0`);
  const names = found.map((column) => column.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) {
    throw new ConfigError(`the query has two columns named "${twice}"`, {
      hint: "Name one of them otherwise, with `as`.",
    });
  }
  const types = await readTypes(
    transaction,
    found.map((column) => column.typeOid),
  );
  const spelled = await transaction.rows(
    `select format_type(t.oid, t.modifier) as source_type, format_type(t.oid, -1) as cast_type
     from unnest($1::oid[], $2::int4[]) with ordinality as t(oid, modifier, position) order by t.position`,
    [
      toArrayText(found.map((column) => column.typeOid)),
      toArrayText(found.map((column) => String(column.typeModifier))),
    ],
  );
  return {
    name: QUERY_STREAM,
    from,
    table: null,
    columns: found.map((column, index) =>
      toColumn(
        {
          name: column.name,
          type: column.typeOid,
          modifier: String(column.typeModifier),
          required: "false",
          source_type: spelled[index]?.["source_type"] ?? "",
          cast_type: spelled[index]?.["cast_type"] ?? "",
          readable: "true",
        },
        types,
      ),
    ),
    indexes: [],
    estimatedRows: null,
  };
}

async function describeTables(transaction: Transaction, found: readonly TextRecord[]): Promise<readonly Relation[]> {
  if (found.length === 0) return [];
  const oids = [toArrayText(found.map((table) => text(table, "oid")))];
  const columns = await transaction.rows(COLUMNS, oids);
  const indexes = await transaction.rows(INDEXES, oids);
  const estimates = new Map(
    (await transaction.rows(ESTIMATES, oids)).map((row) => [text(row, "relation"), row["rows"]]),
  );
  const types = await readTypes(transaction, [...new Set(columns.map((column) => text(column, "type")))]);
  const columnsOf = Map.groupBy(columns, (column) => text(column, "relation"));
  const indexesOf = Map.groupBy(indexes, (index) => text(index, "relation"));
  return found.map((table): Relation => {
    const oid = text(table, "oid");
    const schema = text(table, "schema");
    const name = text(table, "name");
    const rows = estimates.get(oid);
    return {
      name: toTableText(table),
      from: `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`,
      table: { oid, schema, name, kind: KINDS[text(table, "kind")] ?? "table" },
      columns: (columnsOf.get(oid) ?? []).map((column) => toColumn(column, types)),
      indexes: (indexesOf.get(oid) ?? []).map(toIndex),
      estimatedRows: rows === null || rows === undefined ? null : Math.round(Number(rows)),
    };
  });
}

async function readTypes(transaction: Transaction, oids: readonly string[]): Promise<ReadonlyMap<string, CatalogType>> {
  const rows = await transaction.rows(TYPES, [toArrayText(oids)]);
  return new Map(
    rows.map((row): [string, CatalogType] => [
      text(row, "oid"),
      {
        oid: text(row, "oid"),
        typtype: text(row, "typtype"),
        typcategory: text(row, "typcategory"),
        typbasetype: text(row, "typbasetype"),
        typelem: text(row, "typelem"),
        typtypmod: text(row, "typtypmod"),
        typdelim: text(row, "typdelim"),
      },
    ]),
  );
}

function toColumn(row: TextRecord, types: ReadonlyMap<string, CatalogType>): Column {
  const { type, modifier: domainModifier, baseOid } = toValueType(text(row, "type"), types);
  const modifier = text(row, "modifier") === "-1" ? domainModifier : Number(text(row, "modifier"));
  const isTimestamp = type.kind === "timestamp" || type.kind === "timestamptz";
  return {
    name: text(row, "name"),
    valueType: type,
    baseOid,
    sourceType: text(row, "source_type"),
    castType: text(row, "cast_type"),
    precision: isTimestamp ? modifier : null,
    nullable: row["required"] !== "true",
    readable: row["readable"] === "true",
  };
}

function toIndex(row: TextRecord): Index {
  const columns: unknown = JSON.parse(text(row, "columns"));
  return {
    columns: Array.isArray(columns) ? columns.map(String) : [],
    unique: row["unique"] === "true",
    primary: row["primary"] === "true",
  };
}

function text(row: TextRecord, name: string): string {
  return row[name] ?? "";
}

/** Oids and small numbers as an array literal. */
function toArrayText(values: readonly string[]): string {
  return `{${values.join(",")}}`;
}

function toTableText(row: TextRecord): string {
  return `${toShortName(text(row, "schema"))}.${toShortName(text(row, "name"))}`;
}

/** Why a field cannot be read; null when it can. */
export function whyUnreadable(relation: Relation, column: Column, user: string): string | null {
  if (isBinary(column.valueType)) {
    return `${column.sourceType} holds bytes, which JSON has no place for; read encode(${toShortName(column.name)}, 'base64') through a query instead`;
  }
  if (!column.readable && relation.table !== null) {
    return `user ${user} may not read it: grant select (${toShortName(column.name)}) on ${relation.name} to ${toShortName(user)}`;
  }
  if (column.name === "__proto__") return "its name means something else in JavaScript; rename it through a query";
  return null;
}

/** What a column can do as a cursor; null: it cannot be one. */
export function toCursorKind(column: Column): CursorKind | null {
  const { kind } = column.valueType;
  switch (kind) {
    case "timestamptz":
    case "timestamp":
    case "date":
      return kind;
    case "number":
    case "bigint":
    case "decimal":
      return "value";
    case "text":
      // Times of day start again every midnight, intervals are no moments, money and the like have no sequence.
      return TEXT_LIKE.has(column.baseOid) ? "value" : null;
    case "boolean":
    case "json":
    case "binary":
    case "array":
      return null;
  }
}

/** text, varchar, bpchar, uuid (version 7) and xid8: values that a generator may hand out in rising order. */
const TEXT_LIKE: ReadonlySet<string> = new Set(["25", "1043", "1042", "2950", "5069"]);

/**
 * The columns that identify a row: as configured, else the primary key, else the narrowest unique index without nulls.
 * @returns null where there is none.
 */
export function findKey(relation: Relation): readonly string[] | null {
  const nullable = new Set(relation.columns.filter((column) => column.nullable).map((column) => column.name));
  const unique = relation.indexes.filter(
    (index) => index.unique && index.columns.length > 0 && !index.columns.some((name) => nullable.has(name)),
  );
  return (unique.find((index) => index.primary) ?? unique[0])?.columns ?? null;
}

/** Whether an index proves that no two rows share these columns, and no column of them is null. */
export function isProvenKey(relation: Relation, key: readonly string[]): boolean {
  const nullable = new Set(relation.columns.filter((column) => column.nullable).map((column) => column.name));
  if (key.some((name) => nullable.has(name))) return false;
  return relation.indexes.some((index) => index.unique && index.columns.every((name) => key.includes(name)));
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
 * like versions; timestamptz before timestamp before date; indexed and required ones first.
 */
export function findCursorCandidates(relation: Relation): readonly string[] {
  const scored = relation.columns.flatMap((column) => {
    const kind = toCursorKind(column);
    if (kind === null || !column.readable) return [];
    const isNamedForChange = CHANGE_NAME.test(column.name) && !/^(?:is|has)_/i.test(column.name);
    if (kind === "value") {
      const isNumber = column.valueType.kind !== "text" && column.valueType.kind !== "decimal";
      return isNumber && VERSION_NAME.test(column.name)
        ? [{ name: column.name, score: score(relation, column, 0) }]
        : [];
    }
    const named = isNamedForChange ? 200 : OTHER_NAME.test(column.name) ? 20 : 100;
    const typed = { timestamptz: 30, timestamp: 20, date: 0 }[kind];
    return [{ name: column.name, score: score(relation, column, named + typed) }];
  });
  return scored.toSorted((left, right) => right.score - left.score).map((candidate) => candidate.name);
}

function score(relation: Relation, column: Column, base: number): number {
  return base + (hasIndexOn(relation, [column.name]) ? 5 : 0) + (column.nullable ? 0 : 2);
}

/** The stream that a relation makes. `key` and `cursorField` are checked by {@link checkColumns}. */
export function toStream(relation: Relation, key: readonly string[], cursorField: string | null, user: string): Stream {
  return {
    name: relation.name,
    fields: relation.columns.map(
      (column): Field => ({
        name: column.name,
        type: toFieldType(column.valueType),
        sourceType: column.sourceType,
        nullable: column.nullable,
        unreadable: whyUnreadable(relation, column, user),
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
  const own = relation.table?.name.replace(/(?:e?s)$/, "") ?? "";
  const guess = ["id", `${own}_id`, "uuid", "guid", "key", "code"].find((name) => names.includes(name)) ?? names[0];
  return guess === undefined ? [] : [guess];
}

/**
 * The columns of these names.
 * @param role what names them, for the message: `key`, `cursor`, `the mapping`.
 * @throws ConfigError for the first one that does not exist.
 */
export function pickColumns(relation: Relation, names: readonly string[], role: string): readonly Column[] {
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
