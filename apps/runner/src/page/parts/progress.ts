import { afterFor, formatCount, formatCountOf, formatShare, phaseInWords, type Progress } from "@acme/sync-core";
import { type Html, html } from "../html.ts";
import { cutText } from "../visible-text.ts";
import { bar } from "./bar.ts";

/** Share of the rows read, by the source's own estimate; null: it has none. Never above 1: estimates are estimates. */
export function shareRead({ rows, estimatedRows }: Progress): number | null {
  return estimatedRows === null || estimatedRows <= 0 ? null : Math.min(1, rows.read / estimatedRows);
}

/** Where a run stands, in one line and a bar. @param isBrief for a list: without what goes without saying there. */
export function progressLine(progress: Progress | null, isBrief = false): Html {
  if (progress === null) return html`<p class="progress-words">starting</p>`;
  const isReading = progress.phase === "reading";
  const share = shareRead(progress);
  const of = progress.estimatedRows === null ? "" : ` of about ${formatCount(progress.estimatedRows)}`;
  return html`<p class="progress-words">${isBrief && isReading ? "" : `${phaseInWords(progress.phase)}: `}${formatCount(progress.rows.read)}${of} read</p>
    ${share !== null && bar(share, `${formatShare(share)} read`, "busy")}
    ${progress.waitingFor !== null && html`<p class="waits">waits for ${cutText(afterFor(progress.waitingFor), 200)}</p>`}`;
}

/** What a screen reader is told as a run goes on: changes only with the phase, the tenths of the way and the reason for a wait. */
export function progressSpoken(name: string, progress: Progress | null): string {
  if (progress === null) return `${name}: starting`;
  const share = shareRead(progress);
  const tenths = share === null ? "" : `, ${Math.floor(share * 10) * 10} %`;
  const wait =
    progress.waitingFor === null ? "" : `, waits for ${afterFor(progress.waitingFor).replace(/\s*\(\d+ s\)$/, "")}`;
  return `${name}: ${phaseInWords(progress.phase)}${tenths}${wait}`;
}

export function underWay({ unsettledBatches, units }: Progress): string {
  return `${formatCountOf(unsettledBatches, "batch under way", "batches under way")}, ${formatCountOf(units, "unit")} used`;
}
