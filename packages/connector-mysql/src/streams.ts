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
import type { MysqlTransaction } from "./client.ts";
import { toCursorKind, toCursorRank } from "./cursor.ts";
import { toGrant } from "./errors.ts";
import { dialect, quoteIdentifier, toShortName } from "./query.ts";
import { fromCatalog, fromResult, toTypeName } from "./types.ts";
import {
  toConverter,
  toExactTerm,
  toFieldType,
  toSelect,
  toTerm,
  type ValueOptions,
  type ValueType,
} from "./values.ts";

export interface Column extends SqlColumn {
  readonly valueType: ValueType;
}

export type Relation = SqlRelation<Column>;

/** What describing needs besides a transaction. */
export interface Describing {
  readonly user: string;
  readonly database: string;
  readonly options: ValueOptions;
}

type TextRecord = Readonly<Record<string, string | null>>;

const SYSTEM_SCHEMAS = "('information_schema', 'mysql', 'performance_schema', 'sys')";

const TABLES = `select t.table_schema as db, t.table_name as name, t.table_type as kind, t.table_rows as estimate
from information_schema.tables t`;

/** All tables that are described, as parameters of a condition. */
function among(tables: readonly TextRecord[]): { readonly condition: string; readonly values: readonly string[] } {
  const values = tables.flatMap((table) => [text(table, "db"), text(table, "name")]);
  const tuples = tables.map(
    (_table, index) => `(${dialect.placeholder(2 * index + 1)}, ${dialect.placeholder(2 * index + 2)})`,
  );
  return { condition: `(table_schema, table_name) in (${tuples.join(", ")})`, values };
}

/**
 * Finds a table by its configured name.
 * @throws ConfigError when there is none, naming similar ones.
 */
export async function findTable(
  transaction: MysqlTransaction,
  name: string,
  describing: Describing,
): Promise<Relation> {
  const { schema, table } = parseTableName(name, "`");
  const wanted = [schema?.name ?? describing.database, table.name];
  const found = await transaction.rows(
    `${TABLES} where lower(t.table_schema) = lower(${dialect.placeholder(1)}) and lower(t.table_name) = lower(${dialect.placeholder(2)})`,
    wanted,
  );
  // Whether names differ by case is the server's file system's to say: the exact one first.
  const exact = found.find((row) => row["db"] === wanted[0] && row["name"] === wanted[1]);
  const [relation] = await describeTables(transaction, exact === undefined ? [] : [exact], describing);
  if (relation !== undefined) return relation;
  throw new ConfigError(`there is no table ${wanted.map((part) => toShortName(part ?? "")).join(".")}`, {
    hint:
      found.length > 0
        ? `Did you mean ${found.map(toTableText).join(" or ")}?`
        : "Correct table, name its database too, and check that the user may read it: what it may not read does not exist for it. `discover` lists what can be read.",
  });
}

/** Everything that the user may read, outside the server's own databases. */
export async function listTables(transaction: MysqlTransaction, describing: Describing): Promise<readonly Relation[]> {
  const found = await transaction.rows(
    `${TABLES} where t.table_schema not in ${SYSTEM_SCHEMAS} and t.table_type in ('BASE TABLE', 'VIEW', 'SYSTEM VERSIONED') order by 1, 2`,
  );
  return describeTables(transaction, found, describing);
}

/**
 * Describes what a query answers with. Nothing but its columns is known: no key, no index, no estimate.
 * @throws ConfigError when two of its columns have one name.
 */
export async function describeQuery(
  transaction: MysqlTransaction,
  query: string,
  describing: Describing,
): Promise<Relation> {
  const from = wrapQuery(query);
  const found = await transaction.columns(`select * from ${from} limit 0`);
  refuseTwoOfAName(found.map((column) => column.name));
  return {
    name: QUERY_STREAM,
    from,
    table: null,
    isStored: false,
    columns: found.map((column) => {
      const type = fromResult(column);
      return toColumn(
        column.name,
        type,
        { sourceType: toTypeName(type), nullable: true, readable: true },
        QUERY_STREAM,
        describing,
      );
    }),
    indexes: [],
    estimatedRows: null,
  };
}

