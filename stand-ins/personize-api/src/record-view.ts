import type { RecordView } from "./control.ts";
import type { Organization } from "./organization.ts";
import { toNamedKeys } from "./records.ts";
import type { StoredRecord } from "./stored-record.ts";
import { toValueMap } from "./views.ts";

/** Everything about one record, worked out now. */
export function toRecordView(organization: Organization, record: StoredRecord, historyLimit: number): RecordView {
  const folded = record.fold(historyLimit);
  const cells = folded.cells.map(({ property, collectionId, value, updatedAtMs, version, history }) => ({
    property,
    collectionId,
    collectionName: organization.collections.byId(collectionId)?.collectionName,
    value,
    updatedAtMs,
    version,
    history,
  }));
  return {
    recordId: organization.records.recordIdOf(record),
    organizationId: organization.id,
    type: record.type,
    key: record.key,
    keys: toNamedKeys(record),
    values: toValueMap(folded.cells.filter((cell) => organization.collections.byId(cell.collectionId) !== undefined)),
    cells,
    memories: record.memories(folded).map((memory) => memory.text),
    createdAtMs: record.createdAtMs,
    updatedAtMs: record.updatedAtMs,
    landedRows: record.landedRows,
    deleted: !record.isVisible(),
  };
}
