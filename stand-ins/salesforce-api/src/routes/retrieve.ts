import { textsField } from "@acme/stand-in-kit";
import { ApiError, notFound } from "../api-error.ts";
import { seesRow } from "../auth/sees-row.ts";
import { type Call, readableTable, toRowWriterOptions } from "../call.ts";
import { normalizeId } from "../org/ids.ts";
import type { Row } from "../org/row.ts";
import type { Table } from "../org/table.ts";
import { type Reply, toJsonText } from "../reply.ts";
import { visibleFields } from "../soql/plan.ts";
import { type ResolvedPath, resolvePath } from "../soql/resolve-path.ts";
import { createRowWriter } from "../soql/rest-row.ts";

const MAX_IDS = 2000;

/** GET /sobjects/{object}/{id}?fields=…; without fields all of them. */
export function retrieveOne(call: Call): Reply {
  const table = retrieveable(call);
  const id = normalizeId(call.params["id"] ?? "");
  if (id === undefined || !id.startsWith(table.definition.keyPrefix)) {
    throw new ApiError(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible");
  }
  const columns = readColumns(call, table, split(call.query.get("fields")));
  const row = findRow(call, table, id);
  if (row === "deleted") throw new ApiError(404, "ENTITY_IS_DELETED", "entity is deleted");
  if (row === undefined) throw notFound();
  call.rows = 1;
  return toJsonText(createRowWriter(columns, toRowWriterOptions(call))(row));
}

/** GET /composite/sobjects/{object}?ids=…&fields=…, or POST with `{ids, fields}`: one member for each id, null where there is no row. */
export function retrieveMany(call: Call): Reply {
  const table = retrieveable(call);
  const ids = call.query.has("ids") ? split(call.query.get("ids")) : textsField(call.body, "ids");
  const names = call.query.has("fields") ? split(call.query.get("fields")) : textsField(call.body, "fields");
  if (ids.length === 0 || names.length === 0) {
    throw new ApiError(400, "REQUIRED_FIELD_MISSING", "ids and fields have to be given");
  }
  if (ids.length > MAX_IDS) {
    throw new ApiError(
      400,
      "EXCEEDED_ID_LIMIT",
      `record limit reached. cannot submit more than ${MAX_IDS} records in this call`,
    );
  }
  const columns = readColumns(call, table, names);
  const write = createRowWriter(columns, toRowWriterOptions(call));
  const records = ids.map((text) => {
    const id = normalizeId(text);
    if (id === undefined) throw new ApiError(400, "MALFORMED_ID", `malformed id ${text}`);
    const row = findRow(call, table, id);
    if (row === undefined || row === "deleted") return "null";
    call.rows += 1;
    return write(row);
  });
  return toJsonText(`[${records.join(",")}]`);
}

function retrieveable(call: Call): Table {
  const table = readableTable(call);
  if (table.definition.retrieveable) return table;
  throw new ApiError(400, "INVALID_TYPE_FOR_OPERATION", `entity type ${table.name} does not support retrieve`);
}

function readColumns(call: Call, table: Table, names: readonly string[]): readonly ResolvedPath[] {
  if (names.length === 0) {
    return visibleFields(table, call.user).map((field) => ({ steps: [], field, name: field.name }));
  }
  return names.map((name) => resolvePath(call.org, call.user, table, { names: name.split("."), at: 0 }, name));
}

function findRow({ nowMs, user }: Call, table: Table, id: string): Row | "deleted" | undefined {
  const position = table.positionOf(id);
  if (position === undefined) return undefined;
  const row = { table, position, version: table.version(position) };
  const state = table.state(position, row.version, nowMs);
  if (state === "gone" || !seesRow(user, row)) return undefined;
  return state === "deleted" ? "deleted" : row;
}

function split(text: string | null): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "");
}
