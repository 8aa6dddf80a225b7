import type { Account } from "../contracts/destination.ts";
import type { BatchLimits, RateUnit } from "../contracts/line.ts";
import type { Pace } from "../contracts/state.ts";

/** Rows a call at most, whatever the plan allows (reference section 14, row 2). */
const MAX_ROWS_PER_CALL = 100;
/** The destination's own body limit is 10 MB on standard plans; a margin for the envelope is left. */
const MAX_BATCH_BYTES = 8_000_000;
const MAX_ROW_CHARACTERS = 100_000;
/** A plan without a limit is paced as if it had this one; no client reaches it. */
const UNLIMITED_PER_MINUTE = 1_000_000_000;

export interface DeliverySettings {
  readonly rateUnit: RateUnit;
  readonly maxRowsPerCall: number | null;
  readonly chunkSize: number;
  /** False where every accepted batch costs a status call of its own. */
  readonly eventsListed: boolean;
}

export interface DeliveryPlan {
  readonly pace: Pace;
  readonly limits: BatchLimits;
}

/**
 * How to spend a plan's minute limit best.
 *
 * A burst of b units is safe in every sliding minute only if the sustained rate is limit - b (engine note 8). So where rows
 * are counted, calls are kept small: 1 % of the limit, at least one row; that uses 98.3 % of 60 a minute and 99 % of 300.
 * If every batch needs a status call of its own, which counts too, the most rows land with about sqrt(limit) rows a call.
 */
export function planDelivery(account: Pick<Account, "callsPerMinute">, settings: DeliverySettings): DeliveryPlan {
  const unitsPerMinute = Math.max(1, account.callsPerMinute ?? UNLIMITED_PER_MINUTE);
  const onePercent = Math.max(1, Math.floor(unitsPerMinute / 100));
  const smallCall = settings.eventsListed
    ? onePercent
    : Math.max(onePercent, Math.floor(Math.sqrt(unitsPerMinute + 1)) - 1, 1);
  const rowsByUnit = { row: smallCall, chunk: smallCall * settings.chunkSize, call: MAX_ROWS_PER_CALL }[
    settings.rateUnit
  ];
  // A call heavier than the whole limit could never be made.
  const mostRows = {
    row: unitsPerMinute - 1,
    chunk: (unitsPerMinute - 1) * settings.chunkSize,
    call: Number.MAX_SAFE_INTEGER,
  }[settings.rateUnit];
  const maxRows = Math.max(1, Math.min(mostRows, settings.maxRowsPerCall ?? Math.min(rowsByUnit, MAX_ROWS_PER_CALL)));
  const heaviestCall = { row: maxRows, chunk: Math.ceil(maxRows / settings.chunkSize), call: 1 }[settings.rateUnit];
  return {
    pace: { unitsPerMinute, burstUnits: Math.min(unitsPerMinute - 1, Math.max(onePercent, heaviestCall)) },
    limits: {
      maxRows,
      maxBytes: MAX_BATCH_BYTES,
      maxRowCharacters: MAX_ROW_CHARACTERS,
      rateUnit: settings.rateUnit,
      chunkSize: settings.chunkSize,
    },
  };
}
