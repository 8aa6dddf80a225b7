import type { Row } from "@acme/sync-core";
import type { SalesforceClient } from "./salesforce-client.ts";
import { readByIds } from "./read-by-ids.ts";
import type { Subject } from "./subject.ts";

/** Records by key as they are now. Those that were deleted, or merged into another, are absent. */
export async function lookUp(
  client: SalesforceClient,
  subject: Subject,
  keys: readonly string[],
  signal: AbortSignal,
): Promise<readonly Row[]> {
  const records = await readByIds(client, subject, keys, subject.requested, signal);
  const tally = { nulBytes: 0 };
  return [...records.values()].flatMap((record) => {
    const { row } = subject.fromRest(record, tally);
    return row.deleted === true ? [] : [row];
  });
}
