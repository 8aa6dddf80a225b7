import type { BulkPlace } from "./cursor.ts";
import { BulkRefused } from "./errors.ts";
import { readBulk } from "./bulk.ts";
import { toSoql } from "./query.ts";
import { type Reading, toPieces } from "./reading.ts";
import type { RestRecord } from "./responses.ts";
import { askByRest, type ReadRecord } from "./rest.ts";
import type { SizedRow } from "./subject.ts";

/** A question that REST and Bulk answer alike. */
export interface Slice {
  /** Deleted and archived rows too. */
  readonly all: boolean;
  /** Conditions for what has not been read of it. */
  readonly where: readonly string[];
  /** The order in which REST reads it. */
  readonly orderBy: readonly string[];
  /** Conditions for what lies behind a row, in that order. */
  readonly behind: (row: RestRecord) => readonly string[];
  /** Whether a row that may be as it is now stands where it stood. */
  readonly isFirm: (row: RestRecord) => boolean;
  /** Rows that REST asks for at a time; null: all. */
  readonly limit: number | null;
  /** REST has not managed it: Bulk reads it where it may. */
  readonly isLarge: boolean;
  /** A Bulk job that is under way. */
  readonly bulk: BulkPlace | null;
}

/** Rows of a slice, and what to remember behind them. */
export interface SlicePart {
  readonly rows: readonly SizedRow[];
  /** The last row, in the order of the slice, whose place is known; null: there is none, Bulk never has one. */
  readonly last: RestRecord | null;
  readonly bulk: BulkPlace | null;
  readonly spentJob: string | null;
  /** True: the slice has been read. */
  readonly isLast: boolean;
}

/**
 * Reads a slice by Bulk where it has many rows, else by REST. REST is asked first: it says with its first page how many there are, so
 * that knowing costs nothing where they are few. What the Bulk API does not take, REST reads.
 */
export async function* readSlice(reading: Reading, slice: Slice): AsyncGenerator<SlicePart> {
  const { config } = reading;
  const isAuto = config.transport === "auto";
  let isBulk = config.transport === "bulk" || slice.bulk !== null || (isAuto && slice.isLarge && !reading.isBulkOff);
  if (!isBulk) {
    const answers = askByRest(reading, toRestQuestion(slice));
    for await (const { records, totalSize, isLast } of answers) {
      if (isAuto && !reading.isBulkOff && slice.limit === null && totalSize >= config.bulkMinRows) {
        isBulk = true;
        break;
      }
      yield* toParts(reading, records, isLast);
    }
    if (!isBulk) return;
  }
  try {
    yield* readByBulk(reading, slice);
  } catch (error) {
    if (!(error instanceof BulkRefused) || !isAuto) throw error;
    reading.isBulkOff = true;
    reading.notices.push(`${error.message}. REST reads it instead`);
    for await (const { records, isLast } of askByRest(reading, toRestQuestion(slice))) {
      yield* toParts(reading, records, isLast);
    }
  }
}

function toRestQuestion({ all, orderBy, where, behind, isFirm, limit }: Slice): Parameters<typeof askByRest>[1] {
  return { all, orderBy, limit, isFirm, where: (after) => (after === null ? where : behind(after)) };
}

async function* readByBulk(reading: Reading, { all, where, bulk }: Slice): AsyncGenerator<SlicePart> {
  const { object, requested } = reading.subject;
  const soql = toSoql({ object, fields: requested, where });
  for await (const { rows, place, spentJob } of readBulk(reading, { soql, all }, bulk)) {
    yield { rows, last: null, bulk: place, spentJob, isLast: place === null };
  }
}

function* toParts(reading: Reading, records: readonly ReadRecord[], isLast: boolean): Generator<SlicePart> {
  const rows = records.map(({ record }) => reading.subject.fromRest(record, reading.tally));
  const pieces = toPieces(rows, reading);
  let count = 0;
  for (const [index, piece] of pieces.entries()) {
    const last = records.slice(count, count + piece.length).findLast(({ stood }) => stood !== null)?.stood ?? null;
    count += piece.length;
    const isEnd = isLast && index === pieces.length - 1;
    // A page without rows says nothing unless it is the end.
    if (piece.length > 0 || isEnd) yield { rows: piece, last, bulk: null, spentJob: null, isLast: isEnd };
  }
}
