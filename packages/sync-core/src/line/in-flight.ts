import type { Batch } from "../contracts/line.ts";
import { createFingerprints, fingerprint } from "./fingerprints.ts";

/**
 * What was written down and is not settled: bounded by bytes, and indexed by record, so that a later version of a record is
 * not even compared while an earlier one is unsettled; and by row, since a row may have become another record, or none.
 */
export interface InFlight {
  /**
   * Waits until `bytes` fit, and fewer than 5,000 batches and 100,000 rows are held. More than the whole budget goes when nothing
   * else is held.
   */
  makeRoom(bytes: number): Promise<void>;
  /** Waits until none of these records and none of the rows with these keys has an unsettled version. */
  untilSettled(records: Iterable<string>, keys: Iterable<string>): Promise<void>;
  /** Holds a batch's bytes and records until `settled` has ended, well or not. */
  hold(batch: Batch, settled: Promise<unknown>): void;
  /** Resolves when everything held now has ended, well or not. */
  allSettled(): Promise<void>;
}

/**
 * Bytes are not everything: what waits and listens for a batch takes about 5 KB, and a row takes about 1 KB besides its text.
 * Where a plan counts rows, five thousand batches are still more than it lets go in 15 minutes. Where it counts nothing, rows that
 * take 90 s to land move at 1,100 a second with a hundred thousand of them under way.
 */
const MAX_BATCHES = 5000;
const MAX_ROWS = 100_000;

const RECORD = 1;
const KEY = 2;

export function createInFlight(maxBytes: number): InFlight {
  const prints = createFingerprints();
  const held = new Set<Promise<void>>();
  let bytes = 0;
  let rows = 0;
  let waiting: (() => void)[] = [];

  const untilOneEnds = (): Promise<void> => new Promise((resolve) => waiting.push(resolve));

  // Found by mistake, a name waits for batches that are not its own: late, and never wrong.
  async function untilFree(kind: number, names: Iterable<string>): Promise<void> {
    for (const name of names) while (prints.has(fingerprint(kind, name))) await untilOneEnds();
  }

  return {
    async makeRoom(wanted) {
      while (held.size > 0 && (bytes + wanted > maxBytes || held.size >= MAX_BATCHES || rows >= MAX_ROWS))
        await untilOneEnds();
    },
    async untilSettled(records, keys) {
      await untilFree(RECORD, records);
      await untilFree(KEY, keys);
    },
    hold(batch, settled) {
      const batchPrints = printsOf(batch);
      for (const print of batchPrints) prints.add(print);
      bytes += batch.bytes;
      rows += batch.rows.length;
      const ended = (): void => {
        for (const print of batchPrints) prints.delete(print);
        bytes -= batch.bytes;
        rows -= batch.rows.length;
        held.delete(holder);
        const woken = waiting;
        waiting = [];
        for (const resume of woken) resume();
      };
      const holder = settled.then(ended, ended);
      held.add(holder);
    },
    async allSettled() {
      await Promise.all(held);
    },
  };
}

function printsOf(batch: Batch): Float64Array {
  const prints: number[] = [];
  for (const row of batch.rows) {
    prints.push(fingerprint(RECORD, row.record), fingerprint(KEY, row.key));
    for (const lost of row.superseded) prints.push(fingerprint(KEY, lost.key));
  }
  return Float64Array.from(prints);
}
