import { isFields, listField, textField, textsField } from "@acme/stand-in-kit";
import { invalid } from "../api-error.ts";
import { type Call, readableType } from "../call.ts";
import type { ObjectType } from "../portal/object-type.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import { toColumns, toHistory, toRecordBody } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";
import { findRecord, isReadable, toRecordId } from "./read-record.ts";

/** POST /crm/v3/objects/{type}/batch/read: any number of properties, 100 records, 207 when some are not there. */
export function batchReadRecords(call: Call): Reply {
  const { body, knobs } = call;
  const type = readableType(call);
  const inputs = listField(body, "inputs").map((input) => {
    const id = isFields(input) ? textField(input, "id") : undefined;
    if (id === undefined) throw invalid("Every input needs an id");
    return id;
  });
  const historyNames = textsField(body, "propertiesWithHistory");
  refuseTooMany(call, inputs.length, historyNames.length > 0);
  call.inputs = inputs.length;

  const archived = call.query.get("archived") === "true";
  const idProperty = textField(body, "idProperty");
  const found = new Map<number, StoredRecord>();
  const missing: string[] = [];
  for (const id of new Set(inputs)) {
    const record = isLostByMerge(call, type, id, idProperty) ? undefined : findRecord(type, id, idProperty);
    if (record === undefined || !isReadable(record, archived, knobs, call.nowMs)) missing.push(id);
    else found.set(record.id, record);
  }

  const columns = toColumns(type, textsField(body, "properties"), call.app, knobs);
  const historyColumns = historyNames.length > 0 ? toColumns(type, historyNames, call.app, knobs) : undefined;
  const results = inOrder(call, [...found.values()]).map((record) => {
    const shown = toRecordBody(call.portal.facts.portalId, type, record, record.current, columns, knobs);
    if (historyColumns !== undefined) shown.propertiesWithHistory = toHistory(record, historyColumns);
    return shown;
  });
  call.rows = results.length;
  const at = new Date(call.nowMs).toISOString();
  const complete = { status: "COMPLETE", results, startedAt: at, completedAt: at };
  if (missing.length === 0) return toReply(complete);
  return toReply({ ...complete, numErrors: 1, errors: [toMissing(type, missing)] }, 207);
}

function refuseTooMany(call: Call, count: number, history: boolean): void {
  const { historyMax, batchReadMax } = call.knobs;
  if (history && count > historyMax) {
    throw invalid(
      `The maximum number of inputs supported in a batch request for property histories is ${historyMax}. ` +
        `Received ${count}.`,
    );
  }
  if (count > batchReadMax) {
    throw invalid(`The maximum number of inputs supported in a batch request is ${batchReadMax}. Received ${count}.`);
  }
}

/** Whether this id was merged away and this type's batch read does not follow. */
function isLostByMerge({ knobs }: Call, type: ObjectType, text: string, idProperty: string | undefined): boolean {
  if (knobs.mergedBatchRead === "survivor" || idProperty !== undefined) return false;
  if (knobs.mergedBatchRead === "survivor-of-contacts" && type.facts.name === "contacts") return false;
  const id = toRecordId(text);
  return id !== undefined && type.records.survivorOf(id) !== undefined;
}

function inOrder({ knobs }: Call, records: readonly StoredRecord[]): readonly StoredRecord[] {
  if (knobs.batchReadOrder === "input") return records;
  if (knobs.batchReadOrder === "id") return records.toSorted((left, right) => left.id - right.id);
  return records.toSorted((left, right) => left.rank - right.rank);
}

function toMissing(type: ObjectType, ids: readonly string[]) {
  return {
    status: "error",
    category: "OBJECT_NOT_FOUND",
    message:
      `Could not get some ${type.facts.entity} objects, they may be deleted or not exist. ` +
      "Check that ids are valid.",
    context: { ids },
  };
}
