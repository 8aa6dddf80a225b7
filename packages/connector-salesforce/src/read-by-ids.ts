import { TransientError } from "@acme/sync-core";
import type { SalesforceClient } from "./salesforce-client.ts";
import { addressBytes, chunkFields, ID, idsAtOnce, MAX_QUERY_BYTES, toIdsCondition, toSoql } from "./query.ts";
import type { RestRecord } from "./responses.ts";
import { toLongId } from "./record-ids.ts";
import type { Subject } from "./subject.ts";

/** How often a row is read again that changed while its fields were read by several queries. */
const MAX_TRIES = 4;
/** Of an address, what names of fields may take beside ids. */
const FIELDS_SHARE = 0.5;

/**
 * Records by id as they are now, deleted ones too where they can be told; those that are not there are absent. Where the names of
 * the fields do not fit into one address, several queries read them, and a row that changed in between is read again.
 */
export async function readByIds(
  client: SalesforceClient,
  subject: Subject,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RestRecord>> {
  const chunks = chunkFields(fields, subject.fixed, 200, MAX_QUERY_BYTES * FIELDS_SHARE);
  const found = new Map<string, RestRecord>();
  let left = ids;
  for (let tries = 0; left.length > 0; tries += 1) {
    if (tries >= MAX_TRIES) {
      throw new TransientError(`reading ${subject.object}: a record changed at every try to read all of its fields`, {
        hint: "Something writes it all the time. Reading goes on from the last page.",
      });
    }
    const parts: ReadonlyMap<string, RestRecord>[] = [];
    for (const chunk of chunks) parts.push(await readChunk(client, subject, left, chunk, signal));
    left = left.filter((id) => {
      const versions = parts.map((part) => part.get(id));
      const present = versions.filter((version) => version !== undefined);
      if (present.length === 0) return false;
      if (present.length < versions.length || !isOneVersion(present, subject)) return true;
      found.set(id, Object.assign({}, ...present));
      return false;
    });
  }
  return found;
}

/** The same stamp means the same version; without a stamp nothing can be told. */
export function isOneVersion(versions: readonly RestRecord[], { cursorField }: Pick<Subject, "cursorField">): boolean {
  return cursorField === null || new Set(versions.map((version) => version[cursorField])).size === 1;
}

async function readChunk(
  client: SalesforceClient,
  subject: Subject,
  ids: readonly string[],
  fields: readonly string[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, RestRecord>> {
  const { object, showsDeleted } = subject;
  const doing = `reading ${object}`;
  const empty = toSoql({ object, fields, where: [toIdsCondition([])] });
  const atOnce = idsAtOnce(addressBytes(empty));
  const found = new Map<string, RestRecord>();
  for (let start = 0; start < ids.length; start += atOnce) {
    const soql = toSoql({ object, fields, where: [toIdsCondition(ids.slice(start, start + atOnce))] });
    let page = await client.query(soql, showsDeleted, doing, signal);
    for (let restarts = 0; ; ) {
      for (const record of page.records) found.set(toLongId(String(record[ID])), record);
      if (page.next === null) break;
      const next = await client.queryMore(page.next, doing, signal);
      if (next === null && (restarts += 1) > MAX_TRIES) {
        throw new TransientError(`${doing}: Salesforce loses the query again and again`, {
          hint: "Reading goes on from the last page.",
        });
      }
      page = next ?? (await client.query(soql, showsDeleted, doing, signal));
    }
  }
  return found;
}
