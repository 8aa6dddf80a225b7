import { BugError } from "@acme/sync-core";
import type { Drain, Place } from "./cursor.ts";

/**
 * Crosses a window of modified dates by value, so that no result lies beyond the 10,000 that a search can reach and no page depends
 * on what moved since the page before:
 *
 * - a page is sorted by modified date. What it shows of its last millisecond may be a part (equal dates come in any order), so the
 *   next page begins with that millisecond again;
 * - where one millisecond fills too much of a page, it is drained by record id first;
 * - where no row of a page says how far it reaches (all have moved since they were indexed, or are gone), what is left of the window
 *   is drained by record id. Ids do not move; a second page of the same dates would depend on ties and on what left meanwhile.
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

export const ID = "hs_object_id";
/** With so much of a page in its last millisecond, draining that millisecond costs less than reading it again. */
const HELD_BACK_SHARE = 0.25;

/** Which dates to ask for at a place. */
export function toFilter(at: Place, modifiedProperty: string): Filter {
  const throughMs = at.drain?.throughMs ?? at.throughMs;
  const value = String(at.nextMs);
  return at.drain !== null && throughMs === at.nextMs
    ? { propertyName: modifiedProperty, operator: "EQ", value }
    : { propertyName: modifiedProperty, operator: "BETWEEN", value, highValue: String(throughMs) };
}

/** Stands for the beginning of dates that are drained by id. No record has this id. */
export const FIRST_ID = "0";

/** What goes with every page of a search that is sorted by id. */
export function behind(afterId: string): readonly Filter[] {
  return afterId === FIRST_ID ? [] : [{ propertyName: ID, operator: "GT", value: afterId }];
}

/**
 * What an answer means. Pure.
 * @param hasMore whether HubSpot says that there are more results. A short page is no sign of the end.
 */
export function toStep(at: Place, found: readonly Found[], hasMore: boolean): Step {
  return at.drain === null ? stepByDate(at, found, hasMore) : stepById(at, at.drain, found, hasMore);
}

function stepByDate(at: Place, found: readonly Found[], hasMore: boolean): Step {
  if (!hasMore) return { ids: found.map((row) => row.id), next: null };
  const lastMs = lastInWindow(at, found);
  if (lastMs === null) {
    return { ids: found.map((row) => row.id), next: { ...at, drain: { afterId: FIRST_ID, throughMs: at.throughMs } } };
  }
  const isWhole = (row: Found): boolean => row.modifiedMs !== lastMs;
  const ids = found.filter(isWhole).map((row) => row.id);
  const heldBack = found.length - ids.length;
  const drains = lastMs === at.nextMs || heldBack > Math.max(1, found.length * HELD_BACK_SHARE);
  return { ids, next: { ...at, nextMs: lastMs, drain: drains ? { afterId: FIRST_ID, throughMs: lastMs } : null } };
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

function stepById(at: Place, drain: Drain, found: readonly Found[], hasMore: boolean): Step {
  const ids = found.map((row) => row.id);
  if (!hasMore) {
    const nextMs = drain.throughMs + 1;
    return { ids, next: nextMs > at.throughMs ? null : { ...at, nextMs, drain: null } };
  }
  return { ids, next: { ...at, drain: { ...drain, afterId: ids.at(-1) ?? drain.afterId } } };
}

/** How the ids of a page are ordered: as numbers, as texts, or neither (also when they do not follow on `afterId`). */
export function idOrder(afterId: string, ids: readonly string[]): "numeric" | "text" | "none" {
  const all = afterId === FIRST_ID ? ids : [afterId, ...ids];
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
