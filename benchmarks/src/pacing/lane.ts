/** What one process of the pacing benchmark is told, and what it measured. Both travel as JSON. */
export interface LaneSettings {
  readonly plan: "free" | "pro";
  readonly perMinute: number;
  readonly loop: "engine" | "batch-then-sleep";
  /** Time from acceptance to landing. */
  readonly landing: { readonly minMs: number; readonly maxMs: number };
  /** Whether the stand-in counts calls that are not batches. */
  readonly countReads: boolean;
  readonly minutes: number;
}

export interface LaneResult {
  readonly settings: LaneSettings;
  /** Units accepted within the minutes measured, which start with the first accepted unit. */
  readonly rowUnits: number;
  readonly otherUnits: number;
  readonly otherCalls: number;
  /** The most units accepted in any sliding 60 seconds. */
  readonly peakUnits: number;
  readonly refusals: number;
  readonly rowsLanded: number;
}
