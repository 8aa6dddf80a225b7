import {
  type Column as SqlColumn,
  type Index,
  parseTableName,
  QUERY_STREAM,
  refuseTwoOfAName,
  type Relation as SqlRelation,
  whyUnnameable,
  wrapQuery,
} from "@acme/sql-source";
import { ConfigError } from "@acme/sync-core";
import type { PostgresTransaction } from "./client.ts";
import { toCursorKind, toCursorRank } from "./cursor.ts";
import { quoteIdentifier, toExactTerm, toShortName, toTerm } from "./query.ts";
import { type CatalogType, isBinary, toConverter, toFieldType, toValueType, type ValueType } from "./values.ts";

export interface Column extends SqlColumn {
  readonly valueType: ValueType;
  /** Oid of the type, domains resolved. */
  readonly baseOid: string;
  /** Digits of a second of a timestamp; null: the full 6. */
  readonly precision: number | null;
}

/** A table, view or query that can be read. */
export type Relation = SqlRelation<Column>;

/** Tables, partitioned tables and materialized views: what an index can be made on. */
const STORED_KINDS: ReadonlySet<string> = new Set(["r", "p", "m"]);

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
export async function findTable(transaction: PostgresTransaction, name: string, user: string): Promise<Relation> {
  const { schema, table } = parseTableName(name, '"');
  const fold = (part: { readonly name: string; readonly quoted: boolean }): string =>
    part.quoted ? part.name : part.name.toLowerCase();
  const found = await transaction.rows(FIND, [
    table.name,
    fold(table),
    schema?.name ?? "",
    schema === null ? "" : fold(schema),
  ]);
  const [relation] = await describeTables(transaction, found, user);
  if (relation !== undefined) return relation;
  const wanted = [...(schema === null ? [] : [schema.name]), table.name].map(toShortName).join(".");
  const similar = (await transaction.rows(FIND_SIMILAR, [table.name])).map(toTableText);
  throw new ConfigError(`there is no table ${wanted} in this database`, {
    hint:
      similar.length > 0
        ? `Did you mean ${similar.join(" or ")}?`
        : "Correct table, name its schema too, and check that url names the right database. `discover` lists what can be read.",
  });
}

/** Everything that the role may read, outside the system's own schemas and those of extensions. */
export async function listTables(transaction: PostgresTransaction, user: string): Promise<readonly Relation[]> {
  return describeTables(transaction, await transaction.rows(LIST), user);
}

/**
 * Describes what a query answers with. Nothing but its columns is known: no key, no index, no estimate.
 * @throws ConfigError when two of its columns have one name.
 */
export async function describeQuery(transaction: PostgresTransaction, query: string, user: string): Promise<Relation> {
  const from = wrapQuery(query);
  const found = await transaction.columns(`select * from ${from} limit 0`);
  refuseTwoOfAName(found.map((column) => column.name));
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
  const records = found.map(
    (column, index): TextRecord => ({
      name: column.name,
      type: column.typeOid,
      modifier: String(column.typeModifier),
      required: "false",
      source_type: spelled[index]?.["source_type"] ?? "",
      cast_type: spelled[index]?.["cast_type"] ?? "",
      readable: "true",
    }),
  );
  return {
    name: QUERY_STREAM,
    from,
    table: null,
    isStored: false,
    columns: records.map((record) => toColumn(record, types, { name: QUERY_STREAM, user })),
    indexes: [],
    estimatedRows: null,
  };
}

async function describeTables(
  transaction: PostgresTransaction,
  found: readonly TextRecord[],
  user: string,
): Promise<readonly Relation[]> {
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
    const name = toTableText(table);
    const rows = estimates.get(oid);
    return {
      name,
      from: `${quoteIdentifier(schema)}.${quoteIdentifier(text(table, "name"))}`,
      table: { schema: toShortName(schema), table: toShortName(text(table, "name")) },
      isStored: STORED_KINDS.has(text(table, "kind")),
      columns: (columnsOf.get(oid) ?? []).map((column) => toColumn(column, types, { name, user })),
      indexes: (indexesOf.get(oid) ?? []).map(toIndex),
      estimatedRows: rows === null || rows === undefined ? null : Math.round(Number(rows)),
    };
  });
}

async function readTypes(
  transaction: PostgresTransaction,
  oids: readonly string[],
): Promise<ReadonlyMap<string, CatalogType>> {
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

/** Where a column belongs, for messages about it. */
interface Owner {
  readonly name: string;
  readonly user: string;
}

function toColumn(row: TextRecord, types: ReadonlyMap<string, CatalogType>, owner: Owner): Column {
  const { type, modifier: domainModifier, baseOid } = toValueType(text(row, "type"), types);
  const modifier = text(row, "modifier") === "-1" ? domainModifier : Number(text(row, "modifier"));
  const isTimestamp = type.kind === "timestamp" || type.kind === "timestamptz";
  const name = text(row, "name");
  const column = { name, valueType: type, sourceType: text(row, "source_type"), readable: row["readable"] === "true" };
  return {
    ...column,
    fieldType: toFieldType(type),
    baseOid,
    precision: isTimestamp ? modifier : null,
    nullable: row["required"] !== "true",
    unreadable: whyUnreadable(column, owner),
    select: quoteIdentifier(name),
    toJson: toConverter(type),
    term: toTerm(name, text(row, "cast_type")),
    // Collations, citext and numbers with zeros behind the point know values that are equal and not the same text.
    exactTerm: type.kind === "text" || type.kind === "decimal" ? toExactTerm(name) : null,
    canBeCursor: toCursorKind(type, baseOid) !== null,
    cursorRank: toCursorRank(type, baseOid),
  };
}

/** Why a field cannot be read; null when it can. */
function whyUnreadable(
  column: Pick<Column, "name" | "valueType" | "sourceType" | "readable">,
  { name: relation, user }: Owner,
): string | null {
  const name = toShortName(column.name);
  if (isBinary(column.valueType)) {
    return `${column.sourceType} holds bytes, which JSON has no place for; read encode(${name}, 'base64') through a query instead`;
  }
  if (!column.readable) {
    return `user ${user} may not read it: grant select (${name}) on ${relation} to ${toShortName(user)}`;
  }
  return whyUnnameable(column.name);
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
