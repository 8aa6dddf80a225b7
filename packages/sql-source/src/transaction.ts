import type { ErrorContext } from "./connection-errors.ts";
import type { Statement } from "./statements.ts";

/** A row as it came over the wire: the server's texts, null for null, in the order of the select list. */
export type TextRow = readonly (string | null)[];

export interface TextPage {
  readonly rows: readonly TextRow[];
  /** Size of the rows on the wire, about. */
  readonly bytes: number;
  /** The row behind the page; null when the page is the last. */
  readonly next: TextRow | null;
}

export interface PageLimits {
  readonly maxRows: number;
  /** The page ends behind the row that crosses this. */
  readonly maxBytes: number;
  /** What a row is expected to take, in bytes; 0: nothing is known. */
  readonly expectedRowBytes: number;
}

/** A read-only transaction. Valid until the work given to {@link SqlClient.transaction} ends. */
export interface Transaction {
  /** All rows of a short answer, by column name. Every value is text or null. A single statement, whatever its text says. */
  rows(text: string, values?: readonly string[]): Promise<readonly Readonly<Record<string, string | null>>[]>;
  /** One page of a long answer. `statement` is given how many rows to ask for at most: one more than the page may have. */
  page(statement: (limit: number) => Statement, limits: PageLimits): Promise<TextPage>;
}

/** What an error message says about the work that failed. */
export type Subject = Pick<ErrorContext, "doing" | "relation">;

export interface SqlClient<T extends Transaction> {
  /**
   * Runs `work` in one read-only transaction; each statement sees its own snapshot or that of the transaction, whichever the
   * client says.
   *
   * A connection found dead before `work` began is replaced once; nothing else is tried again.
   * @throws the signal's reason as soon as it is aborted; one of the five errors otherwise.
   */
  transaction<Result>(
    subject: Subject,
    signal: AbortSignal,
    work: (transaction: T) => Promise<Result>,
  ): Promise<Result>;
  /** Closes every connection, in use or not. */
  close(): Promise<void>;
}
