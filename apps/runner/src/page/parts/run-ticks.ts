import { formatCount, formatDuration, outcomeInWords, type RunOutcome } from "@acme/sync-core";
import type { RecentRun } from "../../contracts/runner-view.ts";
import { type Html, html } from "../html.ts";
import { exactInWords } from "./time.ts";

const STEP = 7;
const TICK = 5;
const HEIGHT = 26;
const LOWEST = 4;

/**
 * One tick a run, the newest at the right: its colour and its cap say how it ended, its height how many rows landed (as a
 * logarithm, against the largest shown; full if it failed). Room is kept for `places` of them, so that ticks of several syncs stand in line.
 */
export function runTicks(runs: readonly RecentRun[], places: number): Html {
  const shown = runs.slice(0, places).toReversed();
  const largest = Math.max(1, ...shown.map(({ landed }) => landed));
  const start = places - shown.length;
  return html`<svg class="ticks" viewBox="0 0 ${places * STEP} ${HEIGHT}" role="img" aria-label="${inWords(runs.slice(0, places))}">
    <path class="ticks-ground" d="M0 ${HEIGHT - 0.5}H${places * STEP}"/>
    ${shown.map((run, index) => tick(run, (start + index) * STEP + 1, largest))}
  </svg>`;
}

function tick(run: RecentRun, x: number, largest: number): Html {
  // What failed stands out whatever it landed.
  const share = run.outcome === "failed" ? 1 : Math.log1p(run.landed) / Math.log1p(largest);
  const height = Math.round(LOWEST + share * (HEIGHT - LOWEST - 7));
  const isOdd = run.outcome !== "done";
  return html`<g class="tick tick-${run.outcome}"><rect x="${x}" y="${HEIGHT - height}" width="${TICK}" height="${height}" rx="1"/>${isOdd && html`<rect x="${x}" y="${HEIGHT - height - 6}" width="${TICK}" height="4" rx="1"/>`}<title>${exactInWords(run.startedAt)}: ${outcomeInWords(run.outcome)}, ${formatCount(run.landed)} landed, took ${formatDuration(run.finishedAt - run.startedAt)}</title></g>`;
}

function inWords(runs: readonly RecentRun[]): string {
  if (runs.length === 0) return "no runs yet";
  const counts = new Map<RunOutcome, number>();
  for (const { outcome } of runs) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  const parts = [...counts].map(([outcome, count]) => `${count} ${outcomeInWords(outcome)}`);
  return `last ${runs.length === 1 ? "run" : `${runs.length} runs`}: ${parts.join(", ")}`;
}
