import type { Progress } from "../contracts/progress.ts";
import { formatCount, formatCountOf, formatShare } from "./human-format.ts";
import { afterFor } from "./receipt-in-words.ts";
import type { Style } from "./style.ts";
import { cutToWidth } from "./text-width.ts";

const PHASES: Readonly<Record<Progress["phase"], string>> = {
  connecting: "connecting",
  settling: "settling what an earlier run left open",
  reading: "reading and sending",
  landing: "waiting for the last rows to land",
  deleting: "deleting records whose rows are gone",
  finished: "finished",
};
const BAR_COLUMNS = 24;

export function phaseInWords(phase: Progress["phase"]): string {
  return PHASES[phase];
}

/** The block that is rewritten on a terminal: three lines, none wider than the terminal. Pure. */
export function renderProgress(sync: string, progress: Progress, columns: number, style: Style): readonly string[] {
  const bar = renderBar(progress);
  const width = Math.max(20, columns - 1);
  const { waitingFor } = progress;
  const spent = `  ${spendingInWords(progress)}${waitingFor === null ? "" : ` · waits for ${afterFor(waitingFor)}`}`;
  return [
    style.bold(cutToWidth(`${sync}: ${phaseInWords(progress.phase)}${bar === null ? "" : `  ${bar}`}`, width)),
    cutToWidth(`  ${rowsInWords(progress)}`, width),
    (waitingFor === null ? style.dim : style.yellow)(cutToWidth(spent, width)),
  ];
}

/** The same in one plain line, for a log. Pure. */
export function progressLine(sync: string, progress: Progress): string {
  const waiting = progress.waitingFor === null ? "" : `; waits for ${afterFor(progress.waitingFor)}`;
  return `${sync}: ${phaseInWords(progress.phase)}: ${rowsInWords(progress)} · ${spendingInWords(progress)}${waiting}`;
}

function rowsInWords({ rows, estimatedRows }: Progress): string {
  const of = estimatedRows === null ? "" : ` of about ${formatCount(estimatedRows)}`;
  const parked = rows.parked + rows.refused;
  return [
    `${formatCount(rows.read)}${of} read`,
    `${formatCount(rows.unchanged)} unchanged`,
    `${formatCount(rows.sent)} sent`,
    `${formatCount(rows.landed)} landed`,
    ...(parked > 0 ? [`${formatCount(parked)} parked`] : []),
    ...(rows.deleted > 0 ? [`${formatCount(rows.deleted)} deleted`] : []),
  ].join(" · ");
}

function spendingInWords({ units, unsettledBatches }: Progress): string {
  const batches = formatCountOf(unsettledBatches, "batch under way", "batches under way");
  return `${formatCountOf(units, "unit")} used${unsettledBatches > 0 ? ` · ${batches}` : ""}`;
}

function renderBar({ rows, estimatedRows }: Progress): string | null {
  if (estimatedRows === null || estimatedRows <= 0) return null;
  // Estimates are estimates: the bar is full before it is exceeded.
  const share = Math.min(1, rows.read / estimatedRows);
  const filled = Math.round(share * BAR_COLUMNS);
  return `${"█".repeat(filled)}${"░".repeat(BAR_COLUMNS - filled)} ${formatShare(share)}`;
}
