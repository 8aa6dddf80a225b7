import { ApiError } from "../api-error.ts";
import type { FieldDefinition } from "../org/field-definition.ts";
import type { Org } from "../org/org.ts";
import type { Table } from "../org/table.ts";
import type { Query, SelectItem } from "./ast.ts";
import { type Bounds, toBounds } from "./bounds.ts";
import { compileFilter, type Filter } from "./filter.ts";
import { type Access, type ResolvedPath, resolvePath } from "./resolve-path.ts";
import { malformed, notSupported, soqlError } from "./soql-error.ts";

export interface ResolvedOrder {
  readonly path: ResolvedPath;
  readonly descending: boolean;
  readonly nullsLast: boolean;
}

/** An aggregate of all matching rows. */
export interface Aggregate {
  readonly name: string;
  /** Undefined: rows are counted. */
  readonly path: ResolvedPath | undefined;
  readonly alias: string;
}

/** A query with every name looked up. */
export interface Plan {
  readonly query: Query;
  readonly table: Table;
  readonly columns: readonly ResolvedPath[];
  /** `SELECT COUNT()`: nothing but `totalSize`. */
  readonly countOnly: boolean;
  readonly aggregates: readonly Aggregate[];
  readonly filter: Filter;
  readonly bounds: Bounds;
  readonly orderBy: readonly ResolvedOrder[];
  readonly limit: number;
  readonly offset: number;
}

export interface PlanContext {
  readonly org: Org;
  readonly access: Access;
  readonly nowMs: number;
}

const MAX_OFFSET = 2000;
const MAX_CHARACTERS = 100_000;
const FIELDS_LIMIT = 200;
const aggregateNames: ReadonlySet<string> = new Set(["COUNT", "MIN", "MAX", "SUM", "AVG"]);

/** Looks a query up in an org. Throws ApiError with Salesforce's code and words for what is not there. */
export function planQuery(query: Query, { org, access, nowMs }: PlanContext): Plan {
  const { text } = query;
  if (text.length > MAX_CHARACTERS) {
    throw new ApiError(400, "MALFORMED_QUERY", `SOQL statements cannot be longer than ${MAX_CHARACTERS} characters.`);
  }
  const table = org.find(query.from.name);
  if (table === undefined || !access.canReadObject(table.name))
    throw notSupported(text, query.from.at, query.from.name);
  if (!table.definition.queryable) {
    throw new ApiError(400, "INVALID_TYPE_FOR_OPERATION", `entity type ${table.name} does not support query`);
  }
  if (query.groupBy.length > 0) throw malformed(text, query.from.at, "GROUP BY is not served by this stand-in");
  const [first] = query.select;
  const countOnly =
    query.select.length === 1 && first?.kind === "aggregate" && first.name === "COUNT" && first.path === undefined;
  const aggregates = countOnly ? [] : toAggregates(query, org, access, table);
  const columns =
    countOnly || aggregates.length > 0
      ? []
      : query.select.flatMap((item) => toColumns(item, query, org, access, table));
  rejectTwice(columns, text);
  if ((query.offset ?? 0) > MAX_OFFSET) {
    throw new ApiError(400, "NUMBER_OUTSIDE_VALID_RANGE", `Maximum SOQL offset allowed is ${MAX_OFFSET}`);
  }
  const orderBy = query.orderBy.map(({ path, descending, nullsLast }) => {
    const resolved = resolvePath(org, access, table, path, text);
    if (!resolved.field.sortable) {
      throw soqlError(
        "INVALID_FIELD",
        text,
        path.at,
        `field '${resolved.field.name}' can not be sorted in a query call`,
      );
    }
    return { path: resolved, descending, nullsLast };
  });
  return {
    query,
    table,
    columns,
    countOnly,
    aggregates,
    filter: query.where === undefined ? () => true : compileFilter(query.where, { org, access, table, text, nowMs }),
    bounds: toBounds(query.where),
    orderBy,
    limit: query.limit ?? Number.POSITIVE_INFINITY,
    offset: query.offset ?? 0,
  };
}

function toAggregates(query: Query, org: Org, access: Access, table: Table): readonly Aggregate[] {
  const found = query.select.flatMap((item) => (item.kind === "aggregate" ? [item] : []));
  if (found.length === 0) return [];
  const other = query.select.find((item) => item.kind !== "aggregate");
  if (other !== undefined) {
    const at = "path" in other ? other.path.at : other.at;
    throw malformed(query.text, at, "Field must be grouped or aggregated");
  }
  return found.map(({ name, path, alias, at }, index) => {
    if (!aggregateNames.has(name) || path === undefined) {
      throw malformed(query.text, at, `unexpected token: '${name}'`);
    }
    return { name, path: resolvePath(org, access, table, path, query.text), alias: alias ?? `expr${index}` };
  });
}

function toColumns(item: SelectItem, query: Query, org: Org, access: Access, table: Table): readonly ResolvedPath[] {
  if (item.kind === "field") return [resolvePath(org, access, table, item.path, query.text)];
  if (item.kind === "fields") {
    if (item.group !== "STANDARD" && (query.limit ?? Number.POSITIVE_INFINITY) > FIELDS_LIMIT) {
      throw malformed(query.text, item.at, `The SOQL FIELDS function must have a LIMIT of at most ${FIELDS_LIMIT}`);
    }
    return visibleFields(table, access)
      .filter((field) => item.group === "ALL" || field.custom === (item.group === "CUSTOM"))
      .map((field) => ({ steps: [], field, name: field.name }));
  }
  throw malformed(query.text, item.at, "not served by this stand-in");
}

/** The fields of an object that its reader sees. */
export function visibleFields(table: Table, access: Access): readonly FieldDefinition[] {
  return [...table.fields()].filter((field) => access.canReadField(table.name, field.name));
}

function rejectTwice(columns: readonly ResolvedPath[], text: string): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name)) throw soqlError("INVALID_FIELD", text, 0, `duplicate field selected: ${name}`);
    seen.add(name);
  }
}
