import { type Call, readableType } from "../call.ts";
import type { StoredRecord } from "../portal/stored-record.ts";
import { toColumns, toRecordBody } from "../record-body.ts";
import { type Reply, toReply } from "../reply.ts";
import { runSearch } from "../search/run-search.ts";
import { parseSearch } from "../search/search-request.ts";
import { toWindow } from "./list.ts";

/** POST /crm/v3/objects/{type}/search: what the index knows, 10,000 matches at most. */
export function searchRecords(call: Call): Reply {
  const type = readableType(call);
  const search = parseSearch(call, type);
  const matches = runSearch(call, type, search);
  const end = search.offset + toWindow(call, search.limit);
  const shown = matches.slice(search.offset, end).filter((record) => isShown(call, record));
  const columns = toColumns(type, search.properties, call.app, call.knobs);
  const results = shown.map((record) => {
    const asIndexed = call.knobs.searchValues === "indexed" || record.current.state !== "live";
    const version = asIndexed ? (record.indexed ?? record.current) : record.current;
    return toRecordBody(call.portal.facts.portalId, type, record, version, columns, call.knobs);
  });
  call.rows = results.length;
  const body = { total: matches.length, results };
  return toReply(end < matches.length ? { ...body, paging: { next: { after: String(end) } } } : body);
}

/** A record that was archived, merged or deleted and is still in the index. */
function isShown({ knobs }: Call, record: StoredRecord): boolean {
  return record.current.state === "live" || knobs.removedInSearch === "shown";
}
