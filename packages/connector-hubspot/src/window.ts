import { BugError } from "@acme/sync-core";
import type { Place } from "./cursor.ts";

/**
 * Crosses a window of modified dates by value, so that no result lies beyond the 10,000 that a search can reach and no page depends
 * on what moved since the page before:
 *
 * - a page is sorted by modified date. What it shows of its last millisecond may be a part (equal dates come in any order), so the
 *   next page begins with that millisecond again;
 * - where one millisecond fills too much of a page, it is drained by record id first.
 *
 * All of it is arithmetic on answers. A row that is touched meanwhile leaves the window for a later one and takes no place with it.
 */

/** Search conditions, as HubSpot writes them. */
export interface Filter {
  readonly propertyName: string;
  readonly operator: "BETWEEN" | "EQ" | "GT" | "GTE" | "HAS_PROPERTY";
  readonly value?: string;
  readonly highValue?: string;
}

export interface Query {
  readonly filters: readonly Filter[];
  readonly sortBy: string;
}

/** A row of an answer: its id, and its modified date as shown. */
export interface Found {
  readonly id: string;
  readonly modifiedMs: number | null;
}

export interface Step {
  /** Ids to read. */
  readonly ids: readonly string[];
  /** Where to go on; null: the window is read. */
  readonly next: Place | null;
}

const ID = "hs_object_id";
/** With so much of a page in its last millisecond, draining that millisecond costs less than reading it again. */
const HELD_BACK_SHARE = 0.25;

/** What to ask for at a place. The filter on ids is part of every page of a millisecond that is being drained. */
export function toQuery(at: Place, modifiedProperty: string): Query {
  if (at.afterId === null) {
    return {
      filters: [
        {
          propertyName: modifiedProperty,
          operator: "BETWEEN",
          value: String(at.nextMs),
          highValue: String(at.throughMs),
        },
      ],
      sortBy: modifiedProperty,
    };
  }
  const instant: Filter = { propertyName: modifiedProperty, operator: "EQ", value: String(at.nextMs) };
  const filters =
    at.afterId === FIRST_ID ? [instant] : [instant, { propertyName: ID, operator: "GT" as const, value: at.afterId }];
  return { filters, sortBy: ID };
}

/** Stands for the beginning of a millisecond that is drained by id. No record has this id. */
export const FIRST_ID = "0";

/**
 * What an answer means. Pure.
 * @param hasMore whether HubSpot says that there are more results. A short page is no sign of the end.
 * @returns null when the answer does not help to go on: nothing in it lies in the window, and there is more behind it.
 */
export function toStep(at: Place, found: readonly Found[], hasMore: boolean): Step | null {
  return at.afterId === null ? stepByDate(at, found, hasMore) : stepById(at, found, hasMore);
}

function stepByDate(at: Place, found: readonly Found[], hasMore: boolean): Step | null {
  if (!hasMore) return { ids: found.map((row) => row.id), next: null };
  const lastMs = lastInWindow(at, found);
  if (lastMs === null) return null;
  const isWhole = (row: Found): boolean => row.modifiedMs !== lastMs;
  const ids = found.filter(isWhole).map((row) => row.id);
  const heldBack = found.length - ids.length;
  const drain = lastMs === at.nextMs || heldBack > Math.max(1, found.length * HELD_BACK_SHARE);
  return { ids, next: { ...at, nextMs: lastMs, afterId: drain ? FIRST_ID : null } };
}

/**
 * The date at which the answer was cut. A row that moved between the index and the answer shows a date beyond the window, or one
 * that breaks the order: neither says where the answer was cut.
 */
function lastInWindow(at: Place, found: readonly Found[]): number | null {
  const inWindow = found.flatMap(({ modifiedMs }) =>
    modifiedMs !== null && modifiedMs >= at.nextMs && modifiedMs <= at.throughMs ? [modifiedMs] : [],
  );
  return inWindow.at(-1) ?? null;
}

function stepById(at: Place, found: readonly Found[], hasMore: boolean): Step | null {
  const ids = found.map((row) => row.id);
  if (!hasMore) {
    const nextMs = at.nextMs + 1;
    return { ids, next: nextMs > at.throughMs ? null : { ...at, nextMs, afterId: null } };
  }
  const last = ids.at(-1);
  return last === undefined ? null : { ids, next: { ...at, afterId: last } };
}

/** How the ids of a page are ordered: as numbers, as texts, or neither (also when they do not follow on `afterId`). */
export function idOrder(afterId: string | null, ids: readonly string[]): "numeric" | "text" | "none" {
  const all = afterId === null || afterId === FIRST_ID ? ids : [afterId, ...ids];
  const ascends = (isBefore: (left: string, right: string) => boolean): boolean =>
    all.every((id, index) => {
      const before = all[index - 1];
      return before === undefined || isBefore(before, id);
    });
  if (ascends((left, right) => toBigInt(left) < toBigInt(right))) return "numeric";
  return ascends((left, right) => left < right) ? "text" : "none";
}

/** Ids have up to 17 digits today, and no upper limit. */
function toBigInt(id: string): bigint {
  if (!/^\d+$/.test(id))
    throw new BugError(`HubSpot answered with a record id that is no number ("${id.slice(0, 30)}")`);
  return BigInt(id);
}
