import type { RowFailureRule } from "./row-failure.ts";

/** What is going to happen to an accepted write beyond the ordinary; made from the faults that hit its request. */
export interface Fate {
  /** Added to the landing delay. */
  readonly lateMs: number;
  /** Added to the time reads lag behind the event. */
  readonly readLagMs: number;
  /** When set, the write lands a second time this long after the first. */
  readonly duplicateAfterMs: number | undefined;
  readonly end: "ordinary" | "failed" | "stale" | "stuck";
  /** Whether rows land although the event fails or never ends. */
  readonly landsAnyway: boolean;
  /** Whether the event answers 404. */
  readonly vanishes: boolean;
  readonly rowFailure: RowFailureRule | undefined;
}

export const ordinaryFate: Fate = {
  lateMs: 0,
  readLagMs: 0,
  duplicateAfterMs: undefined,
  end: "ordinary",
  landsAnyway: false,
  vanishes: false,
  rowFailure: undefined,
};
