import { ConfigError, type Cursor } from "@acme/sync-core";
import { z } from "zod";

/**
 * Where reading goes on, by value. Every text is the server's own, written in a session whose settings are pinned, so that the
 * server reads it back as exactly the same value.
 */
const keyValues = z.array(z.string()).min(1);

const incrementalCursor = z.strictObject({
  version: z.literal(1),
  mode: z.literal("incremental"),
  /** What was read: the names that have to be the same when reading goes on. */
  stream: z.string(),
  cursorField: z.string(),
  keyFields: z.array(z.string()),
  /** The last row delivered, cursor value and key; null: none yet. Everything up to it has been delivered. */
  position: z.strictObject({ cursor: z.string(), key: keyValues }).nullable(),
  /** Up to where earlier passes proved the stream complete; null: no pass has ended yet. */
  provedThrough: z.string().nullable(),
  /**
   * How far the rows that paging by cursor cannot reach have been read in the pass under way: null before them and between
   * passes, the last key while reading them, "done" after them.
   */
  outside: z.union([z.null(), z.literal("done"), z.strictObject({ key: keyValues })]),
  /**
   * A value up to which the stream is not proved complete yet, the server's time when it was seen, and, where times cannot tell,
   * what was under way then, in the connector's own words.
   */
  pending: z
    .union([
      z.strictObject({ value: z.string(), seenAt: z.string() }),
      z.strictObject({ value: z.string(), seenAt: z.string(), open: z.array(z.string()) }),
    ])
    .nullable(),
});

const fullCursor = z.strictObject({
  version: z.literal(1),
  mode: z.literal("full"),
  stream: z.string(),
  keyFields: z.array(z.string()),
  /** The last row delivered; null: none yet. */
  after: keyValues.nullable(),
  /** The last key there was when the pass began: the pass ends there, however many rows are added behind it. */
  end: keyValues.nullable(),
  /** True once the whole stream was read: the next pass starts over. */
  done: z.boolean(),
});

export type IncrementalCursor = z.infer<typeof incrementalCursor>;
export type FullCursor = z.infer<typeof fullCursor>;

/** What a cursor must have been made for to be of use. */
export interface CursorTarget {
  readonly stream: string;
  /** null: the stream is compared in full. */
  readonly cursorField: string | null;
  readonly keyFields: readonly string[];
}

const RESET_HINT =
  "Run `state reset` for this sync: it then reads from the beginning, and what did not change is not sent again.";

/**
 * Reads a stored cursor for incremental reading; null makes one that starts at the beginning.
 * @throws ConfigError when it was made for something else.
 */
export function parseIncrementalCursor(
  stored: Cursor | null,
  target: CursorTarget & { readonly cursorField: string },
): IncrementalCursor {
  if (stored === null) {
    return {
      version: 1,
      mode: "incremental",
      stream: target.stream,
      cursorField: target.cursorField,
      keyFields: [...target.keyFields],
      position: null,
      provedThrough: null,
      outside: null,
      pending: null,
    };
  }
  const parsed = incrementalCursor.safeParse(stored);
  if (!parsed.success) throw mismatch(stored, target);
  const cursor = parsed.data;
  refuseOther(cursor, target, cursor.cursorField);
  const lengths = [
    cursor.position?.key.length,
    cursor.outside instanceof Object ? cursor.outside.key.length : undefined,
  ];
  if (lengths.some((length) => length !== undefined && length !== cursor.keyFields.length))
    throw mismatch(stored, target);
  return cursor;
}

/**
 * Reads a stored cursor for a full compare. One whose pass has ended starts the next pass.
 * @throws ConfigError when it was made for something else.
 */
