import type { Cursor, Page } from "@acme/sync-core";
import { parseRecordCursor, type RecordCursor } from "./cursor.ts";
import { enumerate } from "./enumerate.ts";
import { readExactly, readLive } from "./passes.ts";
import { type Part, type Reading, toPage } from "./reading.ts";
import { enumerationReasons, isSweepDue } from "./schedule.ts";
import { sweepArchived, sweepMerged } from "./sweeps.ts";

/**
 * One run: all records the first time; then the exact pass, the live pass, and whatever sweep is due. What was begun and not ended
 * goes on where it was.
 */
export async function* readPages(reading: Reading, stored: Cursor | null): AsyncGenerator<Page> {
  const { client, config, subject } = reading;
  let cursor: RecordCursor = parseRecordCursor(
    stored,
    {
      object: subject.type.id,
      name: subject.type.name,
      modifiedProperty: subject.modifiedProperty,
      fields: subject.fieldNames,
    },
    client.serverNow(),
  );

  async function* pagesOf(parts: AsyncIterable<Part>): AsyncGenerator<Page> {
    for await (const part of parts) {
      cursor = part.cursor;
      yield toPage(part, reading);
    }
  }

  if (cursor.enumeration?.isFirst === true) yield* pagesOf(enumerate(reading, cursor));
  yield* pagesOf(readExactly(reading, cursor));
  yield* pagesOf(readLive(reading, cursor));
  if (isSweepDue(cursor.archived, config.archivedEveryMs, client.serverNow())) {
    yield* pagesOf(sweepArchived(reading, cursor, cursor.archived));
  }
  if (subject.hasMergeProperties && isSweepDue(cursor.merged, config.mergedEveryMs, client.serverNow())) {
    yield* pagesOf(sweepMerged(reading, cursor, cursor.merged));
  }
  if (cursor.enumeration === null && enumerationReasons(cursor, config, subject, client.serverNow()).length > 0) {
    cursor = {
      ...cursor,
      enumeration: { startedMs: client.serverNow(), after: null, isFirst: false, fields: cursor.fields },
    };
  }
  yield* pagesOf(enumerate(reading, cursor));
}
