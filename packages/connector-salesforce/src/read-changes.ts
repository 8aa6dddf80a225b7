import { BugError } from "@acme/sync-core";
import { type Place, type RecordCursor, toHalf, toNextSlice, toSecond, toWindow } from "./cursor.ts";
import { QueryTimeout } from "./errors.ts";
import { ID, toWindowConditions } from "./query.ts";
import type { Part, Reading } from "./reading.ts";
import { toLongId } from "./record-ids.ts";
import type { RestRecord } from "./responses.ts";
import { readSlice, type Slice } from "./slice.ts";
import { toIsoTime } from "./values.ts";

/**
 * What has changed, by stamp: it stays `lagMs` behind Salesforce's clock and begins `overlapMs` before the end of the pass before it,
 * since a stamp is older than the moment at which its row becomes visible. What was deleted or merged away comes marked as deleted.
 *
 * Proved is what was read when it was at least as old as both together.
 */
export async function* readChanges(reading: Reading, start: RecordCursor): AsyncGenerator<Part> {
  const { client, config, subject } = reading;
  const { cursorField } = subject;
  let cursor = start;
  if (cursor.pass === null || cursorField === null) return;
  const at = cursor.pass.window;
  const window = at ?? toWindow(cursor.pass.throughMs, client.serverNow(), config.lagMs, config.overlapMs);
  for (let place = window; place !== null; ) {
    for await (const { rows, at: next, isOver, spentJob } of readWindowSlice(reading, cursorField, place)) {
      const following = isOver ? toNextSlice(next) : next;
      const isEnd = following === null;
      const { throughMs } = next;
      const provedMs = isEnd ? toProved(cursor.provedMs, throughMs, config.overlapMs) : cursor.provedMs;
      const proved =
        provedMs === cursor.provedMs || provedMs === null ? null : toInterval(cursorField, cursor.provedMs, provedMs);
      cursor = {
        ...cursor,
        pass: isEnd ? { throughMs, window: null } : { ...(cursor.pass ?? { throughMs }), window: following },
        provedMs,
        spentJobs: spentJob === null ? cursor.spentJobs : [...cursor.spentJobs, spentJob],
      };
      if (isEnd) reading.notices.push(...toNotice(config.lagMs));
      place = following;
      yield { rows, cursor, proved };
    }
  }
}

interface WindowPart {
  readonly rows: Part["rows"];
  readonly at: Place;
  readonly isOver: boolean;
  readonly spentJob: string | null;
}

/** Reads a slice of a window; one that takes Salesforce too long is halved, and the other half follows as the next slice. */
async function* readWindowSlice(reading: Reading, field: string, start: Place): AsyncGenerator<WindowPart> {
  let place = start;
  for (;;) {
    try {
      for await (const { rows, last, bulk, spentJob, isLast } of readSlice(reading, toSlice(reading, field, place))) {
        place = last === null ? { ...place, bulk } : { ...place, after: toAfter(last, field), bulk: null };
        yield { rows, at: place, isOver: isLast, spentJob };
      }
      return;
    } catch (error) {
      const half = error instanceof QueryTimeout ? toHalf(place) : null;
      if (half === null) throw error;
      reading.notices.push(
        `a query of ${reading.subject.object} took Salesforce too long: shorter spans of time are read`,
      );
      place = half;
    }
  }
}

/**
 * A row that became visible with a new stamp after the question was asked has one that is later than the end of the window, or at
 * most `overlapMs` before it: stamps that are older are those by which the question put its rows in order.
 */
function toSlice({ subject, config }: Reading, field: string, place: Place): Slice {
  const firmBeforeMs = place.throughMs - config.overlapMs;
  return {
    all: subject.showsDeleted,
    where: toWindowConditions(field, place),
    orderBy: [field, ID],
    behind: (row) => toWindowConditions(field, { ...place, after: toAfter(row, field) }),
    isFirm: (row) => toAfter(row, field).ms < firmBeforeMs,
    limit: null,
    isLarge: false,
    bulk: place.bulk,
  };
}

function toAfter(record: RestRecord, field: string): NonNullable<Place["after"]> {
  const stamp = record[field];
  const at = typeof stamp === "string" ? Date.parse(toIsoTime(stamp)) : Number.NaN;
  if (Number.isNaN(at)) throw new BugError(`${field} of a record cannot be read as a time`);
  return { ms: at, id: toLongId(String(record[ID])) };
}

/** What a pass through `throughMs` proves; never less than before. */
export function toProved(beforeMs: number | null, throughMs: number, overlapMs: number): number {
  return Math.max(beforeMs ?? 0, toSecond(throughMs - overlapMs));
}

export function toInterval(field: string, afterMs: number | null, throughMs: number): NonNullable<Part["proved"]> {
  const toIso = (ms: number): string => new Date(ms).toISOString();
  return { field, after: afterMs === null ? null : toIso(afterMs), through: toIso(throughMs), throughExclusive: true };
}

const MINUTE_MS = 60_000;

function toNotice(lagMs: number): readonly string[] {
  const minutes = Math.round(lagMs / MINUTE_MS);
  return minutes < 1
    ? []
    : [`Salesforce shows some changes late: they are read ${minutes} minutes after they were made`];
}