export function parseFullCursor(
  stored: Cursor | null,
  target: CursorTarget & { readonly cursorField: null },
): FullCursor {
  const start: FullCursor = {
    version: 1,
    mode: "full",
    stream: target.stream,
    keyFields: [...target.keyFields],
    after: null,
    end: null,
    done: false,
  };
  if (stored === null) return start;
  const parsed = fullCursor.safeParse(stored);
  if (!parsed.success) throw mismatch(stored, target);
  refuseOther(parsed.data, target, null);
  const lengths = [parsed.data.after?.length, parsed.data.end?.length];
  if (lengths.some((length) => length !== undefined && length !== target.keyFields.length))
    throw mismatch(stored, target);
  return parsed.data.done ? start : parsed.data;
}

function refuseOther(
  cursor: { readonly stream: string; readonly keyFields: readonly string[] },
  target: CursorTarget,
  cursorField: string | null,
): void {
  const was = describe(cursor.stream, cursorField, cursor.keyFields);
  const is = describe(target.stream, target.cursorField, target.keyFields);
  if (was !== is) {
    throw new ConfigError(`the stored position belongs to ${was}, and the configuration now reads ${is}`, {
      hint: RESET_HINT,
    });
  }
}

function describe(stream: string, cursorField: string | null, keyFields: readonly string[]): string {
  const by = cursorField === null ? "in full" : `by ${cursorField}`;
  return `${stream} ${by} with key (${keyFields.join(", ")})`;
}

/** A cursor of the other mode, of another version or of another connector. */
function mismatch(stored: Cursor, target: CursorTarget): ConfigError {
  const mode = stored instanceof Object && "mode" in stored ? stored["mode"] : null;
  const was =
    mode === "full" && target.cursorField !== null
      ? "belongs to a comparison in full"
      : mode === "incremental" && target.cursorField === null
        ? "belongs to reading by a cursor column"
        : "was not made by this version of the connector";
  return new ConfigError(
    `the stored position ${was}, and the configuration now reads ${describe(target.stream, target.cursorField, target.keyFields)}`,
    { hint: RESET_HINT },
  );
}

const MICROS_PER_MS = 1000n;
const MICROS_PER_SECOND = 1_000_000n;

/**
 * How far a stored time may lie below the moment that it was taken at, because the column rounds: `timestamp(0)` rounds to the
 * nearest second, so half a unit; a whole one is taken. Whole days are cut off where the bound is turned into a date.
 * @param precision digits of a second, 0 to 6; null: 6.
 */
export function roundingMicros(precision: number | null): bigint {
  const digits = precision === null || precision > 6 ? 6 : precision;
  return digits === 6 ? 0n : 10n ** BigInt(6 - digits);
}

/** Microseconds since the epoch as ISO 8601 UTC text with six digits: texts of equal length, which order like the times. */
export function toIsoMicros(micros: bigint): string {
  const fraction = ((micros % MICROS_PER_SECOND) + MICROS_PER_SECOND) % MICROS_PER_SECOND;
  const seconds = (micros - fraction) / MICROS_PER_SECOND;
  const iso = new Date(Number(seconds) * 1000).toISOString();
  return `${iso.slice(0, -5)}.${String(fraction).padStart(6, "0")}Z`;
}

/** The other way round. @returns null when the text is not such a time. */
export function fromIsoMicros(text: string): bigint | null {
  const match = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})\.(\d{6})Z$/.exec(text);
  if (match === null) return null;
  const ms = Date.parse(`${match[1]}Z`);
  return Number.isNaN(ms) ? null : BigInt(ms) * MICROS_PER_MS + BigInt(match[2] ?? "0");
}

/** A row's identity as text: the text of a single column, a JSON array of the texts of several. */
export function toRowKey(values: readonly string[]): string {
  const [only] = values;
  return values.length === 1 && only !== undefined ? only : JSON.stringify(values);
}

/**
 * The inverse of {@link toRowKey}.
 * @returns null when the text does not name a row of a key with so many columns: it was made for another key.
 */
export function fromRowKey(text: string, columns: number): readonly string[] | null {
  if (columns === 1) return [text];
  try {
    const parsed = keyValues.length(columns).safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
