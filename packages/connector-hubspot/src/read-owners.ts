import type { Cursor, Json, Page, Row, Stream } from "@acme/sync-core";
import type { HubspotClient } from "./hubspot-client.ts";
import { parseOwnerCursor } from "./cursor.ts";
import { createNextPage } from "./next-page.ts";
import { callLimits } from "./paths.ts";
import { ownersAnswer } from "./responses.ts";

/** All owners on every run, the archived ones too: records go on naming them. */
export async function* readOwners(
  client: HubspotClient,
  stream: Stream,
  stored: Cursor | null,
  signal: AbortSignal,
): AsyncGenerator<Page> {
  let cursor = parseOwnerCursor(stored);
  const nextPage = createNextPage("reading owners");
  while (!cursor.done) {
    const { results, paging } = await client.call(
      {
        method: "GET",
        path: client.paths.owners,
        query: {
          limit: String(callLimits.ownerRows),
          archived: String(cursor.archived),
          ...(cursor.after === null ? {} : { after: cursor.after }),
        },
        lane: "general",
        doing: `reading ${cursor.archived ? "archived owners" : "owners"}`,
      },
      ownersAnswer,
      signal,
    );
    const next = nextPage(paging, cursor.after);
    if (next !== null) cursor = { ...cursor, after: next };
    else cursor = cursor.archived ? { ...cursor, after: null, done: true } : { ...cursor, archived: true, after: null };
    const rows = results.map((owner) => toOwnerRow(owner, stream));
    yield {
      rows,
      cursor,
      bytes: rows.reduce((sum, row) => sum + JSON.stringify(row.fields).length, 0),
      proved: cursor.done ? { field: null, after: null, through: null } : null,
    };
  }
}

function toOwnerRow(owner: { readonly id: string; readonly [name: string]: Json }, stream: Stream): Row {
  const fields: Record<string, Json> = {};
  for (const { name } of stream.fields) fields[name] = owner[name] ?? null;
  return { key: owner.id, fields };
}
