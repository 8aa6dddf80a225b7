import { SyncError } from "@acme/sync-core";
import type { RecordCursor, Sweep } from "./cursor.ts";
import { MERGED_IDS, MERGED_VIDS, mergedAway } from "./merges.ts";
import { createNextPage } from "./next-page.ts";
import { callLimits } from "./paths.ts";
import type { Part, Reading } from "./reading.ts";
import { type HubspotRecord, listAnswer } from "./responses.ts";
import { searchById } from "./search.ts";
import { type SizedRow, toDeleted } from "./subject.ts";
import { toMs } from "./values.ts";
import { type Filter, FIRST_ID } from "./window.ts";

/** Rows after which a sweep yields, so that its place is kept. Most of what it looks at yields no row. */
const CALLS_A_PART = 10;

/**
 * Records that were archived since the last time. HubSpot lists everything that is archived (for 90 days), in no order of time, and
 * does not move the modified date: the whole list is walked, 100 a call, and what was archived before is passed over. With a record
 * go those that were merged into it: once it is archived, nothing else names them.
 */
export async function* sweepArchived(reading: Reading, start: RecordCursor, sweep: Sweep): AsyncGenerator<Part> {
  const { client, config, subject, signal, notices } = reading;
  const walk = sweep.walk ?? { startedMs: client.serverNow(), after: null };
  const names = [subject.modifiedProperty, ...mergePropertiesOf(subject)];
  const sinceMs = sweep.atMs - config.overlapMs;
  let after = walk.after;
  const nextPage = createNextPage(`reading archived ${subject.type.name}`);
  let rows: SizedRow[] = [];
  for (let calls = 1; ; calls += 1) {
    let answer: { readonly results: readonly HubspotRecord[]; readonly paging: string | null };
    try {
      answer = await client.call(
        {
          method: "GET",
          path: client.paths.objects(subject.type.path),
          query: {
            limit: String(callLimits.listRows),
            archived: "true",
            properties: names.join(","),
            ...(after === null ? {} : { after }),
          },
          lane: "general",
          doing: `reading archived ${subject.type.name}`,
        },
        listAnswer,
        signal,
      );
    } catch (error) {
      // Some activities could not be listed once archived (HubSpot answered 400): the other sweeps go on.
      if (!SyncError.is(error) || error.kind !== "config") throw error;
      notices.push(
        `HubSpot does not list archived ${subject.type.name}: what was archived shows with reconcileEveryMs only`,
      );
      answer = { results: [], paging: null };
    }
    for (const record of answer.results) {
      if (!isNew(record, sinceMs)) continue;
      rows.push(toDeleted(record.id), ...mergedAway(record).map(({ id }) => toDeleted(id)));
    }
    after = nextPage(answer.paging, after);
    if (after !== null && calls % CALLS_A_PART !== 0) continue;
    const archived: Sweep =
      after === null ? { atMs: walk.startedMs, walk: null } : { ...sweep, walk: { ...walk, after } };
    yield { rows, cursor: { ...start, archived }, proved: null };
    if (after === null) return;
    rows = [];
  }
}

function isNew({ archivedAt }: HubspotRecord, sinceMs: number): boolean {
  const archivedMs = archivedAt == null ? null : toMs(archivedAt);
  return archivedMs === null || archivedMs >= sinceMs;
}

/**
 * Records that were merged into others. They vanish without being archived; only the survivor names them. A merge moves the
 * survivor's modified date, so that the passes by date see it too: this sweep is for what they may have missed.
 */
export async function* sweepMerged(reading: Reading, start: RecordCursor, sweep: Sweep): AsyncGenerator<Part> {
  const { client, config, subject, signal } = reading;
  const walk = sweep.walk ?? { startedMs: client.serverNow(), after: null };
  const names = mergePropertiesOf(subject);
  // What the last sweep could not see yet, since the index lags, belongs to this one.
  const sinceMs = sweep.atMs - config.overlapMs - config.lagMs;
  const query = {
    groups: names.map((name): readonly Filter[] => [{ propertyName: name, operator: "HAS_PROPERTY" }]),
    properties: names,
    limit: callLimits.searchRows,
  };
  let after = walk.after ?? FIRST_ID;
  for (;;) {
    const { results, hasMore } = await searchById(client, subject, query, after, signal);
    after = results.at(-1)?.id ?? after;
    const rows = results
      .flatMap((record) => mergedAway(record))
      .filter(({ atMs }) => atMs === null || atMs >= sinceMs)
      .map(({ id }) => toDeleted(id));
    const merged: Sweep = hasMore ? { ...sweep, walk: { ...walk, after } } : { atMs: walk.startedMs, walk: null };
    yield { rows, cursor: { ...start, merged }, proved: null };
    if (!hasMore) return;
  }
}

function mergePropertiesOf(subject: Reading["subject"]): readonly string[] {
  return [MERGED_IDS, MERGED_VIDS].filter((name) => subject.requested.includes(name));
}
