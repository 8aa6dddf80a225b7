import type { HubspotConfig } from "./config.ts";
import type { RecordCursor } from "./cursor.ts";

export type SweepName = "archived" | "merged";
export type EnumerationReason = "associations" | "calculated" | "reconcile" | "fields";

export interface FieldKinds {
  readonly hasAssociations: boolean;
  readonly hasCalculated: boolean;
}

/**
 * Why all records should be read again now; empty: there is no reason. One pass serves every reason: a list that shows a row shows
 * its calculated values and its associations, and what it does not show is gone. Pure.
 */
export function enumerationReasons(
  cursor: Pick<RecordCursor, "enumeratedMs">,
  config: Pick<HubspotConfig, "associationsEveryMs" | "calculatedEveryMs" | "reconcileEveryMs">,
  kinds: FieldKinds,
  nowMs: number,
): readonly EnumerationReason[] {
  const age = nowMs - (cursor.enumeratedMs ?? 0);
  const isDue = (everyMs: number | false): boolean => everyMs !== false && age >= everyMs;
  const reasons: EnumerationReason[] = [];
  if (kinds.hasAssociations && isDue(config.associationsEveryMs)) reasons.push("associations");
  if (kinds.hasCalculated && isDue(config.calculatedEveryMs)) reasons.push("calculated");
  if (isDue(config.reconcileEveryMs)) reasons.push("reconcile");
  return reasons;
}

/** Whether a sweep is under way or due. Pure. */
export function isSweepDue(
  sweep: RecordCursor["archived"],
  everyMs: number | false,
  nowMs: number,
): sweep is NonNullable<RecordCursor["archived"]> {
  if (sweep === null || everyMs === false) return false;
  return sweep.walk !== null || nowMs - sweep.atMs >= everyMs;
}
