import { createHash } from "node:crypto";
import { type ApiEvent, toPhase, toStatus } from "./api-event.ts";
import type { Cell, Memory } from "./folded-record.ts";
import type { Knobs } from "./knobs.ts";
import type { Organization } from "./organization.ts";
import { toNamedKeys } from "./records.ts";
import type { StoredRecord } from "./stored-record.ts";
import { toIso } from "./to-iso.ts";

/** `crmKeys` of one record. */
export function toCrmKeys(record: StoredRecord): Record<string, string> {
  return { type: record.type, ...toNamedKeys(record) };
}

/** `records{id: {property: {value, collectionId}}}` of a search. The first collection that has a property wins. */
export function toPropertyMap(cells: readonly Cell[]): Record<string, { value: unknown; collectionId: string }> {
  const map: Record<string, { value: unknown; collectionId: string }> = {};
  for (const { property, value, collectionId } of cells) {
    if (!Object.hasOwn(map, property)) map[property] = { value, collectionId };
  }
  return map;
}

/** Plain values by property. */
export function toValueMap(cells: readonly Cell[]): Record<string, unknown> {
  const map: Record<string, unknown> = {};
  for (const { property, value } of cells) if (!Object.hasOwn(map, property)) map[property] = value;
  return map;
}

export interface MemoryView {
  readonly id: string;
  readonly text: string;
  readonly createdAt: string;
  readonly recordId: string | null;
  readonly type: string;
  readonly propertyName: string | null;
  readonly collectionId: string | null;
  readonly collectionName: string | null;
}

export function toMemoryId(recordId: string, text: string): string {
  return `MEM#${createHash("sha256").update(`${recordId}|${text}`).digest("hex").slice(0, 32)}`;
}

export function toMemoryView(organization: Organization, record: StoredRecord | undefined, memory: Memory): MemoryView {
  const recordId = record === undefined ? null : organization.records.recordIdOf(record);
  return {
    id: toMemoryId(recordId ?? "", memory.text),
    text: memory.text,
    createdAt: toIso(memory.createdAtMs),
    recordId,
    type: record?.type ?? "",
    propertyName: memory.property ?? null,
    collectionId: memory.collectionId === "" ? null : memory.collectionId,
    collectionName: organization.collections.byId(memory.collectionId)?.collectionName ?? null,
  };
}

/** An event as GET /events/:id and the listing show it. */
export function toEventView(event: ApiEvent, knobs: Knobs, nowMs: number): Record<string, unknown> {
  const phase = toPhase(event, nowMs);
  const view: Record<string, unknown> = {
    eventId: event.eventId,
    type: event.type,
    status: toStatus(event, nowMs, knobs.eventVocabulary),
    createdAt: toIso(event.createdAtMs),
    updatedAt: toIso(event.finishedAtMs ?? (phase === "processing" ? event.processingAtMs : event.createdAtMs)),
  };
  if (event.end === undefined) return view;
  const failedCount = event.end === "failed" && event.failures.length === 0 ? event.rowCount : event.failures.length;
  const counts = { recordCount: event.rowCount, successCount: event.rowCount - failedCount, failedCount };
  if (event.end === "stale") view["error"] = "The event did not finish in time";
  else if (event.end === "failed") view["error"] = "No row could be processed";
  else if (event.end === "partial") view["error"] = "Some rows could not be processed";
  if (knobs.eventVocabulary === "managed") Object.assign(view, counts);
  if (event.end === "stale" || knobs.failureReport === "none") return view;
  view["responsePayload"] =
    knobs.failureReport === "rows" && event.failures.length > 0 ? { ...counts, errors: event.failures } : counts;
  return view;
}
