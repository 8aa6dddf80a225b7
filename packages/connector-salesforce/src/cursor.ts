import { createHash } from "node:crypto";
import { ConfigError, type Cursor } from "@acme/sync-core";
import { z } from "zod";

/**
 * Where reading goes on, by value: times are milliseconds of Salesforce's clock (whole seconds, as stamps are), positions are stamps
 * and record ids. A Bulk job is remembered by its id, and trusted only where the row read last from it stands where it stood.
 */
const ms = z.int().nonnegative();
const recordId = z.string().min(1);

/** A place in the result of a Bulk job. */
const bulkPlace = z.strictObject({
  jobId: z.string().min(1),
  /** Digest of what was asked for: another question is not answered by this job. */
  question: z.string(),
  startedMs: ms,
  /** The page under way; null: the first. */
  locator: z.string().nullable(),
  /** Rows in the pages before it. */
  rowsBefore: z.int().nonnegative(),
  /** Rows of it that have been read, and the id of the last of them; null: none yet. */
  skip: z.int().nonnegative(),
  lastId: recordId.nullable(),
});
export type BulkPlace = z.infer<typeof bulkPlace>;

/**
 * A place in a window of stamps: everything before `fromMs` has been read, and behind it what is not after the row `after`. The
 * slice under way ends before `untilMs`; the window before `throughMs`.
 */
const place = z.strictObject({
  fromMs: ms,
  after: z.strictObject({ ms, id: recordId }).nullable(),
  untilMs: ms,
  throughMs: ms,
  bulk: bulkPlace.nullable(),
});
export type Place = z.infer<typeof place>;

/** The pass over stamps: everything before `throughMs` has been read once; `window` is the one under way. */
const pass = z.strictObject({ throughMs: ms, window: place.nullable() });
export type Pass = z.infer<typeof pass>;

/** Reading all records, by id or by one Bulk job. `isFirst`: for the first time. */
const enumeration = z.strictObject({
  startedMs: ms,
  isFirst: z.boolean(),
  fields: z.string(),
  afterId: recordId.nullable(),
  bulk: bulkPlace.nullable(),
});
export type Enumeration = z.infer<typeof enumeration>;

const recordCursor = z.strictObject({
  version: z.literal(1),
  kind: z.literal("records"),
  /** What was read: has to be the same when reading goes on. */
  object: z.string(),
  /** null: the stream is compared in full. */
  cursorField: z.string().nullable(),
  /** Digest of the names of the fields read: others than before are a reason to read everything again. */
  fields: z.string(),
  /** null: none is under way. */
  enumeration: enumeration.nullable(),
  /** null: the first enumeration is not over, or the stream has no cursor field. */
  pass: pass.nullable(),
  /** Start of the last enumeration; null: never. */
  enumeratedMs: ms.nullable(),
  /** Deletions before this have been read from the log; null: not yet. */
  deletedThroughMs: ms.nullable(),
  /** When the log of deletions was read last. */
  deletedAtMs: ms.nullable(),
  /** Through where the stream has been proved complete; null: not yet. */
  provedMs: ms.nullable(),
  /** Bulk jobs whose rows are all before this place: the next run, for which they have landed, removes them. */
  spentJobs: z.array(z.string().min(1)),
});
export type RecordCursor = z.infer<typeof recordCursor>;

export interface CursorTarget {
  readonly object: string;
  readonly cursorField: string | null;
  readonly fields: readonly string[];
}

const RESET_HINT =
  "Run `state reset` for this sync: it then reads from the beginning, and what did not change is not sent again.";

/**
 * Reads a stored cursor; null makes one that starts at the beginning. One that was made for other fields reads everything again.
 * @throws ConfigError when it was made for something else.
 */
export function parseCursor(stored: Cursor | null, target: CursorTarget, nowMs: number): RecordCursor {
  const fields = toDigest(target.fields.toSorted());
  const startedMs = toSecond(nowMs);
  if (stored === null) {
    return {
      version: 1,
      kind: "records",
      object: target.object,
      cursorField: target.cursorField,
      fields,
      enumeration: { startedMs, isFirst: true, fields, afterId: null, bulk: null },
      pass: null,
      enumeratedMs: null,
      deletedThroughMs: null,
      deletedAtMs: null,
      provedMs: null,
      spentJobs: [],
    };
  }
  const parsed = recordCursor.safeParse(stored);
  if (!parsed.success) throw mismatch("was not made by this version of the connector", target);
  const cursor = parsed.data;
  if (cursor.object !== target.object) throw mismatch(`belongs to ${cursor.object}`, target);
  if (cursor.cursorField !== target.cursorField) {
    throw mismatch(
      cursor.cursorField === null ? "belongs to comparing in full" : `belongs to reading by ${cursor.cursorField}`,
      target,
    );
  }
  const under = cursor.enumeration;
  const isStale = under === null ? cursor.fields !== fields : under.fields !== fields;
  if (!isStale) return cursor;
  const isFirst = under?.isFirst === true;
  return {
    ...cursor,
    // A first reading keeps its start: what changed since then is read by stamp.
    enumeration: { startedMs: isFirst ? under.startedMs : startedMs, isFirst, fields, afterId: null, bulk: null },
  };
}

function mismatch(was: string, target: CursorTarget): ConfigError {
  const how = target.cursorField === null ? "in full" : `by ${target.cursorField}`;
  return new ConfigError(`the stored position ${was}, and the configuration now reads ${target.object} ${how}`, {
    hint: RESET_HINT,
  });
}

export function toDigest(value: unknown): string {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 16);
}

const SECOND_MS = 1000;

/** Stamps have whole seconds, and so have all bounds: one in between would mean nothing. */
export function toSecond(time: number): number {
  return Math.max(0, Math.floor(time / SECOND_MS) * SECOND_MS);
}

/**
 * The window from `overlapMs` before where the last one ended to `lagMs` before now. Its end does not belong to it: the second that
 * is still being written is read as a whole later.
 * @returns null: time has not moved.
 */
export function toWindow(doneMs: number, nowMs: number, lagMs: number, overlapMs: number): Place | null {
  const throughMs = toSecond(nowMs - lagMs);
  if (throughMs <= doneMs) return null;
  return { fromMs: toSecond(doneMs - overlapMs), after: null, untilMs: throughMs, throughMs, bulk: null };
}

/** The slice behind the one that has been read; null: that was the window's last. It is as long as the one before, or twice that. */
export function toNextSlice(at: Place): Place | null {
  if (at.untilMs >= at.throughMs) return null;
  const lengthMs = Math.max(SECOND_MS, at.untilMs - at.fromMs) * 2;
  return {
    ...at,
    fromMs: at.untilMs,
    after: null,
    bulk: null,
    untilMs: Math.min(at.throughMs, at.untilMs + lengthMs),
  };
}

/** The first half of what is left of a slice; the other half follows as the next slice. null: a second cannot be halved. */
export function toHalf(at: Place): Place | null {
  const fromMs = at.after?.ms ?? at.fromMs;
  const half = toSecond((at.untilMs - fromMs) / 2);
  if (half < SECOND_MS) return null;
  return { ...at, bulk: null, untilMs: fromMs + half };
}
