import type { ObjectType } from "./object-type.ts";
import { type ChangeContext, createRecord, removeRecord, updateRecord, type Values } from "./record-changes.ts";
import { noValues, type StoredRecord } from "./stored-record.ts";

/**
 * Merges `loser` into `primary`; the values of `primary` win. Answers the record that is left, which may be a new one.
 * The ones that are not left vanish without being archived, and reading by their ids leads to the survivor.
 */
export function mergeRecords(
  context: ChangeContext,
  type: ObjectType,
  primary: StoredRecord,
  loser: StoredRecord,
): StoredRecord {
  if (primary === loser) throw new RangeError(`${type.facts.name} ${primary.id} cannot be merged into itself`);
  const { mergeResult } = context.knobs;
  const mintsNew = mergeResult === "new" || (mergeResult === "new-for-deals" && type.facts.name === "deals");
  const values = mergedValues(context, type, primary, loser, mintsNew);
  const survivor = mintsNew ? createRecord(context, type, noValues) : primary;
  const gone = mintsNew ? [primary, loser] : [loser];
  for (const record of gone) moveLinks(context, type, record, survivor);
  for (const record of gone) {
    removeRecord(context, type, record);
    type.records.mergeInto(record.id, survivor.id);
  }
  updateRecord({ ...context, sourceType: "MERGE_OBJECTS" }, type, survivor, values);
  return survivor;
}

function mergedValues(
  context: ChangeContext,
  type: ObjectType,
  primary: StoredRecord,
  loser: StoredRecord,
  everything: boolean,
): Values {
  const values = new Map<string, string | null>();
  const { facts } = type;
  const own = new Set(["hs_object_id", facts.modifiedProperty, facts.createdProperty]);
  for (const name of type.properties.keys()) {
    if (own.has(name)) continue;
    const kept = type.read(primary, name);
    const taken = kept === null || kept === "" ? type.read(loser, name) : kept;
    if (taken !== null && (everything || taken !== kept)) values.set(name, taken);
  }
  const merged = everything ? [primary, loser] : [loser];
  values.set(
    "hs_merged_object_ids",
    join(
      type.read(primary, "hs_merged_object_ids"),
      type.read(loser, "hs_merged_object_ids"),
      ...merged.map((record) => String(record.id)),
    ),
  );
  if (facts.name === "contacts") {
    const latest = merged.map((record) => `${record.id}:${context.nowMs}`);
    const before = [type.read(primary, "hs_calculated_merged_vids"), type.read(loser, "hs_calculated_merged_vids")];
    values.set(
      "hs_calculated_merged_vids",
      join(...(context.knobs.mergedVids === "complete" ? before : []), ...latest),
    );
    const addresses = join(
      type.read(primary, "hs_additional_emails"),
      type.read(loser, "hs_additional_emails"),
      type.read(primary, "email") === null ? null : type.read(loser, "email"),
    );
    if (addresses !== "") values.set("hs_additional_emails", addresses);
  }
  return values;
}

function join(...parts: readonly (string | null)[]): string {
  return parts.filter((part) => part !== null && part !== "").join(";");
}

function moveLinks(context: ChangeContext, type: ObjectType, from: StoredRecord, to: StoredRecord): void {
  const { links } = context.portal;
  for (const other of context.portal.types()) {
    for (const { id, types } of links.targets(type, from, other)) {
      const target = other.records.get(id);
      if (target === undefined || target === to) continue;
      links.remove(type, from, other, target);
      links.add(type, to, other, target);
      for (const { label } of types) if (label !== null) links.add(type, to, other, target, label);
    }
  }
}
