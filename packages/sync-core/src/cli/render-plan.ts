import type { PlanReport } from "../contracts/job.ts";
import type { Json } from "../contracts/json.ts";
import { formatCount, formatCountOf, formatDuration, formatShare, indent } from "./human-format.ts";
import { renderFindings } from "./render-findings.ts";
import { renderTable } from "./render-table.ts";
import type { Style } from "./style.ts";
import { cutToWidth, printable } from "./text-width.ts";

const LONGEST_VALUE = 100;

/** What runs would do: one table for all, then what is special about each. Pure. */
export function renderPlans(reports: readonly PlanReport[], style: Style): string {
  if (reports.length === 0) return "";
  const right = { align: "right" } as const;
  const someDelete = reports.some(({ deletes }) => deletes !== null);
  const table = renderTable(
    [
      { title: "sync" },
      { title: "adds", ...right },
      { title: "changes", ...right },
      ...(someDelete ? [{ title: "deletes", ...right }] : []),
      { title: "unchanged", ...right },
      { title: "parked", ...right },
      { title: "calls", ...right },
      { title: "units", ...right },
      { title: "takes", ...right },
      { title: "month after", ...right },
      { title: "AI characters", ...right },
    ],
    reports.map((report) => [
      report.sync,
      formatCount(report.rows.adds),
      formatCount(report.rows.changes),
      ...(someDelete ? [report.deletes === null ? "–" : formatCount(report.deletes)] : []),
      formatCount(report.rows.unchanged),
      formatCount(report.rows.parked),
      formatCount(report.calls),
      formatCount(report.units),
      formatDuration(report.minutes * 60_000),
      formatShare(report.month.shareAfter),
      formatCount(report.aiCharacters),
    ]),
    style.dim,
  );
  return [table, ...reports.map((report) => renderDetails(report, style)), "Nothing was sent."].join("\n\n");
}

function renderDetails(report: PlanReport, style: Style): string {
  const { account, month, rows } = report;
  const lines = [
    `${rows.read === 0 ? "No rows" : formatCountOf(rows.read, "row")} read${report.complete ? "" : "; --limit ended reading early, so this is only a part"}.`,
    `${planInWords(account.planName, account.callsPerMinute, account.callsPerMonth)}; ${formatCount(month.used)} used this month.`,
  ];
  if (rows.filtered > 0) lines.push(`${formatCountOf(rows.filtered, "row")} left out by \`where\`.`);
  if (report.deletes !== null && report.deletes > 0) {
    const count = formatCountOf(report.deletes, "row that landed is gone", "rows that landed are gone");
    lines.push(`${count}: a run looks them up once more, and deletes their records if that many are allowed.`);
  }
  if (rows.superseded > 0) {
    lines.push(`${formatCountOf(rows.superseded, "row")} replaced by a later row of the same record.`);
  }
  for (const [reason, count] of Object.entries(report.parkedReasons)) {
    lines.push(`${formatCountOf(count, "row")} parked: ${printable(reason)}`);
  }
  const findings = renderFindings(report.findings, style);
  return [
    style.bold(report.sync),
    indent(lines.join("\n"), 2),
    ...(findings === "" ? [] : [indent(findings, 2)]),
    ...report.samples.map((sample) => indent(renderSample(sample.key, sample.kind, sample.properties), 2)),
  ].join("\n");
}

export function planInWords(planName: string, perMinute: number | null, perMonth: number | null): string {
  const minute = perMinute === null ? "no limit a minute" : `${formatCount(perMinute)} a minute`;
  const month = perMonth === null ? "no limit a month" : `${formatCount(perMonth)} a month`;
  return `Plan ${printable(planName)}: ${minute}, ${month}`;
}

function renderSample(key: string, kind: string, properties: Readonly<Record<string, Json>>): string {
  const values = Object.entries(properties).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    return `  ${printable(name)}: ${cutToWidth(printable(text), LONGEST_VALUE)}`;
  });
  return [`${kind} ${printable(key)}`, ...values].join("\n");
}
