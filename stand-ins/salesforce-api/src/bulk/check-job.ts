import { ApiError } from "../api-error.ts";
import type { Org } from "../org/org.ts";
import type { Query } from "../soql/ast.ts";
import type { Plan } from "../soql/plan.ts";
import { notSupported } from "../soql/soql-error.ts";
import type { Access } from "../soql/resolve-path.ts";

/** What Bulk API 2.0 refuses before it looks at names. Throws ApiError. */
export function checkShape(query: Query, org: Org, access: Access): void {
  const table = org.find(query.from.name);
  if (table === undefined || !access.canReadObject(table.name)) {
    throw notSupported(query.text, query.from.at, query.from.name);
  }
  if (!table.definition.queryable) {
    throw new ApiError(400, "INVALIDENTITY", `entity type ${table.name} does not support query`);
  }
  if (!table.definition.bulk) {
    throw new ApiError(400, "INVALIDENTITY", `Entity '${table.name}' is not supported by the Bulk API.`);
  }
  if (query.groupBy.length > 0) throw refused("GROUP BY");
  if (query.offset !== undefined) throw refused("OFFSET");
  for (const item of query.select) {
    switch (item.kind) {
      case "field":
        break;
      case "aggregate":
        throw refused("Aggregate functions");
      case "typeof":
        throw refused("TYPEOF");
      case "fields":
        throw refused("FIELDS()");
      case "subquery":
        throw refused("Aggregate Relationships");
    }
  }
}

/** What it refuses once names are known. Throws ApiError. */
export function checkColumns(plan: Plan): void {
  for (const { field } of plan.columns) {
    if (field.type === "address" || field.type === "location") {
      throw new ApiError(400, "API_ERROR", "Selecting compound data not supported in Bulk Query");
    }
    if (field.type === "base64")
      throw new ApiError(400, "API_ERROR", "Selecting binary data not supported in Bulk Query");
  }
}

function refused(what: string): ApiError {
  return new ApiError(400, "API_ERROR", `${what} not supported in Bulk Query`);
}
