import type { Cursor, Page } from "@acme/sync-core";
import { parseCursor, type RecordCursor, toSecond } from "./cursor.ts";
import { enumerate } from "./enumerate.ts";
import { readChanges } from "./read-changes.ts";
import { type Part, type Reading, toPage } from "./reading.ts";
import { enumerationReasons, isDeletedDue } from "./schedule.ts";
import { sweepDeleted } from "./sweep-deleted.ts";

/**
 * One run: all records the first time; then what was deleted and what has changed; and all records again where that is due. What was
 * begun and not ended comes first: a Bulk result has rows as they were, and may show some that were deleted since. What has changed
 * comes last: it proves something.
 */
export async function* readPages(reading: Reading, stored: Cursor | null): AsyncGenerator<Page> {
  const { client, config, subject, signal } = reading;
  const { object, cursorField, fieldNames: fields } = subject;
  let cursor: RecordCursor = parseCursor(stored, { object, cursorField, fields }, client.serverNow());

  // What is stored has landed. A job that is removed before its last rows have landed could not be gone on with.
  for (const id of cursor.spentJobs) await client.deleteJob(id, true, signal);
  cursor = { ...cursor, spentJobs: [] };

  async function* pagesOf(parts: AsyncIterable<Part>): AsyncGenerator<Page> {
    for await (const part of parts) {
      // Several pages come of one answer: nothing else would notice.
      signal.throwIfAborted();
      cursor = part.cursor;
      yield toPage(part, reading);
    }
  }

  /** Begins to read all records. */
  const begin = (): RecordCursor => ({
    ...cursor,
    enumeration: {
      startedMs: toSecond(client.serverNow()),
      isFirst: false,
      fields: cursor.fields,
      afterId: null,
      bulk: null,
    },
  });

  if (cursorField === null) {
    yield* pagesOf(enumerate(reading, cursor.enumeration === null ? begin() : cursor));
    return;
  }
  yield* pagesOf(enumerate(reading, cursor));
  if (cursor.pass?.window != null) yield* pagesOf(readChanges(reading, cursor));
  if (subject.hasDeletionLog && isDeletedDue(cursor, config, client.serverNow())) {
    yield* pagesOf(sweepDeleted(reading, cursor));
  }
  yield* pagesOf(readChanges(reading, cursor));
  if (enumerationReasons(cursor, config, subject, client.serverNow()).length > 0) {
    yield* pagesOf(enumerate(reading, begin()));
    yield* pagesOf(readChanges(reading, cursor));
  }
}
