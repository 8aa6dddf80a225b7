import { mergeRecords } from "./portal/merge-records.ts";
import type { ObjectType } from "./portal/object-type.ts";
import {
  archiveRecord,
  createRecord,
  removeRecord,
  restoreRecord,
  touchRecord,
  updateRecord,
  type Values,
} from "./portal/record-changes.ts";
import type { StoredRecord } from "./portal/stored-record.ts";
import { toChangeContext, type World } from "./world.ts";

/** Changes to a portal at one moment, by the API or by hand; the automatic merge happens here. */
export function changes(world: World, sourceType: string, atMs?: number) {
  const context = toChangeContext(world, sourceType, atMs);
  const { links } = world.portal;

  /** Merges a record into the older owner of its address or domain, where the knob says so. */
  const mergeTwin = (type: ObjectType, record: StoredRecord): StoredRecord => {
    const key = { contacts: "email", companies: "domain" }[type.facts.name];
    const value = key === undefined ? null : type.read(record, key);
    if (!world.knobs.autoMerge || key === undefined || value === null || value === "") return record;
    const owner = type.unique(key).get(value);
    if (owner === undefined || owner === record || owner.current.state !== "live") return record;
    return mergeRecords(context, type, owner, record);
  };

  return {
    create: (type: ObjectType, values: Values, id?: number) => mergeTwin(type, createRecord(context, type, values, id)),
    update(type: ObjectType, record: StoredRecord, values: Values, touch = true): StoredRecord {
      updateRecord(context, type, record, values, touch);
      return mergeTwin(type, record);
    },
    archive: (type: ObjectType, record: StoredRecord) => archiveRecord(context, type, record),
    restore: (type: ObjectType, record: StoredRecord) => restoreRecord(context, type, record),
    merge: (type: ObjectType, primary: StoredRecord, loser: StoredRecord) =>
      mergeRecords(context, type, primary, loser),
    gdprDelete: (type: ObjectType, record: StoredRecord) => removeRecord(context, type, record),
    associate(from: ObjectType, record: StoredRecord, to: ObjectType, target: StoredRecord, label?: string): void {
      links.add(from, record, to, target, label);
      touchBoth(from, record, to, target);
    },
    dissociate(from: ObjectType, record: StoredRecord, to: ObjectType, target: StoredRecord): void {
      links.remove(from, record, to, target);
      touchBoth(from, record, to, target);
    },
  };

  function touchBoth(from: ObjectType, record: StoredRecord, to: ObjectType, target: StoredRecord): void {
    if (!world.knobs.associationTouches) return;
    touchRecord(context, from, record);
    touchRecord(context, to, target);
  }
}
