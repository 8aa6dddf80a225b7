import type { Outcome } from "../contracts/destination.ts";
import type { Batch, BatchLimits, BatchRow, ParkedRow } from "../contracts/line.ts";
import { halve, some } from "./batch.ts";
import type { Sight } from "./read-back.ts";

/** What becomes of a batch's rows. Every row is in exactly one of the lists. */
export interface Verdict {
  readonly landed: readonly BatchRow[];
  readonly refused: readonly { readonly row: BatchRow; readonly code: string; readonly reason: string }[];
  /** Batches that take the place of this one: itself once more, or its two halves where it holds a bad row. */
  readonly again: readonly Batch[];
  /** Why one of the halves is taken to hold a bad row; null where there are none. */
  readonly suspect: string | null;
  /** The run cannot go on; the rows of `again` stay unsent. null: it can. */
  readonly stop: "credits" | "gave-up" | null;
}

export type Ending = Exclude<Outcome, { state: "in-flight" }> | { readonly state: "refused"; readonly reason: string };

/** How often one batch is sent again because the service lost it, before the run gives up. */
const MAX_REPEATS = 2;

/**
 * Decides, from how a batch ended, which rows landed, which are parked and what is sent again: a batch that was refused or
 * failed as a whole is halved, to be searched for the rows at fault; rows named in a partial failure are parked one by one.
 * @param repeats how often this very batch has been sent again.
 */
export function judge(batch: Batch, ending: Ending, repeats: number, limits: BatchLimits): Verdict {
  switch (ending.state) {
    case "landed":
      return { landed: batch.rows, refused: [], again: [], suspect: null, stop: null };
    case "out-of-credits":
      return { landed: [], refused: [], again: [batch], suspect: null, stop: "credits" };
    case "vanished":
      return repeat(batch, repeats);
    case "failed":
      return ending.again ? repeat(batch, repeats) : isolate(batch, ending.reason, limits);
    case "refused":
      return isolate(batch, ending.reason, limits);
    case "partial": {
      if (ending.failures === null) return isolate(batch, ending.reason, limits);
      const failures = new Map(ending.failures.map((failure) => [failure.index, failure]));
      const refused = batch.rows.flatMap((row, index) => {
        const failure = failures.get(index);
        return failure === undefined ? [] : [{ row, code: failure.code, reason: failure.reason }];
      });
      return {
        landed: batch.rows.filter((_, index) => !failures.has(index)),
        refused,
        again: [],
        suspect: null,
        stop: null,
      };
    }
  }
}

/**
 * The verdict once some of the landed rows were read back: where one was not as sent, what landed is sent once more; where one
 * still is not, it is parked. The same verdict where there is nothing to object.
 */
export function asSeen(batch: Batch, verdict: Verdict, { unseen, differing }: Sight, limits: BatchLimits): Verdict {
  if (unseen.length > 0) return { ...verdict, landed: [], again: [some(batch, verdict.landed, "unseen", limits)] };
  if (differing.length === 0) return verdict;
  const reason = "landed twice, as the destination says, but what it holds is not what was sent";
  return {
    ...verdict,
    landed: verdict.landed.filter((row) => !differing.includes(row)),
    refused: [...verdict.refused, ...differing.map((row) => ({ row, code: "NOT_SEEN", reason }))],
  };
}

/** Whether rows that a batch's end does not name as landed may have landed all the same. */
export function mayHaveLanded(ending: Ending): boolean {
  if (ending.state === "partial") return ending.failures === null;
  // No page says that nothing of a failed batch was written.
  return ending.state === "out-of-credits" || ending.state === "failed" || mayStillLand(ending);
}

/** Whether the service lost sight of the batch, so that a copy of it may land later than its end was told. */
export function mayStillLand(ending: Ending): boolean {
  return ending.state === "vanished" || (ending.state === "failed" && ending.again);
}

/** A refused row with the rows it stands for, as they are parked. */
export function toParked(refused: Verdict["refused"][number]): ParkedRow[] {
  const { row, code, reason } = refused;
  return [row, ...row.superseded].map(({ key, digest }) => ({ key, code, reason, digest }));
}

function repeat(batch: Batch, repeats: number): Verdict {
  const again = [{ ...batch, id: `${batch.id}.again` }];
  return { landed: [], refused: [], again, suspect: null, stop: repeats >= MAX_REPEATS ? "gave-up" : null };
}

function isolate(batch: Batch, reason: string, limits: BatchLimits): Verdict {
  const [single] = batch.rows;
  if (batch.rows.length === 1 && single !== undefined) {
    return { landed: [], refused: [{ row: single, code: "REFUSED", reason }], again: [], suspect: null, stop: null };
  }
  return { landed: [], refused: [], again: halve(batch, limits), suspect: reason, stop: null };
}
