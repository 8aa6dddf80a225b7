import type { VerifyReport } from "../contracts/job.ts";
import { formatCount, formatCountOf, indent } from "./human-format.ts";
import { receiptInWords } from "./receipt-in-words.ts";
import { renderTable } from "./render-table.ts";
import type { Style } from "./style.ts";
import { printable } from "./text-width.ts";

/** More keys than this are counted, not listed; `--json` has them all. */
const MOST_KEYS = 20;

/** What reading back has shown. Keys and names of properties, never values. Pure. */
export function renderVerification(reports: readonly VerifyReport[], style: Style): string {
  if (reports.length === 0) return "";
  const right = { align: "right" } as const;
  const table = renderTable(
    [
      { title: "sync" },
      { title: "rows", ...right },
      { title: "checked", ...right },
      { title: "equal", ...right },
      { title: "different", ...right },
      { title: "missing", ...right },
      { title: "not landed yet", ...right },
    ],
    reports.map((report) => [
      report.sync,
      formatCount(report.rowsRead),
      formatCount(report.checked),
      formatCount(report.equal),
      formatCount(report.different.length),
      formatCount(report.missing.length),
      formatCount(report.notLanded),
    ]),
    style.dim,
  );
  return [table, ...reports.map((report) => renderDetails(report, style))].join("\n\n");
}

function renderDetails(report: VerifyReport, style: Style): string {
  const lines: string[] = [];
  const different = report.different.map(({ key, properties }) => `${key} (${properties.join(", ")})`);
  lines.push(...listed("Stored differently", different), ...listed("Missing at the destination", report.missing));
  lines.push(...listed("Landed, but without memories", report.withoutMemories));
  const wrong = report.different.length + report.missing.length;
  if (report.repaired !== null) {
    lines.push("Sent again:", ...receiptInWords(report.repaired).map((line) => `  ${line}`));
  } else if (wrong > 0) {
    lines.push(`${style.cyan("→")} \`verify --repair\` sends ${wrong === 1 ? "it" : "them"} again.`);
  } else if (report.checked === 0) {
    lines.push("No row has landed yet, so there was nothing to compare.");
  } else {
    lines.push(`${style.green("✓")} ${formatCountOf(report.checked, "row")} read back, all as sent.`);
  }
  return `${style.bold(report.sync)}\n${indent(lines.join("\n"), 2)}`;
}

function listed(title: string, items: readonly string[]): readonly string[] {
  if (items.length === 0) return [];
  const shown = items.slice(0, MOST_KEYS).map((item) => `  ${printable(item)}`);
  const rest = items.length - shown.length;
  return [`${title}:`, ...shown, ...(rest > 0 ? [`  and ${formatCount(rest)} more; --json lists all`] : [])];
}
