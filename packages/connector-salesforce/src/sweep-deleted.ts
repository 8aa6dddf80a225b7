import type { SalesforceConfig } from "./config.ts";
import { type RecordCursor, toSecond } from "./cursor.ts";
import { readByIds } from "./read-by-ids.ts";
import { ID } from "./query.ts";
import { type Part, type Reading, toPieces } from "./reading.ts";
import { toLongId } from "./record-ids.ts";
import { toDeleted } from "./subject.ts";
import { toIsoTime } from "./values.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The log goes back 15 days, less where it grew too long. A margin for the clock. */
const LOG_MS = 15 * DAY_MS - 10 * MINUTE_MS;
/** Salesforce takes no shorter span. */
const SHORTEST_MS = 2 * MINUTE_MS;

/** Deletions from here on may be committed only after records were read at `atMs`, and then show in the log alone. */
export function deletionsFromMs(
  atMs: number,
  { lagMs, overlapMs }: Pick<SalesforceConfig, "lagMs" | "overlapMs">,
): number {
  return toSecond(atMs - lagMs - overlapMs);
}

/**
 * Records that were deleted, hard deletes included, which no query shows. Those that were brought back since are passed over.
 * Where the log does not go back far enough, all records are read again, and a notice says what that cannot show.
 */
export async function* sweepDeleted(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  const { client, config, subject, signal } = reading;
  const { object } = subject;
  let cursor = start;
  const nowMs = toSecond(client.serverNow());
  const fromMs = cursor.deletedThroughMs;
  if (fromMs === null) return;
  let startMs = fromMs;
  let untilMs = nowMs;
  let endMs = untilMs;
  let isGap = nowMs - fromMs > LOG_MS;
  const end = (deletedThroughMs: number): RecordCursor => ({ ...cursor, deletedThroughMs, deletedAtMs: nowMs });
  while (!isGap && untilMs - startMs >= SHORTEST_MS) {
    const answer = await client.readDeleted(object, startMs, endMs, signal);
    if (answer === "many") {
      const half = toSecond((endMs - startMs) / 2);
      isGap = half < SHORTEST_MS;
      endMs = startMs + half;
      continue;
    }
    const settledMs = deletionsFromMs(nowMs, config);
    if (answer === "purged" && untilMs > settledMs && settledMs > fromMs) {
      // It may be the end that is refused, since transactions are open, and not the beginning.
      untilMs = settledMs;
      endMs = Math.min(endMs, untilMs);
      continue;
    }
    if (answer === "purged" || toMs(answer.earliestDateAvailable) > startMs) {
      isGap = true;
      break;
    }
    const ids = [...new Set(answer.deletedRecords.map(({ id }) => toLongId(id)))];
    const found = await readByIds(client, subject, ids, subject.requested.filter(isNeeded), signal);
    const isAlive = (id: string): boolean => {
      const record = found.get(id);
      return record !== undefined && subject.fromRest(record, reading.tally).row.deleted !== true;
    };
    const pieces = toPieces(ids.filter((id) => !isAlive(id)).map(toDeleted), reading);
    // It lags behind while a long transaction is open.
    const coveredMs = Math.min(endMs, toMs(answer.latestDateCovered));
    const isLast = endMs >= untilMs || coveredMs <= startMs;
    for (const [index, rows] of pieces.entries()) {
      if (index === pieces.length - 1)
        cursor = isLast ? end(Math.max(startMs, coveredMs)) : { ...cursor, deletedThroughMs: coveredMs };
      if (rows.length > 0 || isLast) yield { rows, cursor, proved: null };
    }
    if (isLast) return;
    startMs = coveredMs;
    endMs = untilMs;
  }
  if (!isGap) return;
  reading.notices.push(
    `Salesforce's log of deletions of ${object} does not go back to ${new Date(startMs).toISOString()}: all records are read again, to find what was purged since`,
  );
  cursor = { ...end(deletionsFromMs(nowMs, config)), enumeratedMs: null };
  yield { rows: [], cursor, proved: null };

  function isNeeded(name: string): boolean {
    return name === ID || name === "IsDeleted" || name === subject.cursorField;
  }
}

function toMs(text: string): number {
  const at = Date.parse(toIsoTime(text));
  return Number.isNaN(at) ? 0 : toSecond(at);
}
