import { afterFor, formatCount, formatCountOf } from "@acme/sync-core";
import type { SyncView } from "../../contracts/runner-view.ts";
import { type Html, html } from "../html.ts";
import { paths } from "../paths.ts";
import { isPaused, standingOf } from "../standing.ts";
import { cutText } from "../visible-text.ts";
import { icon } from "./icon.ts";
import { prose } from "./prose.ts";
import { progressLine } from "./progress.ts";
import { runTicks } from "./run-ticks.ts";
import { when, whenOr } from "./time.ts";

const TICKS = 16;
const LONGEST_REASON = 160;
const LONGEST_NAME = 100;

/** A sync in the list of all. */
export function syncRow(sync: SyncView, now: number): Html {
  const { level, headline, reason } = standingOf(sync);
  return html`<tr class="level-${level}">
<th scope="row"><a href="${paths.sync(sync.name)}"><bdi>${cutText(sync.name, LONGEST_NAME)}</bdi></a><span class="sub">${cutText(sync.connector, LONGEST_NAME)} · ${sync.schedule === null ? "by hand" : html`<code>${cutText(sync.schedule, LONGEST_NAME)}</code>`}</span></th>
<td data-label="Is it in?"><span class="badge badge-${level}">${icon(level)} ${headline}</span>${reason !== null && html`<span class="sub reason">${prose(reason, LONGEST_REASON)}</span>`}</td>
<td data-label="Fresh as of">${whenOr(sync.freshAt, now, "never")}</td>
<td data-label="Last runs">${runTicks(sync.recentRuns, TICKS)}</td>
<td data-label="Rows in" class="number">${formatCount(sync.landedRows)}${sync.parkedRows > 0 && html`<a class="sub parked" href="${paths.sync(sync.name)}#parked">${formatCountOf(sync.parkedRows, "parked", "parked")}</a>`}</td>
<td data-label="Now and next">${activity(sync, now)}</td>
</tr>`;
}

/** What it does, or will do next. */
function activity(sync: SyncView, now: number): Html {
  const { state, running, waitingFor, nextRunAt } = sync;
  const waits = waitingFor !== null && html`<p class="waits">waits for ${cutText(afterFor(waitingFor), 200)}</p>`;
  if (state === "running" || state === "cancelling") {
    const progress = running?.progress ?? null;
    return html`<div class="activity">${icon("busy")}<div>${state === "cancelling" && html`<p><b>being cancelled</b></p>`}${progressLine(progress, true)}${progress?.waitingFor == null && waits}${sync.runsAgain && html`<p class="sub">once more after this</p>`}</div></div>`;
  }
  if (state === "queued") return html`<div class="activity">${icon("wait")}<div><p>queued</p>${waits}</div></div>`;
  if (isPaused(sync)) return html`<span class="quiet">paused</span>${waits}`;
  if (nextRunAt === null) return html`<span class="quiet">when started by hand</span>${waits}`;
  return html`<span>${when(nextRunAt, now)}</span>${waits}`;
}
