import { type Fields, flagField, isFields, listField, objectField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import { type Call, type Handler, requireRecord } from "../call.ts";
import type { Cell } from "../folded-record.ts";
import { toReply } from "../reply.ts";
import type { StoredRecord } from "../stored-record.ts";
import { toIso } from "../to-iso.ts";
import { toWritePlan } from "../write-plan.ts";
import { toCrmKeys, toMemoryView, toPropertyMap } from "../views.ts";

/** One record with its properties and memories: `manage.get`. */
export const readRecord: Handler = (call) => {
  const record = requireRecord(call, { ...call.body, ...call.params, recordId: recordIdOf(call) });
  const folded = record.fold(call.world.knobs.historyLimit);
  return toReply({
    recordId: call.organization.records.recordIdOf(record),
    type: record.type,
    crmKeys: toCrmKeys(record),
    properties: toPropertyMap(folded.cells),
    memories: record.memories(folded).map((memory) => toMemoryView(call.organization, record, memory)),
  });
};

/** `properties`: the values of one record. */
export const readProperties: Handler = (call) => {
  const record = requireRecord(call);
  const { cells } = record.fold(call.world.knobs.historyLimit);
  return toReply({
    recordId: call.organization.records.recordIdOf(record),
    type: record.type,
    properties: toPropertyMap(cells),
  });
};

/** `propertyHistory`: present value first, then former ones, newest first. */
export const readPropertyHistory: Handler = (call) => {
  const fields = { ...Object.fromEntries(call.query), ...call.body, ...call.params };
  const record = requireRecord(call, { ...fields, recordId: recordIdOf(call) });
  const propertyName = textField(fields, "propertyName");
  const { cells } = record.fold(call.world.knobs.historyLimit);
  const shown = cells.filter((cell) => propertyName === undefined || isNamed(call, cell, propertyName));
  return toReply({
    recordId: call.organization.records.recordIdOf(record),
    history: shown.flatMap((cell) => [
      { propertyName: cell.property, value: cell.value, updatedAt: toIso(cell.updatedAtMs), current: true },
      ...cell.history.toReversed().map(({ value, updatedAtMs }) => ({
        propertyName: cell.property,
        value,
        updatedAt: toIso(updatedAtMs),
        current: false,
      })),
    ]),
  });
};

/** `update`: one property of one record, at once. 409 VERSION_CONFLICT when `expectedVersion` is not the present one. */
export const updateProperty: Handler = (call) => toReply(change(call, { ...call.body, recordId: recordIdOf(call) }));

/** `bulkUpdate`: several updates; all or none are refused before the first is made only by their shape. */
export const bulkUpdate: Handler = (call) => {
  const updates = listField(call.body, "updates", "items", "records").filter(isFields);
  const shared = objectField(call.body, "defaults") ?? {};
  if (updates.length === 0) throw new ApiError(400, "MISSING_PARAMS", "updates is required");
  const results = updates.map((update) => {
    try {
      return { success: true, ...change(call, { ...shared, ...update }) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      return { success: false, recordId: textField(update, "recordId"), error: error.code, message: error.message };
    }
  });
  return toReply({ results, updatedCount: results.filter((result) => result.success).length });
};

function change(call: Call, request: Fields) {
  const { organization, world, nowMs } = call;
  const record = requireRecord(call, request);
  const propertyName = textField(request, "propertyName");
  if (propertyName === undefined) throw new ApiError(400, "MISSING_PARAMS", "propertyName is required");
  const target = findTarget(call, record, propertyName, textField(request, "collectionId"));
  const cell = record
    .fold(world.knobs.historyLimit)
    .cells.find((other) => other.property === target.property && other.collectionId === target.collectionId);
  const version = cell?.version ?? 0;
  const { expectedVersion } = request;
  if (typeof expectedVersion === "number" && expectedVersion !== version) {
    throw new ApiError(409, "VERSION_CONFLICT", "The property has changed meanwhile", { currentVersion: version });
  }
  const newValue = toNewValue(call, request, cell?.value ?? null, target.appendOnly);
  const plan = toWritePlan({
    type: record.type,
    recordIdField: undefined,
    emailField: undefined,
    websiteField: undefined,
    customKeyName: undefined,
    customKeyField: undefined,
    targets: [{ ...target, field: "value", appendOnly: false, extract: false }],
    creditsPerRow: 0,
    chargeAlways: false,
  });
  record.add({ plan, row: { value: newValue }, landedAtMs: nowMs }, world.knobs.historyLimit);
  record.landedRows -= 1;
  call.applied = true;
  world.changed = true;
  return {
    recordId: organization.records.recordIdOf(record),
    propertyName: target.property,
    previousValue: cell?.value ?? null,
    newValue,
    version: version + 1,
    stores: { snapshot: true, lancedb: true, freeform: true },
  };
}

function toNewValue(call: Call, request: Fields, previous: unknown, appendOnly: boolean): unknown {
  const items: readonly unknown[] = Array.isArray(previous) ? previous : previous === null ? [] : [previous];
  const push = objectField(request, "arrayPush");
  if (push !== undefined) {
    const added = listField(push, "items");
    const unique = flagField(push, "unique");
    return [...items, ...(unique ? added.filter((item) => !items.includes(item)) : added)];
  }
  const remove = objectField(request, "arrayRemove");
  if (remove !== undefined) {
    const removed = listField(remove, "items");
    const indices = listField(remove, "indices");
    return items.filter((item, index) => !removed.includes(item) && !indices.includes(index));
  }
  const patch = objectField(request, "arrayPatch");
  if (patch !== undefined) {
    const match = objectField(patch, "match") ?? {};
    const set = objectField(patch, "set") ?? {};
    return items.map((item) =>
      isFields(item) && Object.entries(match).every(([name, value]) => item[name] === value)
        ? { ...item, ...set }
        : item,
    );
  }
  if (!("propertyValue" in request))
    throw new ApiError(400, "MISSING_PARAMS", "propertyValue or an array change is required");
  if (appendOnly && call.world.knobs.appendOnlySet === "reject") {
    throw new ApiError(400, "INVALID_PARAMS", "This property is append-only: use arrayPush");
  }
  return request["propertyValue"];
}

function findTarget(call: Call, record: StoredRecord, propertyName: string, collectionId: string | undefined) {
  const { collections } = call.organization;
  const collection = collectionId === undefined ? undefined : collections.byId(collectionId);
  const definition = collection?.propertiesByName.get(propertyName);
  if (collection !== undefined && definition !== undefined) {
    return { property: definition.systemName, collectionId: collection.collectionId, appendOnly: !definition.update };
  }
  const found = collectionId === undefined ? collections.findProperty(record.typeKey, propertyName) : undefined;
  if (found === undefined) throw new ApiError(404, "not_found_error", `Property ${propertyName} not found`);
  return {
    property: found.property.systemName,
    collectionId: found.collection.collectionId,
    appendOnly: !found.property.update,
  };
}

function isNamed(call: Call, cell: Cell, propertyName: string): boolean {
  if (cell.property === propertyName) return true;
  const definition = call.organization.collections.byId(cell.collectionId)?.propertiesByName.get(propertyName);
  return definition?.systemName === cell.property;
}

function recordIdOf(call: Call): string | undefined {
  return call.params["id"] ?? textField(call.body, "recordId", "record_id");
}
