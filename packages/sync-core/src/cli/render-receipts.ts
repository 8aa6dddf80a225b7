import type { Receipt } from "../contracts/receipt.ts";
import { formatCount, formatDuration, indent } from "./human-format.ts";
import { outcomeInWords, receiptDurationMs, receiptInWords } from "./receipt-in-words.ts";
import { renderTable } from "./render-table.ts";
import type { Style } from "./style.ts";

/** What runs did: one table for all, then each in words. Pure. */
export function renderReceipts(receipts: readonly Receipt[], style: Style): string {
  if (receipts.length === 0) return "";
  const right = { align: "right" } as const;
  const table = renderTable(
    [
      { title: "sync" },
      { title: "result" },
      { title: "read", ...right },
      { title: "unchanged", ...right },
      { title: "sent", ...right },
      { title: "landed", ...right },
      { title: "parked", ...right },
      { title: "units", ...right },
      { title: "took", ...right },
    ],
    receipts.map((receipt) => [
      receipt.sync,
      colourOf(receipt, style)(outcomeInWords(receipt.outcome)),
      formatCount(receipt.rows.read),
      formatCount(receipt.rows.unchanged),
      formatCount(receipt.rows.sent),
      formatCount(receipt.rows.landed),
      formatCount(receipt.rows.parked + receipt.rows.refused),
      formatCount(receipt.units),
      formatDuration(receiptDurationMs(receipt)),
    ]),
    style.dim,
  );
  const words = receipts.map((receipt) => {
    const lines = receiptInWords(receipt);
    // Why it failed is the error's to say, on stderr.
    return `${style.bold(receipt.sync)}\n${indent(lines.slice(isFailed(receipt) ? 1 : 0).join("\n"), 2)}`;
  });
  return [table, ...words].join("\n\n");
}

export function colourOf(receipt: Pick<Receipt, "exitCode">, style: Style): (text: string) => string {
  if (receipt.exitCode === 0) return style.green;
  return receipt.exitCode >= 4 ? style.yellow : style.red;
}

/** True for a run that went wrong, other than by quota, parked rows or an interruption. */
export function isFailed(receipt: Pick<Receipt, "outcome">): boolean {
  return receipt.outcome === "failed" || receipt.outcome === "gave-up";
}
