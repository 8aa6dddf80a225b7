import { BugError, TransientError } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import type { Place } from "./cursor.ts";
import { modifiedMs } from "./modified-property.ts";
import { createNextPage } from "./next-page.ts";
import { callLimits } from "./paths.ts";
import { type HubspotRecord, type SearchAnswer, searchAnswer } from "./responses.ts";
import type { Subject } from "./subject.ts";
import { behind, type Filter, ID, idOrder, type Step, toFilter, toStep } from "./window.ts";

/** What a search looks for. Only what is asked for travels: ids, and the properties that tell where a page ends. */
export interface Query {
  readonly groups: readonly (readonly Filter[])[];
  readonly properties: readonly string[];
  readonly limit: number;
}

type Searched = Pick<Subject, "type">;

/** The next ids of a window. */
export async function nextIds(
  client: HubspotClient,
  subject: Pick<Subject, "type" | "modifiedProperty">,
  at: Place,
  limit: number,
  signal: AbortSignal,
): Promise<Step> {
  const { modifiedProperty } = subject;
  const query = { groups: [[toFilter(at, modifiedProperty)]], properties: [modifiedProperty], limit };
  const { results, hasMore } =
    at.drain === null
      ? await searchByDate(client, subject, query, signal)
      : await searchById(client, subject, query, at.drain.afterId, signal);
  return toStep(
    at,
    results.map((record) => ({ id: record.id, modifiedMs: modifiedMs(record, modifiedProperty) })),
    hasMore,
  );
}

/** A part of what a search finds. */
interface Part {
  readonly results: readonly HubspotRecord[];
  readonly hasMore: boolean;
}

async function searchByDate(
  client: HubspotClient,
  subject: Pick<Subject, "type" | "modifiedProperty">,
  query: Query,
  signal: AbortSignal,
): Promise<Part> {
  const { results, paging } = await ask(client, subject, query, subject.modifiedProperty, null, signal);
  return { results, hasMore: paging !== null };
}

/** The answer moved so often while it was paged: the index is being turned over. */
const MAX_RESTARTS = 20;

/**
 * Records behind an id, by ascending id. Usually one call. Records that are gone may take up places in a page until the index knows: one
 * without any record is passed over, and what is behind it begins at another place as soon as one of them leaves the index. Where the
 * total says so, reading begins again behind the id.
 * @returns at least one record where there are more.
 * @throws TransientError when none of the 10,000 results that can be reached is a record, or the index does not stand still.
 */
export async function searchById(
  client: HubspotClient,
  subject: Searched,
  query: Query,
  afterId: string,
  signal: AbortSignal,
): Promise<Part> {
  const groups = query.groups.map((filters) => [...filters, ...behind(afterId)]);
  const doing = `searching ${subject.type.name}`;
  for (let restarts = 0; restarts < MAX_RESTARTS; restarts += 1) {
    const nextPage = createNextPage(doing);
    let first: SearchAnswer | null = null;
    for (let after: string | null = null; ; ) {
      const answer: SearchAnswer = await ask(client, subject, { ...query, groups }, ID, after, signal);
      first ??= answer;
      if (answer.total !== first.total) break;
      await refuseUnknownOrder(client, subject, query, afterId, answer, signal);
      after = nextPage(answer.paging, after);
      if (answer.results.length > 0 || after === null) return { results: answer.results, hasMore: after !== null };
      if (Number(after) + query.limit > callLimits.searchWindow) throw unsettled(doing);
    }
  }
  throw unsettled(doing);
}

function unsettled(doing: string): TransientError {
  return new TransientError(`${doing}: the search index has yet to forget many records that are gone`, {
    hint: "It passes by itself. Reading goes on from the last page.",
  });
}

async function ask(
  client: HubspotClient,
  subject: Searched,
  { groups, properties, limit }: Query,
  sortBy: string,
  after: string | null,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  return client.call(
    {
      method: "POST",
      path: client.paths.search(subject.type.path),
      body: {
        filterGroups: groups.map((filters) => ({ filters: filters.map((filter) => ({ ...filter })) })),
        sorts: [{ propertyName: sortBy, direction: "ASCENDING" }],
        properties,
        limit,
        ...(after === null ? {} : { after }),
      },
      lane: "search",
      doing: `searching ${subject.type.name}`,
    },
    searchAnswer,
    signal,
  );
}

/**
 * Going on behind the last id is right only where HubSpot filters ids in the order in which it sorts them. It does so as numbers, as
 * far as is known; where a page is sorted as text, one more call makes sure that the filter compares text as well.
 * @throws BugError when it does not: rows would be skipped.
 */
async function refuseUnknownOrder(
  client: HubspotClient,
  subject: Searched,
  query: Query,
  afterId: string,
  { results }: SearchAnswer,
  signal: AbortSignal,
): Promise<void> {
  const order = idOrder(
    afterId,
    results.map((record) => record.id),
  );
  if (order === "numeric") return;
  const groups = query.groups.map((filters) => [...filters, ...behind("9")]);
  const probe = { ...query, groups, limit: callLimits.searchRows };
  const behindNine = order === "none" ? null : await ask(client, subject, probe, ID, null, signal);
  if (behindNine !== null && behindNine.results.every((record) => record.id > "9")) return;
  throw new BugError(`searching ${subject.type.name}: HubSpot sorts record ids unlike it compares them`, {
    hint: "Please report this: records that are read by ascending id cannot be paged without loss.",
  });
}
