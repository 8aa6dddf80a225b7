import type { Progress } from "../contracts/progress.ts";
import { formatCount, formatCountOf, formatShare } from "./human-format.ts";
import type { Style } from "./style.ts";
import { cutToWidth } from "./text-width.ts";

const PHASES: Readonly<Record<Progress["phase"], string>> = {
  connecting: "connecting",
  settling: "settling what an earlier run left open",
  reading: "reading and sending",
  landing: "waiting for the last rows to land",
  finished: "finished",
};
const BAR_COLUMNS = 24;

/** The block that is rewritten on a terminal: at most three lines, none wider than the terminal. Pure. */
export function renderProgress(sync: string, progress: Progress, columns: number, style: Style): readonly string[] {
  const bar = renderBar(progress);
  const width = Math.max(20, columns - 1);
  const lines = [
    style.bold(cutToWidth(`${sync}: ${PHASES[progress.phase]}${bar === null ? "" : `  ${bar}`}`, width)),
    cutToWidth(`  ${countsInWords(progress)}`, width),
  ];
  if (progress.waitingFor !== null) lines.push(style.yellow(cutToWidth(`  waits for ${progress.waitingFor}`, width)));
  return lines;
}

/** The same in one plain line, for a log. Pure. */
export function progressLine(sync: string, progress: Progress): string {
  const waiting = progress.waitingFor === null ? "" : `; waits for ${progress.waitingFor}`;
  return `${sync}: ${PHASES[progress.phase]}: ${countsInWords(progress)}${waiting}`;
}

function countsInWords({ rows, estimatedRows, units, unsettledBatches }: Progress): string {
  const of = estimatedRows === null ? "" : ` of about ${formatCount(estimatedRows)}`;
  const counts = [
    `${formatCount(rows.read)}${of} read`,
    `${formatCount(rows.unchanged)} unchanged`,
    `${formatCount(rows.sent)} sent`,
    `${formatCount(rows.landed)} landed`,
  ];
  const parked = rows.parked + rows.refused;
  if (parked > 0) counts.push(`${formatCount(parked)} parked`);
  if (unsettledBatches > 0) counts.push(formatCountOf(unsettledBatches, "batch under way", "batches under way"));
  counts.push(formatCountOf(units, "unit"));
  return counts.join(" · ");
}

function renderBar({ rows, estimatedRows }: Progress): string | null {
  if (estimatedRows === null || estimatedRows <= 0) return null;
  // Estimates are estimates: the bar is full before it is exceeded.
  const share = Math.min(1, rows.read / estimatedRows);
  const filled = Math.round(share * BAR_COLUMNS);
  return `${"█".repeat(filled)}${"░".repeat(BAR_COLUMNS - filled)} ${formatShare(share)}`;
}
