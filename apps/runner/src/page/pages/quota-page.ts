import { afterFor, formatCount, formatList, formatShare } from "@acme/sync-core";
import type { QuotaView, SyncView } from "../../contracts/runner-view.ts";
import { type Html, html } from "../html.ts";
import type { PageContent } from "../layout.ts";
import { bar } from "../parts/bar.ts";
import { icon } from "../parts/icon.ts";
import { exactInWords, when } from "../parts/time.ts";
import { paths } from "../paths.ts";
import { cutText } from "../visible-text.ts";

const NEARLY_USED = 0.8;
const NAMES_SHOWN = 12;

export function quotaTone(used: number, limit: number): "good" | "warn" | "bad" {
  if (used >= limit) return "bad";
  return used >= limit * NEARLY_USED ? "warn" : "good";
}

/** How much of a month (`2026-11`, UTC) is over; null: it is not the present one. Pure. */
export function shareOfMonth(month: string, now: number): number | null {
  const [year, index] = month.split("-").map(Number);
  if (year === undefined || index === undefined) return null;
  const start = Date.UTC(year, index - 1);
  const end = Date.UTC(year, index);
  return now >= start && now < end ? (now - start) / (end - start) : null;
}

export function quotaPage(quota: readonly QuotaView[], syncs: readonly SyncView[], now: number): PageContent {
  const waiting = syncs.filter(({ waitingFor }) => waitingFor !== null);
  return {
    title: "Quota",
    here: "quota",
    live: true,
    spoken: `${waiting.length} waiting`,
    body: html`<div class="head"><div><h1>Quota</h1><p class="sub">What this month's plan has left, for each Personize key in use.</p></div></div>
<div id="quota" data-live>
${quota.length === 0 ? html`<div class="empty"><p>Nothing is known of the quota yet.</p><p class="quiet">It shows with the first run.</p></div>` : quota.map((each, index) => quotaCard(each, index, quota.length, now))}
</div>
<section id="waiting" data-live aria-labelledby="waiting-title"><h2 id="waiting-title">Who waits</h2>
${waiting.length === 0 ? html`<p class="quiet">Nobody: no sync waits for anything.</p>` : html`<ul class="who-waits">${waiting.map(({ name, waitingFor }) => html`<li>${icon("wait")} <a href="${paths.sync(name)}"><bdi>${cutText(name, 100)}</bdi></a> <span>waits for ${cutText(afterFor(waitingFor ?? ""), 300)}</span></li>`)}</ul>`}
</section>`,
  };
}

function quotaCard(
  { syncs, month, used, limit, perMinute, backOffUntil }: QuotaView,
  index: number,
  keys: number,
  now: number,
): Html {
  const elapsed = shareOfMonth(month, now);
  return html`<section class="card quota-card" aria-labelledby="key-${index}">
<h2 id="key-${index}">${keys > 1 && html`Key ${index + 1} · `}${month}</h2>
${
  limit === null
    ? html`<p class="figure"><b>${formatCount(used)}</b> units used. The plan's limit is not known yet.</p>`
    : html`<p class="figure"><b>${formatCount(used)}</b> of ${formatCount(limit)} units used <span class="sub inline">${formatShare(limit === 0 ? 1 : used / limit)}; ${formatCount(Math.max(0, limit - used))} left</span></p>
${bar(limit === 0 ? 1 : used / limit, `${formatShare(limit === 0 ? 1 : used / limit)} used`, quotaTone(used, limit), elapsed)}
${elapsed !== null && html`<p class="quiet">${pace(used, limit, elapsed)}</p>`}`
}
${backOffUntil !== null && backOffUntil > now && html`<p class="notice">${icon("wait")} Personize asked us to wait: nobody gets a unit until ${exactInWords(backOffUntil)}, ${when(backOffUntil, now)}.</p>`}
<dl class="facts"><div><dt>A minute</dt><dd>${perMinute === null ? "not known yet" : `${formatCount(perMinute)} units`}</dd></div><div><dt>Used by</dt><dd>${usedBy(syncs, index)}</dd></div></dl>
</section>`;
}

/** Where the month would end if it went on as it did. The line in the bar is today. */
function pace(used: number, limit: number, elapsed: number): string {
  if (used >= limit) return "Used up: runs stop and go on next month.";
  const atEnd = elapsed > 0 ? used / elapsed : used;
  const passed = `${formatShare(elapsed)} of the month is over`;
  return atEnd > limit
    ? `${passed} (the line). At this pace the plan is used up before it ends.`
    : `${passed} (the line). At this pace about ${formatShare(atEnd / limit)} will be used when it ends.`;
}

function usedBy(syncs: readonly string[], index: number): Html {
  if (syncs.length === 0) return html`<span class="quiet">no sync at present</span>`;
  if (syncs.length <= NAMES_SHOWN) return html`${formatList(syncs.map((name) => cutText(name, 100)))}`;
  return html`<details id="used-by-${index}"><summary>${formatCount(syncs.length)} syncs</summary>${formatList(syncs.map((name) => cutText(name, 100)))}</details>`;
}
