import type { Enumeration, RecordCursor } from "./cursor.ts";
import { QueryTimeout } from "./errors.ts";
import { ID, IS_DELETED, quote } from "./query.ts";
import type { Part, Reading } from "./reading.ts";
import { toLongId } from "./record-ids.ts";
import { readSlice, type Slice } from "./slice.ts";
import { deletionsFromMs } from "./sweep-deleted.ts";

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
  const isAgain = !under.isFirst && reading.subject.cursorField !== null;
  let begins: { readonly begins?: true } =
    isAgain && under.afterId === null && under.bulk === null ? { begins: true } : {};
  let how: How = "whole";
  for (;;) {
    try {
      for await (const { rows, last, bulk, spentJob, isLast } of readSlice(reading, toSlice(reading, under, how))) {
        under = { ...under, bulk, afterId: last === null ? under.afterId : toLongId(String(last[ID])) };
        if (spentJob !== null) cursor = { ...cursor, spentJobs: [...cursor.spentJobs, spentJob] };
        if (isLast) yield { ...toEnd(reading, cursor, under, rows), ...begins };
        else {
          cursor = { ...cursor, enumeration: under };
          yield { rows, cursor, proved: null, ...begins };
        }
        begins = {};
      }
      return;
    } catch (error) {
      const next: How | null = error instanceof QueryTimeout ? toLighter(how, reading) : null;
      if (next === null) throw error;
      reading.notices.push(
        `reading all of ${reading.subject.object} at once takes Salesforce too long: ${IN_WORDS[next]}`,
      );
      how = next;
      under = { ...under, bulk: null };
    }
  }
}

/** Ways to read all records, each lighter for Salesforce than the one before. */
type How = "whole" | "bulk" | "small";
const IN_WORDS: Readonly<Record<How, string>> = {
  whole: "it is read as a whole",
  bulk: "the Bulk API reads it",
  small: "it is read in small parts",
};

function toLighter(how: How, { config, isBulkOff }: Reading): How | null {
  if (how === "small" || config.transport === "bulk") return null;
  return how === "whole" && config.transport === "auto" && !isBulkOff ? "bulk" : "small";
}

function toSlice({ subject }: Reading, { afterId, bulk }: Enumeration, how: How): Slice {
  // Archived activities show in queryAll only, which shows deleted ones, too.
  const isAll = subject.isArchived;
  const alive = isAll ? [`${IS_DELETED} = FALSE`] : [];
  const behind = (id: string): readonly string[] => [`${ID} > ${quote(id)}`, ...alive];
  return {
    all: isAll,
    where: afterId === null ? alive : behind(afterId),
    orderBy: [ID],
    behind: (row) => behind(toLongId(String(row[ID]))),
    // An id never changes.
    isFirm: () => true,
    limit: how === "small" ? SMALL_LIMIT : null,
    isLarge: how === "bulk",
    bulk,
  };
}

/**
 * The pass over stamps goes on from before the beginning of the enumeration, never from the newest stamp seen. It has not gone further
 * meanwhile: what is under way comes first in every run, so that a Bulk result, which shows rows as they were, is never read behind newer ones.
 */
function toEnd({ config, subject }: Reading, cursor: RecordCursor, under: Enumeration, rows: Part["rows"]): Part {
  const { startedMs, isFirst, fields } = under;
  const ended: RecordCursor = { ...cursor, fields, enumeration: null, enumeratedMs: startedMs };
  const proved = { field: null, after: null, through: null };
  if (subject.cursorField === null) return { rows, cursor: ended, proved };
  const throughMs = Math.max(0, startedMs - config.lagMs);
  return {
    rows,
    cursor: {
      ...ended,
      pass: { throughMs: cursor.pass?.throughMs ?? throughMs, window: null },
      // What the passes prove from here on begins anew.
      provedMs: null,
      ...(isFirst ? { deletedThroughMs: deletionsFromMs(startedMs, config), deletedAtMs: startedMs } : {}),
    },
    proved,
  };
}
