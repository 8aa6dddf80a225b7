import type { SyncView } from "../contracts/runner-view.ts";
import { isBusy, isPaused, LEVELS, standingOf } from "./standing.ts";

/** What of the syncs is listed, as the query of the address says it. */
export interface ListQuery {
  /** In the name or the connector's; "": all. */
  readonly text: string;
  readonly show: Show;
  readonly sort: Sort;
  /** From 1. */
  readonly page: number;
}

export const SHOWS = ["all", "problems", "busy", "waiting", "paused", "in"] as const;
export type Show = (typeof SHOWS)[number];
export const SORTS = ["problems", "name", "fresh", "next", "rows"] as const;
export type Sort = (typeof SORTS)[number];

export const SYNCS_A_PAGE = 50;
const LONGEST_TEXT = 200;

export interface SyncList {
  readonly syncs: readonly SyncView[];
  /** How many match, over all pages. */
  readonly matching: number;
  readonly page: number;
  readonly pages: number;
}

/** Never fails: what it does not understand is as if it were not there. Pure. */
export function readListQuery(query: (name: string) => string | undefined): ListQuery {
  return {
    text: (query("q") ?? "").trim().slice(0, LONGEST_TEXT),
    show: SHOWS.find((show) => show === query("show")) ?? "all",
    sort: SORTS.find((sort) => sort === query("sort")) ?? "problems",
    page: /^[1-9]\d{0,4}$/.test(query("page") ?? "") ? Number(query("page")) : 1,
  };
}

/** The query as part of an address; what is left out is as usual. Pure. */
export function writeListQuery({ text, show, sort, page }: ListQuery): string {
  const query = new URLSearchParams();
  if (text !== "") query.set("q", text.toWellFormed());
  if (show !== "all") query.set("show", show);
  if (sort !== "problems") query.set("sort", sort);
  if (page !== 1) query.set("page", String(page));
  return query.size === 0 ? "/" : `/?${query.toString()}`;
}

export function matches(sync: SyncView, show: Show): boolean {
  const { level } = standingOf(sync);
  switch (show) {
    case "all":
      return true;
    case "problems":
      return level === "bad" || level === "warn";
    case "busy":
      return isBusy(sync);
    case "waiting":
      return sync.waitingFor !== null;
    case "paused":
      return isPaused(sync);
    case "in":
      return level === "good";
  }
}

/** Pure. */
export function listSyncs(all: readonly SyncView[], query: ListQuery): SyncList {
  const text = query.text.toLowerCase();
  const found = all.filter(
    (sync) =>
      matches(sync, query.show) &&
      (sync.name.toLowerCase().includes(text) || sync.connector.toLowerCase().includes(text)),
  );
  const pages = Math.max(1, Math.ceil(found.length / SYNCS_A_PAGE));
  const page = Math.min(query.page, pages);
  const sorted = found.toSorted((left, right) => ORDERS[query.sort](left, right) || byName(left, right));
  return {
    syncs: sorted.slice((page - 1) * SYNCS_A_PAGE, page * SYNCS_A_PAGE),
    matching: found.length,
    page,
    pages,
  };
}

type Order = (left: SyncView, right: SyncView) => number;

const byName: Order = (left, right) => left.name.localeCompare(right.name, "en", { numeric: true });
/** Stalest first; what was never fresh is staler than all. */
const byFreshness: Order = (left, right) => (left.freshAt ?? 0) - (right.freshAt ?? 0);
const rank = (sync: SyncView): number => LEVELS.indexOf(standingOf(sync).level);

const ORDERS: Readonly<Record<Sort, Order>> = {
  problems: (left, right) => rank(left) - rank(right) || Number(isBusy(right)) - Number(isBusy(left)),
  name: byName,
  fresh: byFreshness,
  next: (left, right) =>
    (left.nextRunAt ?? Number.POSITIVE_INFINITY) - (right.nextRunAt ?? Number.POSITIVE_INFINITY) || 0,
  rows: (left, right) => right.landedRows - left.landedRows,
};
