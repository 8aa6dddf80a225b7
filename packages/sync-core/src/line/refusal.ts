import { TransientError } from "../contracts/errors.ts";
import type { RowCounts } from "../contracts/receipt.ts";
import type { Verdict } from "./judge.ts";

/** Fewer rows than this say nothing about the rest. */
const FEWEST_ROWS = 100;
const MOST_REFUSED = 0.5;

/**
 * What to stop for when the destination refuses almost everything: finding bad rows one by one burns the quota, and so many are
 * hardly the rows' fault. Pure.
 * @param accepted rows that were accepted and have not landed: they are taken to be good.
 * @param latest what became of the rows that were settled last.
 * @returns null as long as at least half of the rows are taken.
 */
export function refusal(rows: RowCounts, accepted: number, latest: Pick<Verdict, "refused">): TransientError | null {
  const [example] = latest.refused;
  const judged = rows.landed + accepted + rows.refused;
  if (example === undefined || judged < FEWEST_ROWS || rows.refused <= judged * MOST_REFUSED) return null;
  return new TransientError(`The destination refuses almost everything: ${example.reason}`, {
    hint: `${rows.refused} of ${judged} rows were refused and are parked; the others stay unsent. Look at the reason and the mapping, run again, and send the parked rows with \`retry\`.`,
  });
}
