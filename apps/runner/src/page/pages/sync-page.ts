import {
  afterFor,
  formatCount,
  formatCountOf,
  provedInWords,
  type Receipt,
  type StoredParkedRow,
} from "@acme/sync-core";
import type { RecordAnswer, SyncView } from "../../contracts/runner-view.ts";
import { type Html, html } from "../html.ts";
import { actionButton, flash, type Frame, type PageContent } from "../layout.ts";
import { flowFigure } from "../parts/flow-bar.ts";
import { icon } from "../parts/icon.ts";
import { parkedTable } from "../parts/parked-table.ts";
import { prose } from "../parts/prose.ts";
import { progressLine, progressSpoken, underWay } from "../parts/progress.ts";
import { recordCard } from "../parts/record-card.ts";
import { runTicks } from "../parts/run-ticks.ts";
import { runsTable } from "../parts/runs-table.ts";
import { whenExactly } from "../parts/time.ts";
import { paths } from "../paths.ts";
import { isPaused, standingOf } from "../standing.ts";
import { cutText } from "../visible-text.ts";

export const RUNS_SHOWN = 50;
/** So many stand there, the others can be opened. */
const RUNS_OPEN = 10;
export const PARKED_SHOWN = 100;
const LONGEST_CURSOR = 4000;
const PARKED_HINT = "Their reasons are below. Correct them at the source: a row that changes is tried again by itself.";

export interface SyncPageParts {
  readonly sync: SyncView;
  readonly runs: readonly Receipt[];
  readonly parked: readonly StoredParkedRow[];
  /** What was asked about a record; null: nothing. */
  readonly asked: { readonly key: string; readonly answer: RecordAnswer | null } | null;
  readonly said: string | null;
}

export function syncPage(frame: Frame, { sync, runs, parked, asked, said }: SyncPageParts): PageContent {
  const { now } = frame;
  const { running } = sync;
  return {
    title: cutText(sync.name, 100),
    here: "syncs",
    live: true,
    spoken:
      running === null ? `${sync.name}: ${standingOf(sync).headline}` : progressSpoken(sync.name, running.progress),
    body: html`<nav class="crumbs" aria-label="Where this is"><a href="/">Syncs</a></nav>
${flash(said)}
<div class="head">
  <div><h1><bdi>${cutText(sync.name, 200)}</bdi></h1><p class="sub">${cutText(sync.connector, 100)} · ${sync.schedule === null ? "runs by hand only" : html`runs at <code>${cutText(sync.schedule, 100)}</code>`}</p></div>
  <div class="actions" id="actions" data-live>${actions(frame, sync)}</div>
</div>
<section class="standing-card" id="standing" data-live aria-label="Is it in?">${standing(sync)}</section>
${runningCard(sync)}
<div class="columns">
  ${recordCard(sync, asked, now)}
  <section class="card" id="facts" data-live aria-labelledby="facts-title">${facts(sync, now)}</section>
</div>
${sync.parkedRows > 0 && parkedSection(frame, sync, parked)}
${runsSection(sync, runs, now)}
${sync.parkedRows === 0 && parkedSection(frame, sync, parked)}`,
  };
}

function runsSection(sync: SyncView, runs: readonly Receipt[], now: number): Html {
  return html`<section id="runs" data-live aria-labelledby="runs-title">
  <div class="section-head"><h2 id="runs-title">Runs</h2>${sync.recentRuns.length > 0 && html`<div class="ticks-large">${runTicks(sync.recentRuns, 20)}</div>`}</div>
  ${runs.length === 0 ? html`<p class="empty">It never ran.${sync.schedule !== null && sync.nextRunAt !== null && html` Its first run is due ${whenExactly(sync.nextRunAt, now)}.`}</p>` : runsTable(sync.name, runs.slice(0, RUNS_OPEN), now)}
  ${runs.length > RUNS_OPEN && html`<details id="earlier"><summary>${runs.length - RUNS_OPEN} earlier</summary>${runsTable(sync.name, runs.slice(RUNS_OPEN), now)}</details>`}
</section>`;
}

function parkedSection(frame: Frame, sync: SyncView, parked: readonly StoredParkedRow[]): Html {
  const { now } = frame;
  return html`<section id="parked" data-live aria-labelledby="parked-title">
  <div class="section-head"><h2 id="parked-title">Parked rows${sync.parkedRows > 0 && html` <span class="count">${formatCount(sync.parkedRows)}</span>`}</h2>${sync.parkedRows > 0 && actionButton(frame, paths.action(sync.name, "retry"), sync.parkedRows === 1 ? "Try it again" : "Try them again", "other")}</div>
  ${parked.length === 0 ? html`<p class="quiet">None: no row of this sync is held back.</p>` : parkedTable(sync.name, parked, sync.parkedRows, now)}
</section>`;
}

