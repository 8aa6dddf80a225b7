import { formatCount, formatCountOf, formatShare } from "@acme/sync-core";
import type { QuotaView, SyncView } from "../../contracts/runner-view.ts";
import { exactly, type Html, html, type Insert } from "../html.ts";
import type { PageContent } from "../layout.ts";
import { bar } from "../parts/bar.ts";
import { syncRow } from "../parts/sync-row.ts";
import {
  type ListQuery,
  listSyncs,
  matches,
  type Show,
  SHOWS,
  type Sort,
  SORTS,
  writeListQuery,
} from "../sync-list.ts";
import { isBusy, type Level, standingOf } from "../standing.ts";
import { quotaTone } from "./quota-page.ts";

const SHOW_NAMES: Readonly<Record<Show, string>> = {
  all: "All",
  problems: "Problems",
  busy: "Busy",
  waiting: "Waiting",
  paused: "Paused",
  in: "In",
};

const SORT_NAMES: Readonly<Record<Sort, string>> = {
  problems: "Problems first",
  name: "Name",
  fresh: "Stalest first",
  next: "Next run",
  rows: "Most rows",
};

export function overviewPage(
  syncs: readonly SyncView[],
  quota: readonly QuotaView[],
  query: ListQuery,
  now: number,
): PageContent {
  const counts = new Map(SHOWS.map((show) => [show, syncs.filter((sync) => matches(sync, show)).length]));
  const lead = leadInWords(syncs);
  return {
    title: "Syncs",
    here: "syncs",
    live: true,
    spoken: `${lead} ${formatCount(counts.get("busy") ?? 0)} busy, ${formatCount(counts.get("problems") ?? 0)} with problems.`,
    body: html`<div class="lead" id="lead" data-live>
  <div><h1>${lead}</h1><p class="sub">${restInWords(syncs)}</p></div>
  ${quota.length > 0 && html`<a class="quota-brief" href="/quota">${quota.slice(0, 3).map(quotaBrief)}</a>`}
</div>
${syncs.length === 0 ? empty : list(syncs, query, counts, now)}`,
  };
}

const empty = html`<div class="empty"><p>No syncs are configured yet.</p><p class="quiet">Add one under <code>syncs</code> in the configuration and start the runner again. It appears here before its first run.</p></div>`;

function leadInWords(syncs: readonly SyncView[]): string {
  const isIn = syncs.filter((sync) => standingOf(sync).level === "good").length;
  if (syncs.length === 0) return "Nothing to sync yet.";
  if (isIn === syncs.length) return syncs.length === 1 ? "It is in." : `All ${formatCount(syncs.length)} syncs are in.`;
  return `${formatCount(isIn)} of ${formatCount(syncs.length)} syncs ${syncs.length === 1 || isIn === 1 ? "is" : "are"} in.`;
}

/** What is with those that are not in, worst first. */
function restInWords(syncs: readonly SyncView[]): string {
  const count = (level: Level) => syncs.filter((sync) => standingOf(sync).level === level).length;
  const [failed, look, never, busy] = [count("bad"), count("warn"), count("off"), syncs.filter(isBusy).length];
  const parts = [
    failed > 0 && `${formatCount(failed)} failed`,
    look > 0 && formatCountOf(look, "needs a look", "need a look"),
    never > 0 && `${formatCount(never)} never ran`,
    busy > 0 && `${formatCount(busy)} at work or queued`,
  ];
  return parts.filter((part) => part !== false).join(" · ");
}

function quotaBrief({ used, limit, month }: QuotaView): Html {
  const words = limit === null ? `${formatCount(used)} units` : `${formatShare(used / limit)} of ${formatCount(limit)}`;
  return html`<span><span class="quiet">Quota ${month}</span> ${words}${limit !== null && bar(used / limit, `${words} used`, quotaTone(used, limit))}</span>`;
}

function list(syncs: readonly SyncView[], query: ListQuery, counts: ReadonlyMap<Show, number>, now: number): Html {
  const { syncs: shown, matching, page, pages } = listSyncs(syncs, query);
  return html`<div class="filters">
  <nav aria-label="Which syncs" id="shows" data-live><ul class="chips">${SHOWS.filter(
    (show) => (counts.get(show) ?? 0) > 0 || show === "all" || show === query.show,
  ).map(
    (show) =>
      html`<li><a class="chip-link chip-${show}" href="${writeListQuery({ ...query, show, page: 1 })}"${show === query.show && html` aria-current="true"`}>${SHOW_NAMES[show]} <b>${formatCount(counts.get(show) ?? 0)}</b></a></li>`,
  )}</ul></nav>
  <form method="get" action="/" role="search" class="search">
    <label><span class="unseen">Name or connector</span><input type="search" name="q" value="${exactly(query.text)}" placeholder="Name or connector" maxlength="200"></label>
    ${query.show !== "all" && html`<input type="hidden" name="show" value="${query.show}">`}
    <label><span class="unseen">Order</span><select name="sort">${SORTS.map((sort) => html`<option value="${sort}"${sort === query.sort && html` selected`}>${SORT_NAMES[sort]}</option>`)}</select></label>
    <button class="other">Show</button>
  </form>
</div>
<section id="syncs" data-live aria-label="Syncs">
${shown.length === 0 ? html`<div class="empty"><p>No sync matches.</p><p><a href="/">Show all ${formatCount(syncs.length)}</a></p></div>` : table(shown, now)}
${pages > 1 && pager(query, page, pages, matching)}
</section>`;
}

function table(syncs: readonly SyncView[], now: number): Html {
  return html`<table class="syncs cards">
<thead><tr><th scope="col">Sync</th><th scope="col">Is it in?</th><th scope="col">Fresh as of</th><th scope="col">Last runs</th><th scope="col" class="number">Rows in</th><th scope="col">Now and next</th></tr></thead>
<tbody>${syncs.map((sync) => syncRow(sync, now))}</tbody>
</table>`;
}

function pager(query: ListQuery, page: number, pages: number, matching: number): Insert {
  const link = (to: number, name: string) =>
    to >= 1 && to <= pages
      ? html`<a href="${writeListQuery({ ...query, page: to })}">${name}</a>`
      : html`<span class="quiet">${name}</span>`;
  return html`<nav class="pager" aria-label="Parts of the list">${link(page - 1, "← Before")} <span>Part ${page} of ${pages} · ${formatCount(matching)} syncs</span> ${link(page + 1, "After →")}</nav>`;
}
