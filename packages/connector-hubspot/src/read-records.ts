import { TransientError } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import { mergedAway } from "./merges.ts";
import type { ObjectType } from "./object-types.ts";
import { callLimits } from "./paths.ts";
import { batchAnswer, type HubspotRecord, missingIds } from "./responses.ts";

/** What became of ids that were asked for. */
export interface RecordsById {
  /** By the id that HubSpot returned, which is not always the one asked for. */
  readonly records: ReadonlyMap<string, HubspotRecord>;
  /** Ids asked for that are no longer theirs: archived, deleted, or merged into another record. */
  readonly gone: readonly string[];
}

/** Calls under way at once. The pacer keeps the limits; this bounds memory and sockets. */
const CONCURRENT_CALLS = 4;

/**
 * Reads records by id, by 100 a call, with any number of properties. This reads the data itself, not the search index.
 * @throws TransientError when HubSpot leaves out an id without saying why: absence is taken for deletion.
 */
export async function readRecords(
  client: HubspotClient,
  type: ObjectType,
  ids: readonly string[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<RecordsById> {
  const chunks: (readonly string[])[] = [];
  for (let start = 0; start < ids.length; start += callLimits.batchReadIds) {
    chunks.push(ids.slice(start, start + callLimits.batchReadIds));
  }
  const records = new Map<string, HubspotRecord>();
  const gone: string[] = [];
  const readNext = async (): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
      const found = await readChunk(client, type, chunk, properties, signal);
      for (const [id, record] of found.records) records.set(id, record);
      gone.push(...found.gone);
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENT_CALLS, chunks.length) }, readNext));
  return { records, gone: gone.filter((id) => !records.has(id)) };
}

async function readChunk(
  client: HubspotClient,
  type: ObjectType,
  ids: readonly string[],
  properties: readonly string[],
  signal: AbortSignal,
): Promise<RecordsById> {
  const doing = `reading ${type.name}`;
  const { results, errors } = await client.call(
    {
      method: "POST",
      path: client.paths.batchRead(type.path),
      query: { archived: "false" },
      body: { inputs: ids.map((id) => ({ id })), properties },
      lane: "general",
      doing,
    },
    batchAnswer,
    signal,
  );
  const records = new Map(results.filter((record) => record.archived !== true).map((record) => [record.id, record]));
  const missing = new Set(missingIds(errors));
  for (const record of results) if (record.archived === true) missing.add(record.id);
  const merged = new Set(results.flatMap((record) => mergedAway(record).map((away) => away.id)));
  const unexplained = ids.filter((id) => !records.has(id) && !missing.has(id) && !merged.has(id));
  const [only] = unexplained;
  if (ids.length === 1 && only !== undefined) {
    // Asked alone, and answered with another record: that is where it went.
    if (records.size === 0) throw leftOut(doing);
  } else {
    for (const id of unexplained) {
      const alone = await readChunk(client, type, [id], properties, signal);
      for (const [key, record] of alone.records) records.set(key, record);
    }
  }
  return { records, gone: ids.filter((id) => !records.has(id)) };
}

function leftOut(doing: string): TransientError {
  return new TransientError(`${doing}: HubSpot left out a record without saying that it is gone`, {
    hint: "Reading goes on from the last page.",
  });
}