function actions(frame: Frame, sync: SyncView): Html {
  const { state, name, schedule, runsAgain } = sync;
  const button = (action: string, label: string, style: "main" | "other" | "danger" = "other") =>
    actionButton(frame, paths.action(name, action), label, style);
  const isActive = state === "running" || state === "cancelling";
  return html`${!isActive && state !== "queued" && button("run", "Run now", "main")}${isActive && !runsAgain && button("run", "Run again after this")}${schedule !== null && (isPaused(sync) ? button("resume", "Resume") : button("pause", "Pause"))}${(state === "running" || state === "queued") && button("cancel", state === "queued" ? "Take out of the queue" : "Cancel this run", "danger")}`;
}

function standing(sync: SyncView): Html {
  const { level, headline, reason } = standingOf(sync);
  const { lastReceipt: last } = sync;
  // What the command line says of parked rows names its own commands.
  const hint = last?.outcome === "done-with-parked" ? PARKED_HINT : (last?.hint ?? null);
  const others = sync.warnings.filter((warning) => warning !== reason).slice(0, 10);
  return html`<div class="standing standing-${level}">${icon(level)}<div>
  <p class="headline">${headline}</p>
  ${reason !== null && html`<p class="reason">${prose(reason, 600)}</p>`}
  ${hint !== null && (level === "bad" || level === "warn") && html`<p class="hint">${prose(hint, 600)}</p>`}
  ${others.length > 0 && html`<ul class="warnings">${others.map((warning) => html`<li>${icon("warn")} ${prose(warning, 400)}</li>`)}</ul>`}
</div></div>`;
}

/** Stands in its place even while nothing runs, so that a run which begins can appear in it. */
function runningCard({ running, name, state }: SyncView): Html {
  if (running === null) return html`<section id="running" data-live hidden></section>`;
  const { progress } = running;
  return html`<section class="card running-card" id="running" data-live aria-labelledby="running-title">
  <h2 id="running-title">${icon("busy")} <a href="${paths.run(name, running.runId)}">${state === "cancelling" ? "Being cancelled" : "Under way"}</a></h2>
  ${progressLine(progress)}
  ${
    progress !== null &&
    html`${flowFigure(progress.rows, false)}<p class="quiet">${underWay(progress)}</p>
  ${progress.notices.slice(0, 5).map((notice) => html`<p class="notice">${icon("warn")} ${prose(notice, 400)}</p>`)}`
  }
</section>`;
}

function facts(sync: SyncView, now: number): Html {
  const { freshAt, lastReceipt, landedRows, unsettledBatches, proved } = sync;
  const cursor = lastReceipt?.cursorAfter ?? null;
  return html`<h2 id="facts-title">How far it is</h2>
<dl class="facts">
  <div><dt>Fresh as of</dt><dd>${freshAt === null ? html`<span class="quiet">never: no run has ended well yet</span>` : html`${whenExactly(freshAt, now)}<span class="sub">What was changed at the source before then is in, or parked.</span>`}</dd></div>
  <div><dt>Rows in</dt><dd>${formatCount(landedRows)}${unsettledBatches > 0 && html`<span class="sub">${formatCountOf(unsettledBatches, "batch", "batches")} not confirmed yet; the next run asks about them first</span>`}</dd></div>
  <div><dt>Next run</dt><dd>${nextRun(sync, now)}</dd></div>
  <div><dt>Proved complete</dt><dd>${cutText(capital(provedInWords(proved)), 400)}.</dd></div>
  <div><dt>Reads on from</dt><dd>${cursor === null ? "the beginning." : html`where the last run stopped.<details id="cursor"><summary>The cursor</summary><pre tabindex="0">${multiLine(JSON.stringify(cursor, null, 2))}</pre></details>`}</dd></div>
</dl>`;
}

function nextRun(sync: SyncView, now: number): Html {
  const { nextRunAt, schedule, runsAgain, waitingFor } = sync;
  if (runsAgain) return html`right after the one under way`;
  if (nextRunAt !== null)
    return html`${whenExactly(nextRunAt, now)}${waitingFor !== null && html`<p class="waits">waits for ${cutText(afterFor(waitingFor), 300)}</p>`}`;
  return schedule === null ? html`when started by hand` : html`paused`;
}

function capital(text: string): string {
  return text.replace(/^./, (letter) => letter.toUpperCase());
}

/** Line by line: within a line what is unseen stays visible. */
export function multiLine(text: string, longest = LONGEST_CURSOR): Html {
  return html`${cutText(text, longest)
    .split("\n")
    .flatMap((line) => [
      line,
      html`
`,
    ])}`;
}
