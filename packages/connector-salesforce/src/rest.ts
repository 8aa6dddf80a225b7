import { TransientError } from "@acme/sync-core";
import { addressBytes, chunkFields, ID, toSoql } from "./query.ts";
import { isOneVersion, readByIds } from "./read-by-ids.ts";
import { toLongId } from "./record-ids.ts";
import type { Reading } from "./reading.ts";
import type { RestRecord } from "./responses.ts";

/** One question by REST, in an order by which it can be asked again behind any row. */
export interface RestQuestion {
  /** Deleted and archived rows too. */
  readonly all: boolean;
  readonly orderBy: readonly string[];
  /** Rows after which the question is asked again from there; null: never. */
  readonly limit: number | null;
  /** Conditions for what lies behind a row; null: for everything. */
  readonly where: (after: RestRecord | null) => readonly string[];
}

export interface RestAnswer {
  readonly records: readonly ReadRecord[];
  /** Rows of the whole question, when it was asked last. */
  readonly totalSize: number;
  readonly isLast: boolean;
}

/** A record, and where it stood: one that was read again for all of its fields may have a later stamp by now. */
export interface ReadRecord {
  readonly record: RestRecord;
  readonly stood: RestRecord;
}

const MAX_RESTARTS = 20;

/**
 * Yields what Salesforce answers, page by page as it chooses, one in memory. Pages follow the server's locator while it lives; when it
 * is lost (a new session, say), the question is asked again behind the last row. The end is where Salesforce says so, never a short page.
 */
export async function* askByRest(reading: Reading, question: RestQuestion): AsyncGenerator<RestAnswer> {
  const { client, subject, signal } = reading;
  const { object, requested, fixed } = subject;
  const { all, orderBy, limit } = question;
  const doing = `reading ${object}`;
  let after: RestRecord | null = null;
  let restarts = 0;
  for (;;) {
    const where = question.where(after);
    const rest = addressBytes(toSoql({ object, fields: [ID], where, orderBy, limit }));
    const [first = fixed, ...others] = chunkFields(requested, fixed, rest);
    const soql = toSoql({ object, fields: first, where, orderBy, limit });
    let page = await client.query(soql, all, doing, signal);
    const { totalSize } = page;
    let rows = 0;
    for (;;) {
      rows += page.records.length;
      const isOver = page.next === null && (limit === null || rows < limit);
      const records: readonly ReadRecord[] =
        others.length === 0
          ? page.records.map((record) => ({ record, stood: record }))
          : await complete(reading, page.records, others.flat());
      yield { records, totalSize, isLast: isOver };
      if (isOver) return;
      const last: RestRecord | undefined = page.records.at(-1);
      if (last !== undefined) {
        after = last;
        restarts = 0;
      }
      if (page.next === null) break;
      const next = await client.queryMore(page.next, doing, signal);
      if (next === null) break;
      page = next;
    }
    restarts += 1;
    if (restarts > MAX_RESTARTS) {
      throw new TransientError(`${doing}: Salesforce loses the query again and again`, {
        hint: "Reading goes on from the last page.",
      });
    }
  }
}

/** Adds the fields that did not fit into the address. What is not there any more is told by a later pass. */
async function complete(
  { client, subject, signal }: Reading,
  records: readonly RestRecord[],
  others: readonly string[],
): Promise<readonly ReadRecord[]> {
  const idOf = (record: RestRecord): string => toLongId(String(record[ID]));
  const ids = records.map(idOf);
  const rest = await readByIds(client, subject, ids, others, signal);
  const changed = new Set(
    records.filter((record) => {
      const other = rest.get(idOf(record));
      return other !== undefined && !isOneVersion([record, other], subject);
    }),
  );
  const again = await readByIds(client, subject, [...changed].map(idOf), subject.requested, signal);
  return records.flatMap((stood) => {
    const other = rest.get(idOf(stood));
    const record = changed.has(stood) || other === undefined ? again.get(idOf(stood)) : { ...stood, ...other };
    return record === undefined ? [] : [{ record, stood }];
  });
}
