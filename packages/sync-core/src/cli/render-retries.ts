import type { RetryReport } from "../contracts/job.ts";
import { formatCountOf } from "./human-format.ts";
import { renderReceipts } from "./render-receipts.ts";
import type { Style } from "./style.ts";

/** What became of parked rows: the runs that sent them, then what no run shows. Pure. */
export function renderRetries(reports: readonly RetryReport[], style: Style): string {
  const receipts = reports.flatMap(({ receipt }) => receipt ?? []);
  const remarks = reports.flatMap(({ sync, parked, gone }) => {
    if (parked === 0) return [`${style.bold(sync)}: nothing is parked.`];
    if (gone === 0) return [];
    const rows = formatCountOf(gone, "parked row no longer exists", "parked rows no longer exist");
    return [`${style.bold(sync)}: ${rows} at the source, and ${gone === 1 ? "is" : "are"} parked no longer.`];
  });
  return [renderReceipts(receipts, style), ...remarks].filter((text) => text !== "").join("\n\n");
}
