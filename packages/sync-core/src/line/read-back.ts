import type { Destination, StoredRecord } from "../contracts/destination.ts";
import { SyncError } from "../contracts/errors.ts";
import type { Json } from "../contracts/json.ts";
import type { Batch, BatchRow } from "../contracts/line.ts";
import type { Mapping } from "../contracts/mapping.ts";
import type { ReadBackCounts } from "../contracts/receipt.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Echoes } from "./echoes.ts";
import { identityOf } from "./identity-of.ts";
import { sameValue } from "./same-value.ts";

export interface ReadBackPorts {
  readonly destination: Pick<Destination, "lookup">;
  readonly mapping: Mapping;
  readonly runtime: Runtime;
  readonly echoes: Pick<Echoes, "concern">;
  /** How many records may be read back in all; 0: none. */
  readonly records: number;
  /** Aborted: the run is asked to end. Then one look has to do. */
  readonly hurry: AbortSignal;
  readonly signal: AbortSignal;
  readonly onNotice: (text: string) => void;
}

/** What a batch's records have shown, of those that were looked at. */
export interface Sight {
  /** Not as they were sent, for the first time: whatever the batch's event says, it cannot be trusted. */
  readonly unseen: readonly BatchRow[];
  /** Not as they were sent although they were sent again for that. */
  readonly differing: readonly BatchRow[];
}

/** The last step of the ack ladder: landed → seen. */
export interface ReadBack {
  /**
   * Reads a few of the rows back that have landed, if copies of them had left whose fate nobody knows. What cannot be looked at
   * counts as seen.
   * @throws AuthError, QuotaStop.
   */
  look(batch: Batch, landed: readonly BatchRow[]): Promise<Sight>;
  /** null: nothing was read back. */
  counts(): ReadBackCounts | null;
  /** What it waits for, in words; null: it does not. */
  waitingFor(): string | null;
}

const RECORDS_A_BATCH = 3;
/** Reads may lag behind writes, by five minutes at times (reference section 8): what differs is looked at again after so long. */
const LOOK_AGAIN_AFTER_MS: readonly number[] = [10_000, 60_000, 300_000];
const NOTHING: Sight = { unseen: [], differing: [] };

/**
 * When a reply was lost, what is told of the copy that was sent next may not be the whole story: so a sample of such records is
 * read back, structured values only, at a call each. A record that stays different has its batch sent once more; one that is
 * different even then is the caller's to park. A record that is not found even then is no evidence: the destination may not
 * find records by this key at all, and absence says nothing from there on.
 */
export function createReadBack(ports: ReadBackPorts): ReadBack {
  const sentAgain = new Set<string>();
  let left = ports.records;
  let records = 0;
  let differing = 0;
  let unknown = 0;
  let isBlind = false;
  let waiting = 0;

  /** Of a batch that was sent again for it, the records that were missed; of others, a few by chance. */
  function choose(landed: readonly BatchRow[]): readonly BatchRow[] {
    const missed = landed.filter(({ record }) => sentAgain.has(record));
    if (missed.length > 0) return missed;
    const candidates = landed.filter(({ record }) => ports.echoes.concern(record));
    const chosen: BatchRow[] = [];
    while (chosen.length < Math.min(RECORDS_A_BATCH, left) && candidates.length > 0)
      chosen.push(...candidates.splice(Math.floor(ports.runtime.random() * candidates.length), 1));
    left -= chosen.length;
    records += chosen.length;
    return chosen;
  }

  /** Looks until all of them are as they were sent, or there is nothing to wait for. @returns those that are not. */
  async function lookUntilSeen(batch: Batch, chosen: readonly BatchRow[]): Promise<readonly Looked[]> {
    let odd: readonly Looked[] = chosen.map((row) => ({ row, stored: null }));
    for (const waitMs of [0, ...LOOK_AGAIN_AFTER_MS]) {
      if (waitMs > 0 && !(await pause(waitMs))) break;
      const looked: Looked[] = [];
      for (const { row } of odd) {
        const stored = await ports.destination.lookup(identityOf(row.values, ports.mapping), false, ports.signal);
        if (!isAsSent(batch, row, stored)) looked.push({ row, stored });
      }
      odd = looked;
      if (odd.length === 0) break;
    }
    return odd;
  }

  /** False when the run is asked to end. */
  async function pause(ms: number): Promise<boolean> {
    waiting += 1;
    try {
      await ports.runtime.sleep(ms, AbortSignal.any([ports.signal, ports.hurry]));
      return true;
    } catch (error) {
      if (ports.hurry.aborted || ports.signal.aborted) return false;
      throw error;
    } finally {
      waiting -= 1;
    }
  }

  function judge(odd: readonly Looked[]): Sight {
    const unseen: BatchRow[] = [];
    const stillDiffering: BatchRow[] = [];
    for (const { row, stored } of odd) {
      if (stored === null && isBlind) unknown += 1;
      else if (!sentAgain.has(row.record)) unseen.push(row);
      else if (stored !== null) stillDiffering.push(row);
      else {
        unknown += 1;
        isBlind = true;
        ports.onNotice(
          `a record that landed twice is not found by its ${ports.mapping.identity.kind}: not finding one says nothing`,
        );
      }
    }
    for (const { record } of unseen) sentAgain.add(record);
    differing += stillDiffering.length;
    return { unseen, differing: stillDiffering };
  }

  return {
    async look(batch, landed) {
      const chosen = choose(landed);
      if (chosen.length === 0) return NOTHING;
      try {
        return judge(await lookUntilSeen(batch, chosen));
      } catch (error) {
        if (!isHarmless(error) && !ports.signal.aborted) throw error;
        unknown += chosen.length;
        const why = error instanceof Error ? error.message : "it was cut short";
        ports.onNotice(`${chosen.length} records could not be read back after a lost reply: ${why}`);
        return NOTHING;
      }
    },
    counts: () => (records === 0 ? null : { records, sentAgain: sentAgain.size, differing, unknown }),
    waitingFor: () => (waiting === 0 ? null : "records to show what was sent, after a lost reply"),
  };
}

interface Looked {
  readonly row: BatchRow;
  readonly stored: StoredRecord | null;
}

function isAsSent(batch: Batch, { values }: BatchRow, stored: StoredRecord | null): boolean {
  return (
    stored !== null &&
    batch.properties.every(
      ({ extract, name, field }) => extract || isIn(values[field] ?? null, stored.properties[name]),
    )
  );
}

/** Append-only properties hold what was sent among other values. */
function isIn(sent: Json, stored: Json | undefined): boolean {
  if (sameValue(sent, stored)) return true;
  return Array.isArray(stored) && !Array.isArray(sent) && stored.some((value: Json) => sameValue(sent, value));
}

/** The rows have landed, whatever keeps us from looking. Credentials and quota end the run here as anywhere else. */
function isHarmless(error: unknown): boolean {
  return SyncError.is(error) && (error.kind === "transient" || error.kind === "config");
}
