import type { DeletePolicy, EngineSettings } from "../contracts/job.ts";
import type { SyncSummary, Usage } from "../contracts/state.ts";
import { formatCount, formatCountOf, formatDuration, formatShare, formatTimestamp, indent } from "./human-format.ts";
import { provedInWords } from "./proved-in-words.ts";
import { outcomeInWords, readBackInWords, receiptDurationMs, unseenInWords } from "./receipt-in-words.ts";
import { colourOf } from "./render-receipts.ts";
import { renderTable } from "./render-table.ts";
import type { Style } from "./style.ts";
import type { SyncMemory } from "./sync-memory.ts";
import { cutToWidth, printable } from "./text-width.ts";

const LONGEST_CURSOR = 200;

/** Where a sync stands, in words. Pure. */
export function renderStatus(
  sync: string,
  memory: SyncMemory,
  deletes: DeletePolicy | null,
  nowMs: number,
  style: Style,
): string {
  const { summary, receipts, parked } = memory;
  if (summary === null && receipts.length === 0) return `${style.bold(sync)}: never ran`;
  const lines: string[] = [];
  if (summary !== null) {
    const { heldBy } = summary;
    lines.push(
      `${formatCountOf(summary.landedRows, "row")} landed. Proved complete: ${provedInWords(summary.proved)}.`,
    );
    lines.push(
      summary.cursor === null
        ? "No cursor: the next run reads from the beginning."
        : `Cursor: ${cutToWidth(printable(JSON.stringify(summary.cursor)), LONGEST_CURSOR)}`,
    );
    if (deletes !== null) lines.push(deletesInWords(deletes, summary));
    if (heldBy !== null && heldBy.untilMs > nowMs) {
      lines.push(`Running: held by ${printable(heldBy.holder)}, claim good until ${formatTimestamp(heldBy.untilMs)}.`);
    }
    if (summary.unsettledBatches > 0) {
      const batches = formatCountOf(summary.unsettledBatches, "batch is unsettled", "batches are unsettled");
      lines.push(
        `${style.yellow("!")} ${batches}: written down or sent, not confirmed. The next run settles them first.`,
      );
    }
  }
  if (receipts.length > 0) {
    const table = renderTable(
      [{ title: "started" }, { title: "result" }, { title: "took" }, { title: "landed" }, { title: "why it ended" }],
      receipts.map((receipt) => [
        formatTimestamp(Date.parse(receipt.startedAt)),
        colourOf(receipt, style)(outcomeInWords(receipt.outcome)),
        formatDuration(receiptDurationMs(receipt)),
        formatCount(receipt.rows.landed),
        printable(receipt.message),
      ]),
      style.dim,
    );
    lines.push("", "Last runs", indent(table, 2));
    const readBack = receipts[0]?.readBack;
    const unseen = receipts[0]?.unseen;
    if (unseen !== undefined) lines.push(indent(`In the last of them, ${unseenInWords(unseen)}`, 2));
    if (readBack !== undefined) lines.push(indent(`In the last of them, ${readBackInWords(readBack)}`, 2));
  }
  const parkedRows = summary?.parkedRows ?? parked.length;
  if (parked.length > 0) {
    const table = renderTable(
      [{ title: "key" }, { title: "since" }, { title: "reason" }],
      parked.map((row) => [
        printable(row.key),
        formatTimestamp(row.firstAt),
        `${printable(row.reason)} ${style.dim(`(${printable(row.code)})`)}`,
      ]),
      style.dim,
    );
    const more = parkedRows > parked.length ? `, ${formatCount(parked.length)} of them shown` : "";
    lines.push("", `${formatCountOf(parkedRows, "parked row")}${more}`, indent(table, 2));
  }
  return `${style.bold(sync)}\n${indent(lines.join("\n"), 2)}`;
}

/** What is done about replies that never came, as configured. Pure. */
export function lostRepliesInWords({
  lateLandingMs,
  readBackRecords,
}: Pick<EngineSettings, "lateLandingMs" | "readBackRecords">): string {
  const readBack =
    readBackRecords === 0
      ? "nothing is read back"
      : `${formatCountOf(readBackRecords, "record is", "records are")} read back at most in a run`;
  return `After a lost reply newer versions of its records wait for ${formatDuration(lateLandingMs)} (engine.lateLandingMs), and ${readBack} (engine.readBackRecords).`;
}

/** What the breaker stopped is the last run's to say, below. */
function deletesInWords({ maxShare }: DeletePolicy, { enumeration }: SyncSummary): string {
  const open = {
    none: "",
    ended: "",
    open: " What the source shows is being compared with what landed; that is not complete yet.",
    complete: " What the source no longer shows is known, and its records are not deleted yet.",
  };
  return `Deletes are on: a run may delete ${formatShare(maxShare)} of the landed rows, 20 at least.${open[enumeration]}`;
}

export interface QuotaUse {
  /** `2026-11`, UTC. */
  readonly month: string;
  /** null: nothing was used yet. */
  readonly usage: Usage | null;
  /** As configured, or as the provider last said; null: not known without asking it. */
  readonly limit: number | null;
}

/** What this month has used of the quota. Pure. */
export function renderQuota(quota: QuotaUse | null): string {
  if (quota === null) {
    return "Quota: not shown, since it is kept by key, and neither personize.secretKey nor PERSONIZE_SECRET_KEY is set.";
  }
  const { usage } = quota;
  const used = usage === null ? 0 : Math.max(usage.attempted, usage.providerCurrent ?? 0);
  const of = quota.limit === null ? "" : ` of ${formatCount(quota.limit)} (${formatShare(used / quota.limit)})`;
  const apart: string[] = [];
  if (usage !== null && usage.refused > 0) apart.push(`${formatCount(usage.refused)} refused`);
  if (usage !== null && usage.unknown > 0) apart.push(`${formatCount(usage.unknown)} without an answer`);
  return `Quota in ${quota.month}: ${formatCountOf(used, "unit")}${of} used${apart.length === 0 ? "" : `; ${apart.join(", ")}`}.`;
}
