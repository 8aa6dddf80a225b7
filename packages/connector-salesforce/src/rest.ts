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
  /** Whether a row that came with a later page, and may be as it is now, stands where it stood when the question was asked. */
  readonly isFirm: (row: RestRecord) => boolean;
}

export interface RestAnswer {
  readonly records: readonly ReadRecord[];
  /** Rows of the whole question, when it was asked last. */
  readonly totalSize: number;
  readonly isLast: boolean;
}

/** A record, and where it stood: one that was read again may have a later stamp by now. null: nobody knows. */
export interface ReadRecord {
  readonly record: RestRecord;
  readonly stood: RestRecord | null;
}

const MAX_RESTARTS = 20;

/**
 * Yields what Salesforce answers, page by page as it chooses, one in memory. Pages follow the server's locator while it lives; when it
 * is lost (a new session, say), the question is asked again behind the last row. It is also asked again where a later page ends with a row
 * that may have moved: going on behind its new place would leave out rows. The end is where Salesforce says so, never a short page.
 */
export async function* askByRest(reading: Reading, question: RestQuestion): AsyncGenerator<RestAnswer> {
  const { client, subject, signal } = reading;
  const { object, requested, fixed } = subject;
  const { all, orderBy, limit, isFirm } = question;
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
    for (let isFirst = true; ; isFirst = false) {
      rows += page.records.length;
      const isOver = page.next === null && (limit === null || rows < limit);
      const placed = page.records.map((record) => ({ record, stood: isFirst || isFirm(record) ? record : null }));
      yield {
        records: others.length === 0 ? placed : await complete(reading, placed, others.flat()),
        totalSize,
        isLast: isOver,
      };
      if (isOver) return;
      const last = placed.findLast(({ stood }) => stood !== null);
      if (last !== undefined) {
        after = last.record;
        restarts = 0;
      }
      if (page.next === null || placed.at(-1)?.stood === null) break;
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
  records: readonly ReadRecord[],
  others: readonly string[],
): Promise<readonly ReadRecord[]> {
  const idOf = ({ record }: ReadRecord): string => toLongId(String(record[ID]));
  const rest = await readByIds(client, subject, records.map(idOf), others, signal);
  const changed = new Set(
    records.filter((each) => {
      const other = rest.get(idOf(each));
      return other !== undefined && !isOneVersion([each.record, other], subject);
    }),
  );
  const again = await readByIds(client, subject, [...changed].map(idOf), subject.requested, signal);
  return records.flatMap((each) => {
    const other = rest.get(idOf(each));
    const record = changed.has(each) || other === undefined ? again.get(idOf(each)) : { ...each.record, ...other };
    return record === undefined ? [] : [{ record, stood: each.stood }];
  });
}
