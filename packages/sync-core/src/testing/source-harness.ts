import type { JsonObject } from "../contracts/json.ts";
import type { Source } from "../contracts/source.ts";

/**
 * What a connector author gives to the conformance suite: one empty table (or object, or collection) of the real system or
 * of something that stands in for it, and a few ways to change it. Every law gets a new one.
 */
export interface SourceHarness {
  /** The field that the suite writes its own texts to. Its type is text, and it may be null. */
  readonly textField: string;
  /** Passwords, tokens, connection strings: no error may carry one of them. */
  readonly secrets: readonly string[];
  /** Makes a source over the one stream. Called several times; the suite closes what it opened. */
  open(opening: Opening): Source | Promise<Source>;
  /**
   * Writes one new row for each text, as fast as the system can, committed on return. Rows of one call should share their
   * cursor value where the system allows it; those of a later call must not have a smaller one.
   * @returns their keys, in the same order, as the source spells them in `Row.key`.
   */
  insert(texts: readonly (string | null)[]): Promise<readonly string[]>;
  /** Writes another text to a row, as the system's users would: the cursor field moves. */
  update(key: string, text: string): Promise<void>;
  /** Whatever must happen until everything written so far may be read: let a stated lag pass, say. */
  settle?(): Promise<void>;
  /** Ends everything that belongs to this harness. The sources are closed before. */
  dispose(): Promise<void>;

  // Abilities. One that is missing must be named in `cannot` of the options, with the reason.

  /** Deletes a row for good. */
  readonly remove?: (key: string) => Promise<void>;
  /** Sets a row's cursor field to null. */
  readonly clearCursor?: (key: string) => Promise<void>;
  /** Begins a change that takes its cursor value now, and is seen by others only once `commit` has been called. */
  readonly beginLate?: (text: string) => Promise<LateChange>;
  /** Writes one row with a value of every type, and says how the source must give it. Unreadable fields are left out. */
  readonly insertEveryType?: () => Promise<{ readonly key: string; readonly fields: JsonObject }>;
  /** From now on the system takes requests and answers none, until the function returned is called. */
  readonly stall?: () => Promise<() => Promise<void>>;
  /** Ends every connection that sources have open, without warning. */
  readonly cut?: () => Promise<void>;
  /** How many connections or requests of the sources the system sees, idle connections included. */
  readonly sessions?: () => Promise<number>;
}

export interface LateChange {
  /** @returns the row's key. */
  commit(): Promise<string>;
}

export interface Opening {
  /** Rows a page, at most. A source with a fixed page size ignores it; see {@link SuiteSettings.smallPage}. */
  readonly pageRows: number;
  /** What is wrong with the configuration: a password, an address where nothing listens, a table that is not there. null: nothing. */
  readonly fault: "credentials" | "address" | "stream" | null;
}

/**
 * What not every system can do: the harness's optional methods, the faults `credentials` and `address` of {@link Opening}, and
 * three things about the system itself: `exactResume`, that it reads nothing twice when nothing changed (a source that reads an
 * overlap again cannot), `ties`, that rows can share a cursor value, and `emptyText`, that it tells an empty text from null.
 */
export type Ability =
  | "remove"
  | "clearCursor"
  | "beginLate"
  | "insertEveryType"
  | "stall"
  | "cut"
  | "sessions"
  | "credentials"
  | "address"
  | "exactResume"
  | "emptyText"
  | "ties";

export interface SuiteSettings {
  /** What the system cannot do, each with the reason, which the test's name then states. */
  readonly cannot?: Readonly<Partial<Record<Ability, string>>>;
  /** The smallest page that the source gives. Reads of the suite span a dozen of them. Default: 3. */
  readonly smallPage?: number;
  /** Rows that share one cursor value in the law about ties. Default: 2,000. */
  readonly tiedRows?: number;
  /** What chance begins with. The same seed makes the same writes and the same page sizes. Default: 1. */
  readonly seed?: number;
}
