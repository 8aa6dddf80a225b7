import { BugError } from "@acme/sync-core";
import type { Place } from "./cursor.ts";

/** SOQL text. Pure. Names come from describe or from a configuration that allows API names only; values are written by this file. */
export interface Soql {
  readonly object: string;
  readonly fields: readonly string[];
  readonly where: readonly string[];
  /** Never for Bulk: an order switches its division by key off, and such jobs run into their time limit. */
  readonly orderBy?: readonly string[];
  readonly limit?: number | null;
}

export const ID = "Id";
export const IS_DELETED = "IsDeleted";
export const MASTER_ID = "MasterRecordId";

const NAME = /^[A-Za-z]\w*(?:\.[A-Za-z]\w*)*$/;

export function toSoql({ object, fields, where, orderBy = [], limit = null }: Soql): string {
  for (const name of [object, ...fields]) {
    if (!NAME.test(name)) throw new BugError(`"${name.slice(0, 80)}" cannot be a name in a query`);
  }
  const parts = [`SELECT ${fields.join(", ")} FROM ${object}`];
  if (where.length > 0) parts.push(`WHERE ${where.join(" AND ")}`);
  if (orderBy.length > 0) parts.push(`ORDER BY ${orderBy.join(", ")}`);
  if (limit !== null) parts.push(`LIMIT ${limit}`);
  return parts.join(" ");
}

/** A text in a query, escaped. */
export function quote(text: string): string {
  return `'${text.replaceAll(/[\\'"]/g, (character) => `\\${character}`)}'`;
}

/** A time in a query: not quoted, to the second, as stamps are. */
export function toTimeLiteral(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * What is left of a slice of time: from `fromMs` (or behind the row `after`) to `untilMs`, which does not belong to it.
 * Rows of one second are told apart by id.
 */
export function toWindowConditions(
  field: string,
  { fromMs, untilMs, after }: Pick<Place, "fromMs" | "untilMs" | "after">,
): readonly string[] {
  const until = `${field} < ${toTimeLiteral(untilMs)}`;
  if (after === null) return [`${field} >= ${toTimeLiteral(fromMs)}`, until];
  const at = toTimeLiteral(after.ms);
  return [`((${field} = ${at} AND ${ID} > ${quote(after.id)}) OR ${field} > ${at})`, until];
}

export function toIdsCondition(ids: readonly string[]): string {
  return `${ID} IN (${ids.map(quote).join(",")})`;
}

/**
 * Salesforce refuses an address of more than 16,384 bytes, and one that is longer together with its headers. What others found to
 * be safe is to keep 2,500 free.
 */
export const MAX_QUERY_BYTES = 16_384 - 2500;

/** Bytes of a query in an address. */
export function addressBytes(soql: string): number {
  return encodeURIComponent(soql).length;
}

/**
 * Divides fields among queries so that each stays within its bytes; `fixed` fields are in all of them.
 * @param restBytes what the query has beside its fields. Never empty: at least the fixed fields.
 */
export function chunkFields(
  fields: readonly string[],
  fixed: readonly string[],
  restBytes: number,
  maxBytes: number = MAX_QUERY_BYTES,
): readonly (readonly string[])[] {
  const costOf = (name: string): number => encodeURIComponent(`${name}, `).length;
  const base = restBytes + fixed.reduce((sum, name) => sum + costOf(name), 0);
  const chunks: string[][] = [[...fixed]];
  let bytes = base;
  for (const name of fields) {
    if (fixed.includes(name)) continue;
    const cost = costOf(name);
    let chunk = chunks.at(-1);
    if (chunk === undefined || (bytes + cost > maxBytes && chunk.length > fixed.length)) {
      chunk = [...fixed];
      chunks.push(chunk);
      bytes = base;
    }
    chunk.push(name);
    bytes += cost;
  }
  return chunks;
}

/** How many ids fit into a query beside its other bytes. At least one. */
export function idsAtOnce(restBytes: number, maxBytes: number = MAX_QUERY_BYTES): number {
  const each = encodeURIComponent("'003xx0000000001AAA',").length;
  return Math.max(1, Math.floor((maxBytes - restBytes) / each));
}
