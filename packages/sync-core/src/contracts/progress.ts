import type { RowCounts } from "./receipt.ts";

/** Where a run stands. Sent often; the receiver decides how often to show it. */
export interface Progress {
  readonly phase: "connecting" | "settling" | "reading" | "landing" | "deleting" | "finished";
  readonly rows: RowCounts;
  /** The source's estimate of rows in all; null when it has none. */
  readonly estimatedRows: number | null;
  readonly unsettledBatches: number;
  /** Units used in this run. */
  readonly units: number;
  /** What it waits for, in words; null when it is busy. */
  readonly waitingFor: string | null;
  /** Things a person should know, each said once: sources that stay behind, surfaces about to be retired. */
  readonly notices: readonly string[];
}
