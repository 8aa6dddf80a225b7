import { createHash } from "node:crypto";
import { ConfigError, type Cursor } from "@acme/sync-core";
import { z } from "zod";

/**
 * Where reading goes on, by value: times are milliseconds of HubSpot's clock, positions are times and record ids. A list goes on
 * from `after`, which HubSpot says is opaque and which is the id of the next record.
 */
const ms = z.int().nonnegative();
const recordId = z.string().min(1);

/** Dates that are read by ascending id: through which date, and behind which id to go on. */
const drain = z.strictObject({ afterId: recordId, throughMs: ms });
export type Drain = z.infer<typeof drain>;

/** A place in a window of modified dates: everything before `nextMs` has been read; `drain` is of the dates from there on. */
const place = z.strictObject({ nextMs: ms, throughMs: ms, drain: drain.nullable() });
export type Place = z.infer<typeof place>;

/** A pass over modified dates: read up to `throughMs`; `window` is the one under way. */
const pass = z.strictObject({ throughMs: ms, atMs: ms, window: place.nullable() });
export type Pass = z.infer<typeof pass>;

/** A walk through a list. `after` null: it has not begun. */
const walk = z.strictObject({ startedMs: ms, after: z.string().nullable() });
export type Walk = z.infer<typeof walk>;

/** A sweep: when the last one began, and the one under way. */
const sweep = z.strictObject({ atMs: ms, walk: walk.nullable() });
export type Sweep = z.infer<typeof sweep>;

const recordCursor = z.strictObject({
  version: z.literal(1),
  kind: z.literal("records"),
  /** What was read: has to be the same when reading goes on. */
  object: z.string(),
  modifiedProperty: z.string(),
  /** Digest of the names of the fields read: others than before are a reason to read everything again. */
  fields: z.string(),
  /** Reading all records, for the first time (`isFirst`) or again; null: none is under way. */
  enumeration: walk.extend({ isFirst: z.boolean(), fields: z.string() }).nullable(),
  /** null: the first enumeration is not over. */
  exact: pass.nullable(),
  live: pass.nullable(),
  /** Start of the last enumeration that showed calculated properties, associations, what is gone; null: never. */
  enumeratedMs: ms.nullable(),
  archived: sweep.nullable(),
  merged: sweep.nullable(),
  /** Through where the exact pass has proved the stream complete since the last enumeration; null: not yet. */
  provedMs: ms.nullable(),
});
export type RecordCursor = z.infer<typeof recordCursor>;

const ownerCursor = z.strictObject({
  version: z.literal(1),
  kind: z.literal("owners"),
  archived: z.boolean(),
  after: z.string().nullable(),
  done: z.boolean(),
});
export type OwnerCursor = z.infer<typeof ownerCursor>;

export interface CursorTarget {
  readonly object: string;
  readonly name: string;
  readonly modifiedProperty: string;
  readonly fields: readonly string[];
}

const RESET_HINT =
  "Run `state reset` for this sync: it then reads from the beginning, and what did not change is not sent again.";

/**
 * Reads a stored cursor; null makes one that starts at the beginning. One that was made for other fields reads everything again.
 * @throws ConfigError when it was made for something else.
 */
export function parseRecordCursor(stored: Cursor | null, target: CursorTarget, nowMs: number): RecordCursor {
  const fields = toFieldsDigest(target.fields);
  if (stored === null) {
    return {
      version: 1,
      kind: "records",
      object: target.object,
      modifiedProperty: target.modifiedProperty,
      fields,
      enumeration: { startedMs: nowMs, after: null, isFirst: true, fields },
      exact: null,
      live: null,
      enumeratedMs: null,
      archived: null,
      merged: null,
      provedMs: null,
    };
  }
  const parsed = recordCursor.safeParse(stored);
  if (!parsed.success) throw mismatch("was not made by this version of the connector", target);
  const cursor = parsed.data;
  if (cursor.object !== target.object) throw mismatch(`belongs to object ${cursor.object}`, target);
  if (cursor.modifiedProperty !== target.modifiedProperty) {
    throw mismatch(`belongs to reading by ${cursor.modifiedProperty}`, target);
  }
  const { enumeration } = cursor;
  const isStale = enumeration === null ? cursor.fields !== fields : enumeration.fields !== fields;
  if (!isStale) return cursor;
  const isFirst = enumeration?.isFirst === true;
  return {
    ...cursor,
    // A first pass keeps its start: what changed since then is read by date.
    enumeration: { startedMs: isFirst ? enumeration.startedMs : nowMs, after: null, isFirst, fields },
  };
}

export function parseOwnerCursor(stored: Cursor | null): OwnerCursor {
  const start: OwnerCursor = { version: 1, kind: "owners", archived: false, after: null, done: false };
  if (stored === null) return start;
  const parsed = ownerCursor.safeParse(stored);
  if (!parsed.success) {
    throw new ConfigError("the stored position was not made for reading owners by this version of the connector", {
      hint: RESET_HINT,
    });
  }
  return parsed.data.done ? start : parsed.data;
}

/** The same names in any order give the same text. */
export function toFieldsDigest(names: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(names.toSorted())).digest("hex").slice(0, 16);
}

function mismatch(was: string, target: CursorTarget): ConfigError {
  return new ConfigError(
    `the stored position ${was}, and the configuration now reads ${target.name} (${target.object}) by ${target.modifiedProperty}`,
    { hint: RESET_HINT },
  );
}

/** HubSpot answers a filter below this with an error. */
const EARLIEST_MS = 1000;

/**
 * The window of dates from fromMs - overlapMs through throughMs, both belonging to it; null: time has not moved. The first
 * millisecond is read once more: what began in it may have been changed in it again.
 */
export function toWindow(fromMs: number, throughMs: number, overlapMs: number): Place | null {
  if (throughMs <= fromMs) return null;
  return { nextMs: Math.max(EARLIEST_MS, fromMs - overlapMs), throughMs, drain: null };
}
