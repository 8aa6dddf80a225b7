import type { RecordCursor } from "./cursor.ts";
import { createNextPage } from "./next-page.ts";
import { callLimits } from "./paths.ts";
import { type Part, type Reading, rowsAPage } from "./reading.ts";
import { type HubspotRecord, listAnswer } from "./responses.ts";
import type { SizedRow } from "./subject.ts";

/**
 * Reads all records that are not archived, by ascending id, resumable at any page. Records that are created meanwhile with smaller
 * ids (HubSpot's ids are not chronological) and changes to records already read are dated after its start, from where the passes by
 * date go on.
 *
 * The properties travel with the list where they fit into an address, 100 records a call; else by batch read, two calls.
 */
export async function* enumerate(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  const { subject, signal } = reading;
  const nextPage = createNextPage(`reading ${subject.type.name}`);
  let cursor = start;
  while (cursor.enumeration !== null) {
    const { enumeration }: { readonly enumeration: NonNullable<RecordCursor["enumeration"]> } = {
      enumeration: cursor.enumeration,
    };
    const listed: HubspotRecord[] = [];
    let after: string | null = enumeration.after;
    let isOver = false;
    while (!isOver && (listed.length === 0 || listed.length + toLimit(reading) <= rowsAPage(reading))) {
      const answer: ListAnswer = await readList(reading, after);
      listed.push(...answer.results);
      // A short page is no sign of the end.
      after = nextPage(answer.paging, after);
      isOver = after === null;
    }
    const rows: readonly SizedRow[] = subject.fitsAddress
      ? await subject.toRows(listed, signal)
      : await subject.readRows(
          listed.map((record) => record.id),
          false,
          signal,
        );
    cursor = isOver ? toEnd(cursor, enumeration) : { ...cursor, enumeration: { ...enumeration, after } };
    // Nothing that is gone needs telling to somebody who has never seen it.
    const told = enumeration.isFirst ? rows.filter(({ row }) => row.deleted !== true) : rows;
    const proved = isOver ? { field: null, after: null, through: null } : null;
    yield { rows: told, cursor, proved, beginsEnumeration: enumeration.after === null };
  }
}

interface ListAnswer {
  readonly results: readonly HubspotRecord[];
  readonly paging: string | null;
}

function toLimit({ config }: Reading): number {
  return Math.min(callLimits.listRows, config.pageRows);
}

function readList(reading: Reading, after: string | null): Promise<ListAnswer> {
  const { client, subject, signal } = reading;
  const names = subject.fitsAddress ? subject.requested : [subject.modifiedProperty];
  return client.call(
    {
      method: "GET",
      path: client.paths.objects(subject.type.path),
      query: {
        limit: String(toLimit(reading)),
        archived: "false",
        properties: names.join(","),
        ...(after === null ? {} : { after }),
      },
      lane: "general",
      doing: `reading ${subject.type.name}`,
    },
    listAnswer,
    signal,
  );
}

/** The passes by date go on from where the enumeration began, never from the newest date seen. */
function toEnd(
  cursor: RecordCursor,
  { startedMs, isFirst, fields }: NonNullable<RecordCursor["enumeration"]>,
): RecordCursor {
  const pass = { throughMs: startedMs, atMs: 0, window: null };
  const sweep = { atMs: startedMs, walk: null };
  return {
    ...cursor,
    fields,
    enumeration: null,
    enumeratedMs: startedMs,
    provedMs: null,
    ...(isFirst ? { exact: pass, live: pass, archived: sweep, merged: sweep } : {}),
  };
}
