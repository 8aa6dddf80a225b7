import type { Enumeration, RecordCursor } from "./cursor.ts";
import { QueryTimeout } from "./errors.ts";
import { ID, IS_DELETED, quote } from "./query.ts";
import { toInterval, toProved } from "./read-changes.ts";
import type { Part, Reading } from "./reading.ts";
import { toLongId } from "./record-ids.ts";
import { readSlice, type Slice } from "./slice.ts";

/** Rows that are asked for at a time once Salesforce cannot give all of them in one go. */
const SMALL_LIMIT = 2000;

/**
 * Reads all records that are not deleted, by ascending id or by one Bulk job, resumable at any page. What changes meanwhile has a
 * stamp after its start, from where the pass over stamps goes on.
 */
export async function* enumerate(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  let cursor = start;
  let under = start.enumeration;
  if (under === null) return;
  let limit: number | null = null;
  for (;;) {
    try {
      for await (const { rows, last, bulk, isLast } of readSlice(reading, toSlice(reading, under, limit))) {
        under = { ...under, bulk, afterId: last?.row.key ?? under.afterId };
        if (isLast) yield toEnd(reading, cursor, under, rows);
        else {
          cursor = { ...cursor, enumeration: under };
          yield { rows, cursor, proved: null };
        }
        // The loop goes on to its own end: a Bulk job is removed once its last rows have been taken.
      }
      return;
    } catch (error) {
      if (!(error instanceof QueryTimeout) || limit !== null || reading.config.transport === "bulk") throw error;
      reading.notices.push(
        `reading all of ${reading.subject.object} at once takes Salesforce too long: it is read in small parts`,
      );
      limit = SMALL_LIMIT;
      reading.isBulkOff = true;
      under = { ...under, bulk: null };
    }
  }
}

function toSlice({ subject }: Reading, { afterId, bulk }: Enumeration, limit: number | null): Slice {
  // Archived activities show in queryAll only, which shows deleted ones, too.
  const isAll = subject.isArchived;
  const alive = isAll ? [`${IS_DELETED} = FALSE`] : [];
  const behind = (id: string): readonly string[] => [`${ID} > ${quote(id)}`, ...alive];
  return {
    all: isAll,
    where: afterId === null ? alive : behind(afterId),
    orderBy: [ID],
    behind: (row) => behind(toLongId(String(row[ID]))),
    limit,
    bulk,
  };
}

/**
 * The pass over stamps goes on from where the enumeration began, never from the newest stamp seen. If it has gone further meanwhile (a
 * Bulk result outlives runs), it goes back: the rows just read are as old as that.
 */
function toEnd({ config, subject }: Reading, cursor: RecordCursor, under: Enumeration, rows: Part["rows"]): Part {
  const { cursorField } = subject;
  const { startedMs, isFirst, fields } = under;
  const ended: RecordCursor = { ...cursor, fields, enumeration: null, enumeratedMs: startedMs };
  if (cursorField === null) return { rows, cursor: ended, proved: { field: null, after: null, through: null } };
  const throughMs = Math.max(0, startedMs - config.lagMs);
  const provedMs = toProved(cursor.provedMs, throughMs, config.overlapMs);
  return {
    rows,
    cursor: {
      ...ended,
      pass: { throughMs: Math.min(throughMs, cursor.pass?.throughMs ?? throughMs), window: null },
      provedMs,
      ...(isFirst ? { deletedThroughMs: startedMs, deletedAtMs: startedMs } : {}),
    },
    proved: provedMs === cursor.provedMs ? null : toInterval(cursorField, cursor.provedMs, provedMs),
  };
}
