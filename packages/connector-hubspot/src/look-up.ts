import type { Page, Row } from "@acme/sync-core";
import type { Subject } from "./subject.ts";

/**
 * Records by key as they are now. What was archived, deleted, or merged into another record (which has another key) is absent.
 * @throws TransientError rather than leaving out a record that HubSpot says nothing about.
 */
export async function lookUp(subject: Subject, keys: readonly string[], signal: AbortSignal): Promise<readonly Row[]> {
  const wanted = new Set(keys);
  const rows = await subject.readRows([...wanted], false, signal);
  return rows.flatMap(({ row }) => (row.deleted !== true && wanted.has(row.key) ? [row] : []));
}

/** Owners cannot be read by many ids at once; there are few enough to read them all. */
export async function lookUpOwners(pages: AsyncIterable<Page>, keys: readonly string[]): Promise<readonly Row[]> {
  const wanted = new Set(keys);
  const found: Row[] = [];
  for await (const page of pages) found.push(...page.rows.filter((row) => wanted.has(row.key)));
  return found;
}
