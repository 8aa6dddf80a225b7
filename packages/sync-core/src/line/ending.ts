import { QuotaStop } from "../contracts/destination.ts";
import { SyncError } from "../contracts/errors.ts";
import type { Interrupt } from "../contracts/job.ts";
import type { RowCounts, RunOutcome } from "../contracts/receipt.ts";
import { Interrupted } from "./stop.ts";

/** How a run ended: the part of a receipt that decides the exit code. */
export interface RunEnding {
  readonly outcome: RunOutcome;
  readonly exitCode: number;
  readonly message: string;
  /** What to do about it; null when there is nothing to do. */
  readonly hint: string | null;
}

/** The end of a run in which nothing went wrong. */
export function goodEnding(rows: RowCounts): RunEnding {
  const parked = rows.parked + rows.refused;
  if (parked > 0) {
    return {
      outcome: "done-with-parked",
      exitCode: 4,
      message: `Done; ${parked} row${parked === 1 ? "" : "s"} could not be delivered and ${parked === 1 ? "is" : "are"} parked with a reason`,
      hint: "`status` names the rows and the reasons. Correct them at the source: changed rows are tried again by themselves, and `retry` tries all of them.",
    };
  }
  return {
    outcome: "done",
    exitCode: 0,
    message: `Done; ${whatWasDone(rows)}`,
    hint: null,
  };
}

function whatWasDone({ sent, landed, deleted }: RowCounts): string {
  const deletions = `${deleted} record${deleted === 1 ? "" : "s"} deleted`;
  if (sent === 0) return deleted === 0 ? "nothing had changed" : deletions;
  const landings = `${landed} row${landed === 1 ? "" : "s"} landed`;
  return deleted === 0 ? landings : `${landings}, ${deletions}`;
}

/** The end of a run that an error or a stop ended early. Exit codes as the design states them. */
export function endingOf(error: unknown): RunEnding {
  if (error instanceof Interrupted) return interruptedEnding(error.interrupt);
  if (error instanceof QuotaStop)
    return {
      outcome: "quota",
      exitCode: 5,
      message: `${error.message}. What landed is kept; the next run goes on from here`,
      hint: "Wait for the quota to be renewed, or raise the plan; then run again.",
    };
  if (!SyncError.is(error))
    return { outcome: "failed", exitCode: 1, message: "An unexpected error ended the run", hint: null };
  const { message, hint } = error;
  switch (error.kind) {
    case "config":
      return { outcome: "failed", exitCode: 2, message, hint };
    case "auth":
      return { outcome: "failed", exitCode: 3, message, hint };
    case "transient":
      return { outcome: "gave-up", exitCode: 6, message, hint };
    case "record":
      return { outcome: "failed", exitCode: 4, message, hint };
    case "bug":
      return { outcome: "failed", exitCode: 1, message, hint };
  }
}

function interruptedEnding(interrupt: Interrupt): RunEnding {
  return {
    outcome: "interrupted",
    exitCode: interrupt.signal === "SIGINT" ? 130 : 143,
    message: `Interrupted${interrupt.reason === undefined ? ` by ${interrupt.signal}` : `: ${interrupt.reason}`}; what landed is kept, the next run goes on from here`,
    hint: null,
  };
}
