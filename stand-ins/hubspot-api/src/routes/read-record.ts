import { DAY_MS } from "@acme/stand-in-kit";
import { invalid, notFound } from "../api-error.ts";
import { type Call, listParameter, readableType } from "../call.ts";
import { inlineAssociations } from "../inline-associations.ts";
import type { Knobs } from "../knobs.ts";
import type { ObjectType } from "../portal/object-type.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import { toColumns, toHistory, toRecordBody } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";
import { toOtherTypes } from "./list.ts";

/** GET /crm/v3/objects/{type}/{id}. A merged id answers the survivor, under its own id. */
export function readRecord(call: Call): Reply {
  const { query } = call;
  const type = readableType(call);
  const record = findRecord(type, call.params["id"] ?? "", query.get("idProperty"));
  if (record === undefined || !isReadable(record, query.get("archived") === "true", call.knobs, call.nowMs)) {
    throw notFound();
  }
  const columns = toColumns(type, listParameter(query, "properties"), call.app, call.knobs);
  const body = toRecordBody(call.portal.facts.portalId, type, record, record.current, columns, call.knobs);
  const historyNames = listParameter(query, "propertiesWithHistory");
  if (historyNames.length > 0) {
    body.propertiesWithHistory = toHistory(record, toColumns(type, historyNames, call.app, call.knobs));
  }
  const associations = inlineAssociations(call, type, record, toOtherTypes(call));
  if (associations !== undefined) body.associations = associations;
  call.rows = 1;
  return toReply(body);
}

/** The record an id or a unique value stands for, merges followed. Throws 400 for a property that is not unique. */
export function findRecord(
  type: ObjectType,
  text: string,
  idProperty: string | null | undefined,
): StoredRecord | undefined {
  if (idProperty !== null && idProperty !== undefined && idProperty !== "" && idProperty !== "hs_object_id") {
    if (type.property(idProperty)?.hasUniqueValue !== true) {
      throw invalid(`The property ${idProperty} is not a unique identifier of ${type.facts.name}`);
    }
    return type.unique(idProperty).get(text);
  }
  const id = toRecordId(text);
  if (id === undefined) return undefined;
  return type.records.get(type.records.survivorOf(id) ?? id);
}

/** A record id; undefined for a text that is none. */
export function toRecordId(text: string): number | undefined {
  const id = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(id) ? id : undefined;
}

/** Live, or archived and asked for as such and not too old. */
export function isReadable(record: StoredRecord, archived: boolean, knobs: Readonly<Knobs>, nowMs: number): boolean {
  const { state, archivedAtMs = 0 } = record.current;
  if (state === "gone" || (state === "archived") !== archived) return false;
  return state === "live" || archivedAtMs > nowMs - knobs.archiveDays * DAY_MS;
}
