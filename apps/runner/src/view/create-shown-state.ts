import type { Receipt, StateStore } from "@acme/sync-core";

/** What the page asks the state for. Nothing of it writes. */
export type ShownState = Pick<StateStore, "summary" | "receipts" | "parked" | "underWay" | "known" | "usage" | "rate">;

/**
 * The state as the page may see it: secrets that stand in messages and reasons against all rules are taken out, as the command
 * line does with everything that it prints.
 */
export function createShownState(state: StateStore, redact: (text: string) => string): ShownState {
  const redactReceipt = (receipt: Receipt): Receipt => {
    const message = redact(receipt.message);
    const hint = receipt.hint === null ? null : redact(receipt.hint);
    return message === receipt.message && hint === receipt.hint ? receipt : { ...receipt, message, hint };
  };
  return {
    summary: (sync) => state.summary(sync),
    underWay: (sync, key) => state.underWay(sync, key),
    known: (sync, keys) => state.known(sync, keys),
    usage: (paceKey, month) => state.usage(paceKey, month),
    rate: (paceKey) => state.rate(paceKey),
    receipts: async (sync, limit) => (await state.receipts(sync, limit)).map(redactReceipt),
    parked: async (sync, limit) =>
      (await state.parked(sync, limit)).map((row) => ({ ...row, reason: redact(row.reason) })),
  };
}
