import type { Row } from "@acme/sync-core";
import { type ReadPlan, toPosition, toRows, twins } from "./read-plan.ts";
import type { Statement } from "./statements.ts";
import type { SqlClient, TextPage, TextRow, Transaction } from "./transaction.ts";

export interface PartPorts<T extends Transaction> {
  readonly client: SqlClient<T>;
  readonly pageRows: number;
  readonly pageBytes: number;
  readonly signal: AbortSignal;
}

export interface Part {
  readonly rows: readonly Row[];
  readonly bytes: number;
  /** The last row's position; null when there is no row. */
  readonly position: readonly string[] | null;
  readonly isLast: boolean;
}

/** Pages of one statement, each in a transaction of its own, until there is no more. The last may be empty. */
export async function* readParts(
  plan: ReadPlan,
  positionAt: readonly number[],
  after: readonly string[] | null,
  statement: (position: readonly string[] | null, limit: number) => Statement,
  ports: PartPorts<Transaction>,
): AsyncGenerator<Part> {
  const { pageRows, pageBytes, client, signal } = ports;
  let position = after;
  let expectedRowBytes = 0;
  for (;;) {
    const from = position;
    const limits = { maxRows: pageRows, maxBytes: pageBytes, expectedRowBytes };
    const page = await client.transaction(plan.subject, signal, (transaction) =>
      transaction.page((limit) => statement(from, limit), limits),
    );
    if (!plan.isKeyProven) refuseTwins(plan, positionAt, page);
    const last = page.rows[page.rows.length - 1];
    const reached = last === undefined ? null : toPosition(plan, positionAt, last);
    if (page.rows.length > 0) expectedRowBytes = page.bytes / page.rows.length;
    yield { rows: toRows(plan, page.rows), bytes: page.bytes, position: reached, isLast: page.next === null };
    if (page.next === null) return;
    position = reached ?? position;
  }
}

/** @throws ConfigError for two rows of one position. */
function refuseTwins(plan: ReadPlan, at: readonly number[], page: TextPage): void {
  let before: TextRow | null = null;
  for (const row of page.next === null ? page.rows : [...page.rows, page.next]) {
    const other = before;
    if (other !== null && at.every((index) => row[index] === other[index])) throw twins(plan);
    before = row;
  }
}
