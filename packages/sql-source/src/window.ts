import type { IncrementalCursor } from "./cursor.ts";
import type { CursorPlan, ReadPlan } from "./read-plan.ts";
import type { Column } from "./relation.ts";
import { beyondProbe, type Bound, greatestCursor, type OutsideRows } from "./statements.ts";
import type { Transaction } from "./transaction.ts";

/** What a pass may read by cursor. Finding it is what connectors do not share. */
export interface Window {
  /** null: nothing is proved complete yet. */
  readonly bound: Bound | null;
  /** Whether the bound lies beyond what earlier passes proved. */
  readonly isNewer: boolean;
  readonly outside: OutsideRows;
  /** Goes into the cursor, for a later pass. */
  readonly pending: IncrementalCursor["pending"];
  /** Why reading stays behind, in words. */
  readonly notices: readonly string[];
}

export interface WindowSearch<C extends Column, T extends Transaction> {
  readonly plan: ReadPlan<C>;
  readonly cursor: CursorPlan<C>;
  readonly state: IncrementalCursor;
  /** A transaction of its own for each look. */
  readonly within: <Result>(work: (transaction: T) => Promise<Result>) => Promise<Result>;
  readonly signal: AbortSignal;
}

/** Rows dated further ahead than this are read on every run: their time may never come. In microseconds. */
export const FAR_AHEAD_MICROS = 86_400_000_000n;
/** Applies where the transactions of others cannot be seen, unless `lagMs` is set. In milliseconds. */
export const FALLBACK_LAG_MS = 300_000;
/** Who holds reads back for longer than this is named. In microseconds. */
export const NOTICE_AFTER_MICROS = 60_000_000n;
/** How long a value may take within a run to become safe. */
export const VALUE_WAIT_MS = 3000;

/** The greatest cursor value below `below` (null: of all); null when there is none. */
export async function readGreatest(
  transaction: Transaction,
  { plan, cursor }: Pick<WindowSearch<Column, Transaction>, "plan" | "cursor">,
  below: string | null,
): Promise<string | null> {
  const selection = { ...plan.selection, select: [cursor.column.select] };
  const { text, values } = greatestCursor(selection, cursor.column.term, below);
  const [row] = await transaction.rows(text, values);
  return row === undefined ? null : (Object.values(row)[0] ?? null);
}

/** Whether `value` lies behind `before`, by the server's own comparison. Everything lies behind null. */
export async function isBeyond(
  transaction: Transaction,
  { plan, cursor }: Pick<WindowSearch<Column, Transaction>, "plan" | "cursor">,
  value: string,
  before: string | null,
): Promise<boolean> {
  if (before === null) return true;
  const { text, values } = beyondProbe(plan.selection.dialect, cursor.column.term, value, before);
  const [row] = await transaction.rows(text, values);
  return row?.["beyond"] === "1";
}

/** Seconds since the epoch in words, of microseconds. */
export function toSecondsText(micros: bigint): string {
  return `${new Date(Number(micros / 1000n)).toISOString().slice(0, 19)}Z`;
}
