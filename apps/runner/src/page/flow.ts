import type { RowCounts } from "@acme/sync-core";

/** What becomes of rows. Each has a colour, a name and a sentence of its own. */
export type FlowKind =
  | "unchanged"
  | "filtered"
  | "superseded"
  | "parked"
  | "unsent"
  | "sent"
  | "landed"
  | "refused"
  | "unsettled";

export interface FlowPart {
  readonly kind: FlowKind;
  readonly count: number;
}

export interface FlowSum {
  readonly total: number;
  readonly parts: readonly FlowPart[];
  /** What the parts are short of the total, or above it (negative); 0: they add up. */
  readonly difference: number;
}

/** What flows through, and where to: the two sums of a run. Pure. */
export interface Flow {
  readonly read: FlowSum;
  readonly sent: FlowSum;
}

export function flowOf(rows: RowCounts): Flow {
  return {
    read: sumOf(rows.read, [
      { kind: "unchanged", count: rows.unchanged },
      { kind: "filtered", count: rows.filtered },
      { kind: "superseded", count: rows.superseded },
      { kind: "parked", count: rows.parked },
      { kind: "unsent", count: rows.unsent },
      { kind: "sent", count: rows.sent },
    ]),
    sent: sumOf(rows.sent, [
      { kind: "landed", count: rows.landed },
      { kind: "refused", count: rows.refused },
      // Not counted by a run: what is neither landed nor refused is not known yet.
      { kind: "unsettled", count: Math.max(0, rows.sent - rows.landed - rows.refused) },
    ]),
  };
}

function sumOf(total: number, parts: readonly FlowPart[]): FlowSum {
  return { total, parts, difference: total - parts.reduce((sum, { count }) => sum + count, 0) };
}

/**
 * Widths of parts that together are `width`, none so narrow that it cannot be seen; a part of 0 has none. Pure.
 */
export function widthsOf(counts: readonly number[], width: number, narrowest: number): readonly number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return counts.map(() => 0);
  const raised = counts.map((count) => (count === 0 ? 0 : Math.max(narrowest, (count / total) * width)));
  const excess = raised.reduce((sum, each) => sum + each, 0) - width;
  const spare = raised.reduce((sum, each) => sum + Math.max(0, each - narrowest), 0);
  // What the narrow ones were given, the wide ones give, each by its share.
  return raised.map((each) => (each <= narrowest || spare === 0 ? each : each - (excess * (each - narrowest)) / spare));
}
