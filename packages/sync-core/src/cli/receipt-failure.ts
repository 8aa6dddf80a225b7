import type { Receipt } from "../contracts/receipt.ts";
import type { SyncFailure } from "./command-context.ts";
import type { ErrorReport } from "./error-report.ts";
import { isFailed } from "./render-receipts.ts";

/** A run that began and went wrong has a receipt; its error is shown like every other one. */
export function toReceiptFailure(receipt: Receipt): readonly SyncFailure[] {
  if (!isFailed(receipt)) return [];
  const kinds: Readonly<Record<number, ErrorReport["kind"]>> = { 2: "config", 3: "auth", 6: "transient" };
  const kind = kinds[receipt.exitCode] ?? "unexpected";
  const hint =
    receipt.hint ??
    (kind === "transient"
      ? "Nothing is lost: run the command again, it goes on where this run stopped."
      : "`check` shows what is wrong. Nothing is lost: what landed is kept.");
  return [
    { report: { kind, message: receipt.message, hint }, exitCode: receipt.exitCode, thrown: null, sync: receipt.sync },
  ];
}
