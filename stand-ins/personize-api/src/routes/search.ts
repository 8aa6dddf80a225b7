import { flagField, listField, numberField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import { toCondition, toGroups } from "../condition.ts";
import { toIdentifiers } from "../records.ts";
import { toReply } from "../reply.ts";
import { select } from "../select.ts";
import { toIso } from "../to-iso.ts";
import { toCrmKeys, toMemoryView, toPropertyMap } from "../views.ts";

const PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;

/** `search`: groups of conditions and key filters over what has landed. */
export const search: Handler = (call) => {
  const { body, organization, world } = call;
  const { historyLimit } = world.knobs;
  const page = readPositive(call, "page", 1);
  const pageSize = Math.min(readPositive(call, "pageSize", PAGE_SIZE), MAX_PAGE_SIZE);
  const selected = select(call, {
    typeKey: textField(body, "type")?.trim().toLowerCase(),
    identifiers: toIdentifiers(body),
    groups: toGroups(body, "search"),
    dialect: "search",
    collectionIds: texts(listField(body, "collectionIds")),
  });
  const totalMatched = selected.length;
  const countOnly = flagField(body, "countOnly");
  const shown = countOnly ? [] : selected.slice((page - 1) * pageSize, page * pageSize);
  const withRecords = flagField(body, "returnRecords");
  const withMemories = flagField(body, "includeMemories");
  const recordIds: string[] = [];
  const crmKeys: Record<string, unknown> = {};
  const mainProperties: Record<string, unknown> = {};
  const records: Record<string, unknown> = {};
  const memories: Record<string, unknown> = {};
  for (const record of shown) {
    const recordId = organization.records.recordIdOf(record);
    recordIds.push(recordId);
    crmKeys[recordId] = toCrmKeys(record);
    mainProperties[recordId] = { createdAt: toIso(record.createdAtMs), lastUpdatedAt: toIso(record.updatedAtMs) };
    if (!withRecords && !withMemories) continue;
    const folded = record.fold(historyLimit);
    if (withRecords) records[recordId] = toPropertyMap(folded.cells);
    if (withMemories) {
      memories[recordId] = record.memories(folded).map((memory) => toMemoryView(organization, record, memory));
    }
  }
  return toReply({
    recordIds,
    totalMatched,
    page,
    pageSize,
    totalPages: Math.ceil(totalMatched / pageSize),
    crmKeys,
    mainProperties,
    indexMeta: { source: "live" },
    ...(withRecords ? { records } : {}),
    ...(withMemories ? { memories } : {}),
  });
};

/** `filterByProperty`, with the lower-case operators. */
export const filterByProperty: Handler = (call) => {
  const { body, organization, world } = call;
  const conditions = listField(body, "conditions").map((condition) => toCondition(condition, "filter-by-property"));
  if (conditions.length === 0) throw new ApiError(400, "MISSING_PARAMS", "conditions is required");
  const limit = Math.min(numberField(body, "limit") ?? PAGE_SIZE, MAX_PAGE_SIZE);
  const offset = numberField(body, "nextToken") ?? 0;
  const selected = select(call, {
    typeKey: textField(body, "type")?.trim().toLowerCase(),
    identifiers: {},
    groups: [{ logic: textField(body, "logic")?.toUpperCase() === "OR" ? "OR" : "AND", conditions }],
    dialect: "filter-by-property",
    collectionIds: [],
  });
  const names = new Set(conditions.map((condition) => condition.property));
  const records = selected.slice(offset, offset + limit).map((record) => {
    const properties = Object.entries(toPropertyMap(record.fold(world.knobs.historyLimit).cells));
    return {
      recordId: organization.records.recordIdOf(record),
      type: record.type,
      matchedProperties: Object.fromEntries(
        properties.filter(([name]) => names.has(name)).map(([name, { value }]) => [name, value]),
      ),
      lastUpdatedAt: toIso(record.updatedAtMs),
    };
  });
  const next = offset + records.length;
  return toReply({
    records,
    totalMatched: selected.length,
    ...(next < selected.length ? { nextToken: String(next) } : {}),
  });
};

function readPositive(call: Call, name: string, fallback: number): number {
  const value = numberField(call.body, name) ?? fallback;
  if (!Number.isInteger(value) || value < 1)
    throw new ApiError(400, "INVALID_PARAMS", `${name} must be a whole number from 1`);
  return value;
}

function texts(values: readonly unknown[]): readonly string[] {
  return values.filter((value): value is string => typeof value === "string");
}