async function describeTables(
  transaction: MysqlTransaction,
  found: readonly TextRecord[],
  describing: Describing,
): Promise<readonly Relation[]> {
  if (found.length === 0) return [];
  const { condition, values } = among(found);
  const columns = await transaction.rows(
    `select table_schema as db, table_name as tab, column_name as name, data_type as type, column_type as full_type,
      is_nullable as nullable, character_set_name as charset, collation_name as collation,
      datetime_precision as time_digits, numeric_scale as scale, privileges as privileges
     from information_schema.columns where ${condition} order by table_schema, table_name, ordinal_position`,
    values,
  );
  const parts = await transaction.rows(
    `select table_schema as db, table_name as tab, index_name as index_name, non_unique as non_unique,
      column_name as name, sub_part as sub_part, collation as direction, index_type as type
     from information_schema.statistics where ${condition} order by table_schema, table_name, index_name, seq_in_index`,
    values,
  );
  const json = await readJsonColumns(transaction, condition, values);
  const columnsOf = Map.groupBy(columns, toOwner);
  const partsOf = Map.groupBy(parts, toOwner);
  return found.map((table): Relation => {
    const name = toTableText(table);
    const owner = JSON.stringify([text(table, "db"), text(table, "name")]);
    const estimate = table["estimate"];
    return {
      name,
      from: `${quoteIdentifier(text(table, "db"))}.${quoteIdentifier(text(table, "name"))}`,
      table: { schema: toShortName(text(table, "db")), table: toShortName(text(table, "name")) },
      isStored: table["kind"] !== "VIEW",
      columns: (columnsOf.get(owner) ?? []).map((column) => {
        const type = fromCatalog({
          dataType: text(column, "type").toLowerCase(),
          columnType: text(column, "full_type"),
          charset: column["charset"] ?? null,
          collation: column["collation"] ?? null,
          datetimePrecision: toNumberOrNull(column["time_digits"]),
          numericScale: toNumberOrNull(column["scale"]),
          isJson: json.has(`${owner}${text(column, "name")}`),
        });
        const facts = {
          sourceType: text(column, "full_type"),
          nullable: column["nullable"] !== "NO",
          readable: /\bselect\b/i.test(text(column, "privileges")),
        };
        return toColumn(text(column, "name"), type, facts, name, describing);
      }),
      indexes: toIndexes(partsOf.get(owner) ?? []),
      estimatedRows: estimate === null || estimate === undefined ? null : Number(estimate),
    };
  });
}

/** MariaDB's json is a longtext with a constraint; MySQL has a type of its own. */
async function readJsonColumns(
  transaction: MysqlTransaction,
  condition: string,
  values: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!transaction.server.isMariadb) return new Set();
  const rows = await transaction.rows(
    `select constraint_schema as db, table_name as tab, check_clause as clause from information_schema.check_constraints
     where ${condition.replace("table_schema", "constraint_schema")} and check_clause like 'json_valid(%'`,
    values,
  );
  return new Set(
    rows.flatMap((row) => {
      // The clause is written in the session's own quotes.
      const [, quote = "", name] = /^json_valid\(([`"])(.+)\1\)$/.exec(text(row, "clause")) ?? [];
      return name === undefined ? [] : [`${toOwner(row)}${name.replaceAll(quote + quote, quote)}`];
    }),
  );
}

/** Whole indexes on plain columns in rising order: neither prefixes nor expressions nor hashes. */
function toIndexes(parts: readonly TextRecord[]): readonly Index[] {
  const indexes = [...Map.groupBy(parts, (part) => text(part, "index_name"))].flatMap(([name, own]) => {
    const isPlain = own.every(
      (part) =>
        part["type"] === "BTREE" && part["sub_part"] === null && part["name"] !== null && part["direction"] !== "D",
    );
    if (!isPlain) return [];
    const columns = own.map((part) => text(part, "name"));
    return [{ columns, unique: own[0]?.["non_unique"] === "0", primary: name === "PRIMARY" }];
  });
  const primary = indexes.find((index) => index.primary)?.columns ?? [];
  return indexes
    .map((index) =>
      // An index of InnoDB ends with the primary key, whether it says so or not.
      index.unique ? index : { ...index, columns: [...new Set([...index.columns, ...primary])] },
    )
    .toSorted((left, right) => left.columns.length - right.columns.length);
}

function toColumn(
  name: string,
  valueType: ValueType,
  facts: Pick<Column, "sourceType" | "nullable" | "readable">,
  relation: string,
  { user, options }: Describing,
): Column {
  return {
    name,
    valueType,
    ...facts,
    fieldType: toFieldType(valueType),
    unreadable: whyUnreadable(name, valueType, facts, relation, user),
    select: toSelect(name, valueType),
    toJson: toConverter(valueType, options, `${relation}.${name}`),
    term: toTerm(name, valueType),
    exactTerm: toExactTerm(name, valueType),
    canBeCursor: toCursorKind(valueType) !== null,
    cursorRank: toCursorRank(valueType),
  };
}

/** Why a field cannot be read; null when it can. */
function whyUnreadable(
  name: string,
  { kind }: ValueType,
  { sourceType, readable }: Pick<Column, "sourceType" | "readable">,
  relation: string,
  user: string,
): string | null {
  const short = toShortName(name);
  if (kind === "geometry") {
    return `${sourceType} holds bytes, which JSON has no place for; read st_asgeojson(${short}) through a query instead`;
  }
  if (kind === "binary") {
    return `${sourceType} holds bytes, which JSON has no place for; read hex(${short}) or to_base64(${short}) through a query instead`;
  }
  if (!readable) {
    const [schema = "", table = ""] = relation.split(".");
    return `user ${user} may not read it: ${toGrant({ schema, table }, user).replace("select", `select (${short})`)}`;
  }
  return whyUnnameable(name);
}

function toOwner(row: TextRecord): string {
  return JSON.stringify([text(row, "db"), text(row, "tab")]);
}

function text(row: TextRecord, name: string): string {
  return row[name] ?? "";
}

function toNumberOrNull(value: string | null | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}

function toTableText(row: TextRecord): string {
  return `${toShortName(text(row, "db"))}.${toShortName(text(row, "name"))}`;
}
