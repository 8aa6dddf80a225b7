import type { Json, JsonObject } from "./json.ts";

/**
 * What a connector author implements, in five words: Source, Stream, Cursor, Row, Page.
 *
 * A source never sleeps between polls, stores nothing, and knows nothing of the destination. Errors it throws are
 * {@link SyncError}s.
 */
export interface Source {
  /**
   * Proves that a run could start: reaches the system, the credentials work, the permissions suffice.
   * @returns what is worth knowing all the same (a missing index, a permission that would make reads fresher).
   * @throws ConfigError | AuthError with what to do.
   */
  check(signal: AbortSignal): Promise<readonly Finding[]>;
  /** What can be read. A source that was configured for one table or query returns exactly one stream. */
  streams(signal: AbortSignal): Promise<readonly Stream[]>;
  /**
   * Yields the rows of `stream` after `after` (null: from the beginning), page by page; ends when there is nothing more for
   * now. Only the fields listed in `stream.fields` are read: the engine narrows that list to what the mapping uses.
   *
   * Reading again from a page's cursor misses nothing; repeats are allowed, gaps are not.
   * @throws ConfigError when a field of `stream.fields` no longer exists.
   */
  read(stream: Stream, after: Cursor | null, signal: AbortSignal): AsyncIterable<Page>;
  /**
   * Reads single rows as they are now, by {@link Row.key}; only the fields listed in `stream.fields`, as with `read`. Rows that
   * no longer exist are absent from the answer, or marked as deleted; the order does not matter.
   * @param keys at most 500, each once. They came from `read`, perhaps long ago.
   * @throws rather than leaving out a row that it could not look at: absence is taken for deletion.
   */
  lookup(stream: Stream, keys: readonly string[], signal: AbortSignal): Promise<readonly Row[]>;
  close(): Promise<void>;
}

export interface Finding {
  readonly level: "ok" | "warning";
  /** What was found, in one sentence. */
  readonly message: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
}

export interface Stream {
  readonly name: string;
  readonly fields: readonly Field[];
  /** The fields that identify a row, in order. Never empty. */
  readonly key: readonly string[];
  /** The field that moves whenever a row changes; null: the stream is compared in full on every run. */
  readonly cursorField: string | null;
  /** Fields that could serve as `cursorField`, best first. */
  readonly cursorCandidates: readonly string[];
  /** The source's own estimate; null when it has none. */
  readonly estimatedRows: number | null;
}

export interface Field {
  readonly name: string;
  /** The kind of JSON value that rows carry. `json` is any JSON; `date` and `datetime` are ISO 8601 text; `decimal` and `bigint` are text. */
  readonly type: FieldType;
  /** The source's own word for the type, for people. */
  readonly sourceType: string;
  readonly nullable: boolean;
  /** Why values of this field cannot be read as JSON (binary, say); null when they can. Mapping such a field is a ConfigError. */
  readonly unreadable: string | null;
}

export type FieldType =
  | "text"
  | "number"
  | "decimal"
  | "bigint"
  | "boolean"
  | "date"
  | "datetime"
  | "json"
  | "array"
  | "binary";

/**
 * Where to go on reading: plain JSON, opaque to everyone but the source that made it, and by value (cursor field + key),
 * so that it means the same after any pause. Never an offset, a vendor's locator or this machine's clock.
 */
export type Cursor = Json;

export interface Row {
  /** Identifies the row within its stream, as text. Stable for the row's whole life. */
  readonly key: string;
  /** One entry per field read. null is the source's null; an absent name means that the source did not deliver the field. */
  readonly fields: JsonObject;
  /** The source says that this row was deleted. Its fields may be incomplete. */
  readonly deleted?: true;
}

export interface Page {
  readonly rows: readonly Row[];
  /** Reading from here misses nothing that this page and those before it did not contain. */
  readonly cursor: Cursor;
  /** About how much memory the rows take. Bounds what the engine holds at once. */
  readonly bytes: number;
  /**
   * What the source has proved complete once this page is read; null when it cannot tell yet, and also when rows may be hidden
   * from it: where `deletes: delete` is set, what a proved enumeration did not show counts as deleted.
   */
  readonly proved: ProvedInterval | null;
  /**
   * With this page a stream that has a cursor field begins to read everything again by itself: from here on to the page that proves
   * the whole stream, nothing that exists is left out. Reading from null, and streams without a cursor field, need not say so.
   */
  readonly beginsEnumeration?: true;
  /** Why reading stays behind or is slower than it could be, in words for `status` (an open transaction, say). */
  readonly notices?: readonly string[];
}

/**
 * Every change whose `field` lies in (after, through] has been read. `field` null: the whole stream was enumerated. Where the
 * stream has no cursor field, the next read then starts over; where it has one, the intervals behind it begin with `after` null.
 */
export interface ProvedInterval {
  readonly field: string | null;
  /** Exclusive; null: from the beginning. */
  readonly after: string | null;
  /** Inclusive unless `throughExclusive`; null only where `field` is null. */
  readonly through: string | null;
  readonly throughExclusive?: boolean;
}
