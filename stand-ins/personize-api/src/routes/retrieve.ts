import { type Fields, flagField, numberField, objectField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Call, Handler } from "../call.ts";
import { toGroups } from "../condition.ts";
import type { Cell } from "../folded-record.ts";
import { toIdentifiers } from "../records.ts";
import { type Reply, toReply } from "../reply.ts";
import { select } from "../select.ts";
import { toIso } from "../to-iso.ts";
import { toCrmKeys } from "../views.ts";
import { smartRecall } from "./recall.ts";

/** v1 `/retrieve`: filters, or semantic recall when none are given. */
export const retrieve: Handler = (call) => {
  const filters = objectField(call.body, "filters");
  return filters === undefined ? smartRecall(call) : filter(call, filters);
};

/** v1.1 `/memory/retrieve`: the same, behind the organization gate. */
export const retrieveGated: Handler = (call) => {
  if (call.world.knobs.retrieveGated) {
    throw new ApiError(403, "permission_error", "Retrieve is not enabled for this organization");
  }
  return retrieve(call);
};

function filter(call: Call, filters: Fields): Reply {
  const { organization, world } = call;
  const crmFilter = objectField(filters, "crmFilter") ?? {};
  const pageSize = Math.min(numberField(filters, "pageSize") ?? 50, 200);
  const page = numberField(filters, "page") ?? 1;
  const selected = select(call, {
    typeKey: (textField(crmFilter, "type") ?? textField(filters, "type"))?.trim().toLowerCase(),
    identifiers: toIdentifiers(crmFilter),
    groups: toGroups(filters, "retrieve"),
    dialect: "retrieve",
    collectionIds: [],
  });
  const shown = flagField(filters, "countOnly") ? [] : selected.slice((page - 1) * pageSize, page * pageSize);
  const withRecords = flagField(filters, "returnRecords");
  const records = shown.map((record) => ({
    record_id: organization.records.recordIdOf(record),
    entity_type: record.type,
    crm_keys: toCrmKeys(record),
    ...(withRecords ? { properties: toProperties(record.fold(world.knobs.historyLimit).cells) } : {}),
  }));
  return toReply({ records, pagination: { totalMatched: selected.length, page, pageSize } });
}

function toProperties(cells: readonly Cell[]): Record<string, unknown> {
  const properties: Record<string, unknown> = {};
  for (const cell of cells) {
    properties[cell.property] ??= cell.appendOnly
      ? { History: (Array.isArray(cell.value) ? cell.value : [cell.value]).map((value: unknown) => ({ Value: value })) }
      : { Result: cell.value, UpdatedAt: toIso(cell.updatedAtMs) };
  }
  return properties;
}
