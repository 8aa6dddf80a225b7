import type { SalesforceConfig } from "./config.ts";
import type { RecordCursor } from "./cursor.ts";

export type EnumerationReason = "calculated" | "reconcile" | "deletions";

/**
 * Why all records should be read again now; empty: there is no reason. One reading serves every reason. Pure.
 */
export function enumerationReasons(
  { enumeratedMs }: Pick<RecordCursor, "enumeratedMs">,
  config: Pick<SalesforceConfig, "calculatedEveryMs" | "reconcileEveryMs">,
  { hasCalculated }: { readonly hasCalculated: boolean },
  nowMs: number,
): readonly EnumerationReason[] {
  // The log of deletions had a gap.
  if (enumeratedMs === null) return ["deletions"];
  const isDue = (everyMs: number | false): boolean => everyMs !== false && nowMs - enumeratedMs >= everyMs;
  const reasons: EnumerationReason[] = [];
  if (hasCalculated && isDue(config.calculatedEveryMs)) reasons.push("calculated");
  if (isDue(config.reconcileEveryMs)) reasons.push("reconcile");
  return reasons;
}

/** Whether the log of deletions should be read now. Pure. */
export function isDeletedDue(
  { deletedAtMs }: Pick<RecordCursor, "deletedAtMs">,
  { deletedEveryMs }: Pick<SalesforceConfig, "deletedEveryMs">,
  nowMs: number,
): boolean {
  return deletedEveryMs !== false && deletedAtMs !== null && nowMs - deletedAtMs >= deletedEveryMs;
}
