import type { Batch } from "../contracts/line.ts";

/**
 * What was written down and is not settled: bounded by bytes, and indexed by record, so that a later version of a record is
 * not even compared while an earlier one is unsettled.
 */
export interface InFlight {
  /** Waits until `bytes` fit, and fewer than 5,000 batches are held. More than the whole budget goes when nothing else is held. */
  makeRoom(bytes: number): Promise<void>;
  /** Waits until none of these records has an unsettled version. */
  untilSettled(records: Iterable<string>): Promise<void>;
  /** Holds a batch's bytes and records until `settled` has ended, well or not. */
  hold(batch: Batch, settled: Promise<unknown>): void;
  /** Resolves when everything held now has ended, well or not. */
  allSettled(): Promise<void>;
}

/**
 * What waits and listens for a batch takes about 5 KB, however small the batch is. Where a plan counts rows, batches are so
 * small that this is most of what they take. Five thousand are more than the plans let go in 15 minutes that way.
 */
const MAX_BATCHES = 5000;

export function createInFlight(maxBytes: number): InFlight {
  const holders = new Map<string, Promise<unknown>>();
  let bytes = 0;
  let batches = 0;
  let waiting: (() => void)[] = [];

  return {
    async makeRoom(wanted) {
      while (batches > 0 && (bytes + wanted > maxBytes || batches >= MAX_BATCHES))
        await new Promise<void>((resolve) => waiting.push(resolve));
    },
    async untilSettled(records) {
      for (const record of records) {
        // A failure is the run's to report; here it only means that the record is no longer held.
        for (let holder = holders.get(record); holder !== undefined; holder = holders.get(record)) await holder;
      }
    },
    hold(batch, settled) {
      bytes += batch.bytes;
      batches += 1;
      const ended = (): void => {
        bytes -= batch.bytes;
        batches -= 1;
        for (const { record } of batch.rows) if (holders.get(record) === holder) holders.delete(record);
        const woken = waiting;
        waiting = [];
        for (const resume of woken) resume();
      };
      const holder = settled.then(ended, ended);
      for (const { record } of batch.rows) holders.set(record, holder);
    },
    async allSettled() {
      await Promise.all(new Set(holders.values()));
    },
  };
}
