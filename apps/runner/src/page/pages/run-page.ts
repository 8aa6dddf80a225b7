import {
  afterFor,
  formatCount,
  formatDuration,
  formatShare,
  provedInWords,
  type Receipt,
  receiptDurationMs,
} from "@acme/sync-core";
import type { RunTrigger, RunView, TimelineEntry } from "../../contracts/runner-view.ts";
import { type Html, html } from "../html.ts";
import type { PageContent } from "../layout.ts";
import { bar } from "../parts/bar.ts";
import { flowFigure } from "../parts/flow-bar.ts";
import { icon } from "../parts/icon.ts";
import { OUTCOME_LEVELS, outcomeTitle } from "../parts/outcome.ts";
import { prose } from "../parts/prose.ts";
import { progressLine, progressSpoken } from "../parts/progress.ts";
import { exactInWords, when } from "../parts/time.ts";
import { paths } from "../paths.ts";
import { cutText } from "../visible-text.ts";
import { multiLine } from "./sync-page.ts";

const TRIGGERS: Readonly<Record<RunTrigger, string>> = {
  schedule: "by its schedule",
  hand: "by hand",
  again: "after the run before it, as asked",
  retry: "to try parked rows again",
};
const ENTRIES_SHOWN = 200;
const LONGEST_RECEIPT = 100_000;

export function runPage(run: RunView, now: number): PageContent {
  const { receipt, progress, sync, runId } = run;
  return {
    title: `Run of ${cutText(sync, 100)}`,
    here: "syncs",
    live: receipt === null,
    spoken: progressSpoken(sync, progress),
    body: html`<nav class="crumbs" aria-label="Where this is"><a href="/">Syncs</a> / <a href="${paths.sync(sync)}"><bdi>${cutText(sync, 100)}</bdi></a></nav>
<div class="head"><div><h1>Run of ${exactInWords(run.startedAt)}</h1><p class="sub">${when(run.startedAt, now)}${run.trigger !== null && html` · started ${TRIGGERS[run.trigger]}`} · <code>${cutText(runId, 100)}</code></p></div></div>
<div id="run" data-live>
${receipt === null ? underWay(run, now) : ended(receipt)}
<div class="columns">
  <section aria-labelledby="timeline-title"><h2 id="timeline-title">What happened</h2>${timeline(run.timeline, run.startedAt)}</section>
  ${receipt !== null && html`<div>${spent(receipt)}${position(receipt)}</div>`}
</div>
${receipt !== null && receiptSection(receipt)}
</div>`,
  };
}

function underWay(run: RunView, now: number): Html {
  return html`<section class="card running-card" aria-label="Where it stands"><div class="standing">${icon("busy")}<div><p class="headline">Under way for ${formatDuration(now - run.startedAt)}</p>${progressLine(run.progress)}</div></div>
  ${run.progress !== null && flowFigure(run.progress.rows, false)}</section>`;
}

function ended(receipt: Receipt): Html {
  const level = OUTCOME_LEVELS[receipt.outcome];
  return html`<section class="standing-card" aria-label="How it ended"><div class="standing standing-${level}">${icon(level)}<div>
  <p class="headline">${outcomeTitle(receipt.outcome)} <span class="sub inline">in ${formatDuration(receiptDurationMs(receipt))} · exit code ${receipt.exitCode}</span></p>
  <p class="reason">${prose(receipt.message, 1000)}</p>${receipt.hint !== null && html`<p class="hint">${prose(receipt.hint, 1000)}</p>`}
</div></div></section>
<section aria-labelledby="rows-title"><h2 id="rows-title">What became of the rows</h2>${flowFigure(receipt.rows, true)}</section>`;
}

function timeline(entries: readonly TimelineEntry[], startedAt: number): Html {
  if (entries.length === 0) return html`<p class="quiet">Nothing was noted.</p>`;
  const shown = entries.slice(-ENTRIES_SHOWN);
  return html`${entries.length > shown.length && html`<p class="quiet">The last ${shown.length} of ${formatCount(entries.length)} moments.</p>`}
<ol class="timeline">${shown.map(
    ({ at, text }) =>
      html`<li><time datetime="${isoOf(at)}" title="${exactInWords(at)}">${exactInWords(at).slice(11, 19)}</time><span class="since">+${formatDuration(at - startedAt)}</span><span class="what">${prose(text, 500)}</span></li>`,
  )}</ol>`;
}

function isoOf(at: number): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

function spent(receipt: Receipt): Html {
  const waits = Object.entries(receipt.waitedMs)
    .filter(([, ms]) => ms > 0)
    .toSorted(([, left], [, right]) => right - left)
    .slice(0, 12);
  const tookMs = Math.max(1, receiptDurationMs(receipt));
  return html`<section class="card" aria-labelledby="spent-title"><h2 id="spent-title">What it took</h2>
<dl class="facts">
  <div><dt>Calls</dt><dd>${formatCount(receipt.calls)}</dd></div>
  <div><dt>Units of the quota</dt><dd>${formatCount(receipt.units)}</dd></div>
  ${receipt.aiCharacters > 0 && html`<div><dt>Characters for AI extraction</dt><dd>${formatCount(receipt.aiCharacters)}</dd></div>`}
  ${receipt.landingMs !== null && html`<div><dt>From accepted to landed</dt><dd>${formatDuration(receipt.landingMs)}</dd></div>`}
</dl>
<h3>Waits</h3>
${waits.length === 0 ? html`<p class="quiet">It waited for nothing.</p>` : html`<ul class="waits-list">${waits.map(([reason, ms]) => html`<li><span>for ${cutText(afterFor(reason), 120)}</span> <b>${formatDuration(ms)}</b>${bar(ms / tookMs, `${formatShare(ms / tookMs)} of the run`, "plain")}</li>`)}</ul>`}
</section>`;
}

function position({ proved, cursorBefore, cursorAfter }: Receipt): Html {
  const has = cursorBefore !== null || cursorAfter !== null;
  return html`<section class="card" aria-labelledby="position-title"><h2 id="position-title">How far it came</h2>
<p>Proved complete: ${cutText(provedInWords(proved), 400)}.</p>
${has && html`<details id="cursors"><summary>Cursor before and after</summary><pre tabindex="0">${multiLine(JSON.stringify(cursorBefore, null, 2))}</pre><p class="arrow" aria-hidden="true">↓</p><pre tabindex="0">${multiLine(JSON.stringify(cursorAfter, null, 2))}</pre></details>`}
</section>`;
}

function receiptSection(receipt: Receipt): Html {
  return html`<section aria-labelledby="receipt-title"><div class="section-head"><h2 id="receipt-title">Receipt</h2><a class="button other" href="${paths.receipt(receipt.sync, receipt.runId)}" download>Download</a></div>
<details id="receipt"><summary>Show it as it is kept</summary><pre tabindex="0">${multiLine(JSON.stringify(receipt, null, 2), LONGEST_RECEIPT)}</pre></details></section>`;
}
