import type { Batch } from "../contracts/line.ts";

/**
 * What was written down and is not settled: bounded by bytes, and indexed by record, so that a later version of a record is
 * not even compared while an earlier one is unsettled; and by row, since a row may have become another record, or none.
 */
export interface InFlight {
  /**
   * Waits until `bytes` fit, and fewer than 5,000 batches and 50,000 rows are held. More than the whole budget goes when nothing
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
 * Where a plan counts rows, five thousand batches are still more than it lets go in 15 minutes; fifty thousand rows are more
 * than the largest plan does while a batch lands.
 */
const MAX_BATCHES = 5000;
const MAX_ROWS = 50_000;

export function createInFlight(maxBytes: number): InFlight {
  const byRecord = new Map<string, Promise<unknown>>();
  const byKey = new Map<string, Promise<unknown>>();
  let bytes = 0;
  let batches = 0;
  let rows = 0;
  let waiting: (() => void)[] = [];

  return {
    async makeRoom(wanted) {
      while (batches > 0 && (bytes + wanted > maxBytes || batches >= MAX_BATCHES || rows >= MAX_ROWS))
        await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async untilSettled(records, keys) {
      await untilFree(byRecord, records);
      await untilFree(byKey, keys);
    },
    hold(batch, settled) {
      bytes += batch.bytes;
      batches += 1;
      rows += batch.rows.length;
      const ended = (): void => {
        bytes -= batch.bytes;
        batches -= 1;
        rows -= batch.rows.length;
        for (const record of recordsOf(batch)) if (byRecord.get(record) === holder) byRecord.delete(record);
        for (const key of keysOf(batch)) if (byKey.get(key) === holder) byKey.delete(key);
        const woken = waiting;
        waiting = [];
        for (const resume of woken) resume();
      };
      const holder = settled.then(ended, ended);
      for (const record of recordsOf(batch)) byRecord.set(record, holder);
      for (const key of keysOf(batch)) byKey.set(key, holder);
    },
    async allSettled() {
      await Promise.all(new Set(byRecord.values()));
    },
  };
}

async function untilFree(holders: ReadonlyMap<string, Promise<unknown>>, names: Iterable<string>): Promise<void> {
  for (const name of names) {
    // A failure is the run's to report; here it only means that the name is no longer held.
    for (let holder = holders.get(name); holder !== undefined; holder = holders.get(name)) await holder;
  }
}

function recordsOf(batch: Batch): string[] {
  return batch.rows.map((row) => row.record);
}

function keysOf(batch: Batch): string[] {
  return batch.rows.flatMap((row) => [row.key, ...row.superseded.map((lost) => lost.key)]);
}
