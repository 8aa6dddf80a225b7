import type { Batch, BatchLimits } from "../contracts/line.ts";
import { apart, halve, join } from "./batch.ts";

/** How it ended when a batch, or a part of one, was sent. */
export type Sent =
  | { readonly state: "landed" }
  /** Every row has landed or is parked, and at least one is parked. */
  | { readonly state: "settled" }
  /** Refused or failed as a whole, and nobody says which row is at fault. Its halves are written down in its place. */
  | { readonly state: "refused"; readonly halves: readonly [Batch, Batch]; readonly reason: string };

export type Refused = Extract<Sent, { readonly state: "refused" }>;

export interface BisectPorts {
  /** Sends a part that is written down to its end. A single row that is refused is parked by that. */
  readonly send: (part: Batch) => Promise<Sent>;
  /** Writes parts down in the place of others that have not left. Together they hold the same rows. */
  readonly replace: (batches: readonly Batch[], by: readonly Batch[]) => Promise<void>;
  /** Parks the only row of a part that has not left. */
  readonly park: (single: Batch, reason: string) => Promise<void>;
  readonly limits: () => BatchLimits;
}

/**
 * Finds the rows at fault in a batch of `n` rows that was refused as a whole, lands all others and parks these.
 *
 * One after the other: a binary search narrows the batch to one bad row. A half that lands leaves the other one suspect, which
 * is then halved without being sent whole; of a half that is refused, the other one is set aside. In the end all that was set
 * aside is sent as one batch, and searched in its turn if that is refused, too. A row that is suspect by inference alone is
 * parked unsent where a smaller batch around it was refused as well; otherwise it is sent on its own first, since the fault may
 * have been the batch's and not a row's.
 *
 * For `k` bad rows that takes at most k·(⌈log2 n⌉ + 1) calls besides the one that was refused, as long as that is less than
 * `n`. Where there are so many bad rows that `n` calls have been made, the rest goes row by row: never more than
 * 2n + ⌈log2 n⌉.
 * @throws what sending throws; parts that have not left stay written down.
 */
export async function bisect(batch: Batch, refused: Refused, ports: BisectPorts): Promise<void> {
  let calls = 0;
  const counting = (part: Batch): Promise<Sent> => {
    calls += 1;
    return ports.send(part);
  };
  let search: Refused | null = refused;
  for (let round = 1; search !== null; round += 1) {
    const aside = await findOne(search, { ...ports, send: counting });
    search = null;
    if (aside.length === 0) return;
    if (calls >= batch.rows.length) {
      await oneByOne(aside, ports);
      return;
    }
    const end = await counting(await together(aside, `${batch.id}.rest${round}`, ports));
    if (end.state === "refused") search = end;
  }
}

/** Narrows a refused batch until one bad row is parked. @returns the parts that were set aside, in the order of their rows. */
async function findOne(refused: Refused, ports: BisectPorts): Promise<readonly Batch[]> {
  const aside: Batch[] = [];
  let [half, rest] = refused.halves;
  let { reason } = refused;
  let isReproduced = false;
  for (;;) {
    const end = await ports.send(half);
    if (end.state === "landed" && rest.rows.length === 1) {
      if (isReproduced) await ports.park(rest, reason);
      else await ports.send(rest);
      return aside;
    }
    if (end.state === "landed") {
      const halves = halve(rest, ports.limits());
      await ports.replace([rest], halves);
      [half, rest] = halves;
      continue;
    }
    aside.unshift(rest);
    if (end.state === "settled") return aside;
    [half, rest] = end.halves;
    ({ reason } = end);
    isReproduced = true;
  }
}

async function together(aside: readonly Batch[], id: string, ports: BisectPorts): Promise<Batch> {
  const [only] = aside;
  if (aside.length === 1 && only !== undefined) return only;
  const all = join(aside, id, ports.limits());
  await ports.replace(aside, [all]);
  return all;
}

async function oneByOne(aside: readonly Batch[], ports: BisectPorts): Promise<void> {
  for (const part of aside) {
    const rows = apart(part, ports.limits());
    if (rows.length > 1) await ports.replace([part], rows);
    for (const row of rows) await ports.send(row);
  }
}
