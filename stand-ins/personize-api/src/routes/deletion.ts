import { listField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import { type Call, type Handler, requireRecord } from "../call.ts";
import { hasIdentifier, toIdentifiers } from "../records.ts";
import { toReply } from "../reply.ts";
import { RESTORABLE_MS, type StoredRecord } from "../stored-record.ts";
import { toIso } from "../to-iso.ts";
import { toMemoryId } from "../views.ts";

/** `deleteRecord`: soft, restorable for 30 days; the record is invisible at once. */
export const deleteRecord: Handler = (call) => {
  const recordId = call.params["id"] ?? textField(call.body, "recordId", "record_id");
  const record = requireRecord(call, recordId === undefined ? call.body : { ...call.body, recordId });
  record.deletedAtMs = call.nowMs;
  noteChange(call);
  return toReply({
    recordId: call.organization.records.recordIdOf(record),
    deletedCount: 1,
    hardDeleteAt: toIso(call.nowMs + RESTORABLE_MS),
  });
};

/** `cancelDeletion`: 404 when nothing is deleted, 409 DELETION_FINALIZED after 30 days. */
export const cancelDeletion: Handler = (call) => {
  const identifiers = toIdentifiers(call.body);
  if (!hasIdentifier(identifiers)) throw new ApiError(400, "MISSING_PARAMS", "could not resolve recordId");
  const { records } = call.organization;
  const record = records.find(identifiers, textField(call.body, "type")?.trim().toLowerCase());
  if (record?.deletedAtMs === undefined) throw new ApiError(404, "RECORD_NOT_FOUND", "No deleted record found");
  if (record.isFinallyDeleted(call.nowMs)) {
    throw new ApiError(409, "DELETION_FINALIZED", "The record was deleted for good after 30 days");
  }
  record.deletedAtMs = undefined;
  noteChange(call);
  const folded = record.fold(call.world.knobs.historyLimit);
  return toReply({
    recordId: records.recordIdOf(record),
    restoredCounts: { properties: folded.cells.length, memories: record.memories(folded).length },
  });
};

/** `delete`: memories by id, or all memories of one record (optionally only those older than `olderThan`). */
export const deleteMemories: Handler = (call) => {
  const ids = new Set(listField(call.body, "ids").filter((id): id is string => typeof id === "string"));
  const olderThan = textField(call.body, "olderThan");
  const olderThanMs = olderThan === undefined ? Number.POSITIVE_INFINITY : Date.parse(olderThan);
  if (Number.isNaN(olderThanMs)) throw new ApiError(400, "INVALID_PARAMS", "olderThan must be a date");
  const byKeys = hasIdentifier(toIdentifiers(call.body));
  if (ids.size === 0 && !byKeys && olderThan === undefined) {
    throw new ApiError(400, "MISSING_PARAMS", "ids, keys or olderThan is required");
  }
  const records = byKeys ? [requireRecord(call)] : call.organization.records.all();
  let deletedCount = 0;
  for (const record of records) {
    if (!record.mayHaveMemories) continue;
    deletedCount += deleteFrom(call, record, ids, olderThanMs);
  }
  if (ids.size > 0 && deletedCount === 0) throw new ApiError(404, "MEMORY_NOT_FOUND", "No such memory");
  noteChange(call);
  return toReply({ deletedCount, hardDeleteAt: toIso(call.nowMs + RESTORABLE_MS) });
};

function deleteFrom(call: Call, record: StoredRecord, ids: ReadonlySet<string>, olderThanMs: number): number {
  const recordId = call.organization.records.recordIdOf(record);
  let count = 0;
  for (const memory of record.memories(record.fold(call.world.knobs.historyLimit))) {
    if (ids.size > 0 && !ids.has(toMemoryId(recordId, memory.text))) continue;
    if (memory.createdAtMs >= olderThanMs) continue;
    record.deletedMemories ??= new Map();
    record.deletedMemories.set(memory.text, call.nowMs);
    count += 1;
  }
  return count;
}

function noteChange(call: Call): void {
  call.applied = true;
  call.world.changed = true;
}
