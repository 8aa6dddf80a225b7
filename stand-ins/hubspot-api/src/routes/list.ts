import { DAY_MS } from "@acme/stand-in-kit";
import { invalid } from "../api-error.ts";
import { type Call, listParameter, readableType, readLimit } from "../call.ts";
import { inlineAssociations } from "../inline-associations.ts";
import type { ObjectType } from "../portal/object-type.ts";
import { findPosition } from "../portal/sorted-view.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import { toColumns, toHistory, toRecordBody } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";

const DEFAULT_LIMIT = 10;
const LINK_HOST = "https://api.hubapi.com";

/** GET /crm/v3/objects/{type}: ascending ids, no filter. */
export function listRecords(call: Call): Reply {
  const { query, knobs } = call;
  const type = readableType(call);
  const archived = query.get("archived") === "true";
  if (archived && type.facts.engagement && knobs.engagementArchivedList === "reject") {
    throw invalid(`Archived ${type.facts.name} cannot be listed`);
  }
  const historyNames = listParameter(query, "propertiesWithHistory");
  const maxLimit = historyNames.length > 0 ? Math.min(knobs.historyMax, knobs.listMaxLimit) : knobs.listMaxLimit;
  const limit = readLimit(query.get("limit"), DEFAULT_LIMIT, maxLimit, knobs);
  const afterId = readAfter(query.get("after"));
  const { shown, next } = takePage(call, type, archived, afterId, limit);

  const columns = toColumns(type, listParameter(query, "properties"), call.app, knobs);
  const historyColumns = historyNames.length > 0 ? toColumns(type, historyNames, call.app, knobs) : undefined;
  const others = toOtherTypes(call);
  const results = shown.map((record) => {
    const body = toRecordBody(call.portal.facts.portalId, type, record, record.current, columns, knobs);
    if (historyColumns !== undefined) body.propertiesWithHistory = toHistory(record, historyColumns);
    const associations = inlineAssociations(call, type, record, others);
    if (associations !== undefined) body.associations = associations;
    return body;
  });
  call.rows = results.length;
  if (next === undefined) return toReply({ results });
  const after = String(next.id);
  const link = `${LINK_HOST}/crm/v3/objects/${type.facts.name}?after=${after}`;
  return toReply({ results, paging: { next: { after, link } } });
}

/** Types named by `associations`; unknown ones are ignored. */
export function toOtherTypes(call: Call): readonly ObjectType[] {
  const types = listParameter(call.query, "associations").map((name) => call.portal.findType(name));
  return [...new Set(types)].filter((type) => type !== undefined);
}

interface ListPage {
  readonly shown: readonly StoredRecord[];
  readonly next: StoredRecord | undefined;
}

function takePage(call: Call, type: ObjectType, archived: boolean, afterId: number, limit: number): ListPage {
  const { records } = type;
  const thinned = !archived && call.knobs.listPages === "thinned";
  const all = archived ? readableArchived(call, type) : thinned ? records.present() : records.live();
  const start = findPosition(all, (record) => record.id < afterId);
  const end = start + toWindow(call, limit);
  const shown = all.slice(start, end);
  return {
    shown: thinned ? shown.filter((record) => record.current.state === "live") : shown,
    next: all[end],
  };
}

/** Fewer than asked for, when a fault says so. */
export function toWindow({ pageFault }: Call, limit: number): number {
  if (pageFault === "empty-page") return 0;
  return pageFault === "short-page" ? Math.ceil(limit / 2) : limit;
}

function readableArchived(call: Call, type: ObjectType): readonly StoredRecord[] {
  const sinceMs = call.nowMs - call.knobs.archiveDays * DAY_MS;
  const all = type.records.archived();
  return all.filter((record) => (record.current.archivedAtMs ?? 0) > sinceMs);
}

function readAfter(text: string | null): number {
  if (text === null || text === "") return 0;
  const after = Number(text);
  if (!Number.isSafeInteger(after) || after < 0) throw invalid(`Invalid after ${text}`);
  return after;
}
