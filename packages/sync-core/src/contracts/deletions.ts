/**
 * What a sync with `deletes: delete` remembers besides: under which record every row landed, which rows the enumeration under
 * way has shown, which rows the source said were deleted, and which records are to be deleted since no row of the sync maps to them
 * any more. With `deletes: ignore` nothing of this is stored: identities of records are personal data.
 */
export interface DeletionMemory {
  deletions(): Promise<DeletionStatus>;
  /** Rows are about to be read from the beginning, and to land, as part of `selection`. Kept where none is known yet. */
  keepSelection(selection: string): Promise<void>;
  /** Everything there is has been shown, and every page of it is checkpointed. */
  completeEnumeration(): Promise<void>;
  /** Nothing is to be inferred from the last enumeration any more. What landed is taken to be part of `selection` from here on. */
  endEnumeration(selection: string): Promise<void>;
  /**
   * Rows that landed and are gone as far as reading shows: those that the source said were deleted and, once an enumeration is
   * complete, those that it did not show. By key.
   * @param after the last key of the page before; null: from the beginning.
   */
  absent(after: string | null, limit: number): Promise<readonly AbsentRow[]>;
  /** How many {@link absent} gives in all. */
  absentCount(): Promise<number>;
  /** These rows are gone for good: nothing is known of them any more, and their records are to be deleted. */
  leave(keys: readonly string[]): Promise<void>;
  /** Rows that landed without their record being remembered: before `deletes: delete` was set, and not shown since. */
  unidentifiedCount(): Promise<number>;
  /** Forgets these rows. @returns how many. */
  forgetUnidentified(): Promise<number>;
  /**
   * Records to be deleted, by name; those that rows map to again are struck off.
   * @param now in milliseconds since the epoch: those that are to be looked for later are absent.
   */
  left(now: number, limit: number): Promise<readonly LeftRecord[]>;
  /** How many records are to be deleted in all: `fresh` ones have not been looked for yet, `missed` ones were not to be seen. */
  leftCount(): Promise<{ readonly fresh: number; readonly missed: number }>;
  /** The record was not to be seen at `missedAt`, the first time that it was looked for; not before `lookAt` is it looked for again. */
  miss(identity: string, missedAt: number, lookAt: number): Promise<void>;
  /** The record is deleted, or nobody looks for it any more. */
  strikeOff(identity: string): Promise<void>;
}

export interface DeletionStatus {
  /**
   * `none`: what has been read is not tracked. `open`: under way since the beginning, perhaps for several runs. `complete`: has
   * shown everything. `ended`: done with; a source that compares in full starts over.
   */
  readonly enumeration: "none" | "open" | "complete" | "ended";
  /** Whether the enumeration has shown any row. */
  readonly hasSeen: boolean;
  /** Digest of the source's options under which rows landed; null: not known. */
  readonly selection: string | null;
  readonly landedRows: number;
}

export interface AbsentRow {
  readonly key: string;
  /** The record that it landed in; null: not remembered. */
  readonly identity: string | null;
}

export interface LeftRecord {
  readonly identity: string;
  /** When it was first looked for and not to be seen, in milliseconds since the epoch; null: it has not been looked for. */
  readonly missedAt: number | null;
}

/** What a page has shown, for a sync that deletes. */
export interface PageMarks {
  /**
   * Present: the page is the first of an enumeration, and what earlier ones have shown is forgotten together with the move of the
   * checkpoint into it. The digest of the source's options; kept where none is known yet.
   */
  readonly begins?: string;
  /** Keys of all its rows but those that are deleted. */
  readonly seen: readonly string[];
  /** Keys of rows that the source says are deleted. */
  readonly gone: readonly string[];
  /** Rows that are as they landed, with the record they map to. */
  readonly identities: readonly { readonly key: string; readonly identity: string }[];
}
