import { BugError, TransientError } from "@acme/sync-core";
import type { HubspotClient } from "./client.ts";
import type { Place } from "./cursor.ts";
import { modifiedMs } from "./modified-property.ts";
import { createNextPage } from "./next-page.ts";
import { callLimits } from "./paths.ts";
import { type SearchAnswer, searchAnswer } from "./responses.ts";
import type { Subject } from "./subject.ts";
import { type Filter, type Found, idOrder, type Query, type Step, toQuery, toStep } from "./window.ts";

/** One page of a search, by value. Only what is asked for travels: ids, and the properties that tell where the page ends. */
export async function search(
  client: HubspotClient,
  subject: Pick<Subject, "type">,
  filterGroups: readonly (readonly Filter[])[],
  sortBy: string,
  properties: readonly string[],
  after: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  return client.call(
    {
      method: "POST",
      path: client.paths.search(subject.type.path),
      body: {
        filterGroups: filterGroups.map((filters) => ({ filters: filters.map((filter) => ({ ...filter })) })),
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
 * The next ids of a window. Usually one call; more only where an answer has no row that says where to go on.
 * @throws TransientError when even the 10,000 results that can be reached have none.
 */
export async function nextIds(
  client: HubspotClient,
  subject: Pick<Subject, "type" | "modifiedProperty">,
  at: Place,
  limit: number,
  signal: AbortSignal,
): Promise<Step> {
  const query = toQuery(at, subject.modifiedProperty);
  const passed: string[] = [];
  const nextPage = createNextPage(`searching ${subject.type.name}`);
  let after: string | null = null;
  for (;;) {
    const answer: SearchAnswer = await ask(client, subject, query, after, limit, signal);
    const found = toFound(answer, subject.modifiedProperty);
    if (at.afterId !== null) await refuseUnknownOrder(client, subject, at, query, found, signal);
    const step = toStep(at, found, answer.paging !== null);
    if (step !== null) return { ...step, ids: [...new Set([...passed, ...step.ids])] };
    passed.push(...found.map((row) => row.id));
    after = nextPage(answer.paging, after);
    if (Number(after) + limit > callLimits.searchWindow) {
      throw new TransientError(`searching ${subject.type.name}: the search index is further behind than lagMs`, {
        hint: "Raise lagMs. Reading goes on from the last page.",
      });
    }
  }
}

function ask(
  client: HubspotClient,
  subject: Pick<Subject, "type" | "modifiedProperty">,
  query: Query,
  after: string | null,
  limit: number,
  signal: AbortSignal,
): Promise<SearchAnswer> {
  return search(client, subject, [query.filters], query.sortBy, [subject.modifiedProperty], after, limit, signal);
}

function toFound(answer: SearchAnswer, modifiedProperty: string): readonly Found[] {
  return answer.results.map((record) => ({ id: record.id, modifiedMs: modifiedMs(record, modifiedProperty) }));
}

/**
 * Going on behind the last id is right only where HubSpot filters ids in the order in which it sorts them. It does so as numbers, as
 * far as is known; where a page is sorted as text, one more call makes sure that the filter compares text as well.
 * @throws BugError when it does not: rows would be skipped.
 */
async function refuseUnknownOrder(
  client: HubspotClient,
  subject: Pick<Subject, "type" | "modifiedProperty">,
  at: Place,
  query: Query,
  found: readonly Found[],
  signal: AbortSignal,
): Promise<void> {
  const order = idOrder(
    at.afterId,
    found.map((row) => row.id),
  );
  if (order === "numeric") return;
  const instant = query.filters.slice(0, 1);
  const probe = {
    filters: [...instant, { propertyName: query.sortBy, operator: "GT" as const, value: "9" }],
    sortBy: query.sortBy,
  };
  const behindNine = order === "none" ? null : await ask(client, subject, probe, null, callLimits.searchRows, signal);
  if (behindNine !== null && behindNine.results.every((record) => record.id > "9")) return;
  throw new BugError(`searching ${subject.type.name}: HubSpot sorts record ids unlike it compares them`, {
    hint: "Please report this: many records share one modified date, and they cannot be paged without loss.",
  });
}
