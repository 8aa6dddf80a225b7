import type { Receipt } from "@acme/sync-core";

/** What the alerts look at of one sync after a run, or from time to time. */
export interface SyncFacts {
  readonly now: number;
  /** Newest first. */
  readonly receipts: readonly Receipt[];
  /** Why the last run could not begin, or broke; null: it has a receipt, or there was none. */
  readonly failure: string | null;
  readonly landedRows: number;
  /** After each of the last runs of this process, newest first. */
  readonly parkedRows: readonly number[];
  /** When the last good run began; null: there was none. */
  readonly freshAt: number | null;
  /** null: freshness is not watched. */
  readonly freshWithinMs: number | null;
  /** Since when this is watched: a sync that never ran counts from here on. */
  readonly watchedSince: number;
  /** Nobody expects a run while it is paused. */
  readonly isPaused: boolean;
}

/** About one sync: what is wrong in words, by kind. A kind that is absent is not wrong. */
export type SyncAlerts = Readonly<Partial<Record<SyncAlertKind, string>>>;

export type SyncAlertKind = "failed" | "quota" | "empty" | "errors" | "parked" | "stale";

export const SYNC_ALERT_KINDS: readonly SyncAlertKind[] = ["failed", "quota", "empty", "errors", "parked", "stale"];

/** Fewer rows than this in trouble are ordinary. */
const FEW_ROWS = 10;
const MIN_ERROR_SHARE = 0.05;
/** How much larger than before a share has to be. */
const CREEP = 2;
const EARLIER_RUNS = 10;
/** So many runs in a row, each with more parked rows than the one before. */
const GROWING_RUNS = 3;

/** Everything that is wrong with a sync, runs that succeeded and were wrong included. Pure. */
export function judgeSync(facts: SyncFacts): SyncAlerts {
  const [last, ...earlier] = facts.receipts;
  return withoutNothing({
    failed: judgeFailure(facts.failure, last),
    quota: facts.failure === null && last?.exitCode === 5 ? last.message : null,
    empty: last === undefined ? null : judgeEmpty(last, earlier, facts.landedRows),
    errors: last === undefined ? null : judgeErrors(last, earlier),
    parked: judgeParked(facts.parkedRows),
    stale: judgeFreshness(facts),
  });
}

function judgeFailure(failure: string | null, last: Receipt | undefined): string | null {
  if (failure !== null) return failure;
  return last !== undefined && [1, 2, 3, 6].includes(last.exitCode) ? last.message : null;
}

/** A source that was read as a whole and had nothing, though rows of it have landed. */
function judgeEmpty(last: Receipt, earlier: readonly Receipt[], landedRows: number): string | null {
  const wasGood = last.exitCode === 0 || last.exitCode === 4;
  const isWhole = last.cursorBefore === null || (last.proved !== null && last.proved.field === null);
  const hadRows = landedRows > 0 || earlier.some(({ rows }) => rows.read > 0);
  if (!wasGood || !isWhole || !hadRows || last.rows.read > 0) return null;
  return `the source was empty, where earlier runs had found rows (${landedRows} have landed)`;
}

function judgeErrors(last: Receipt, earlier: readonly Receipt[]): string | null {
  const share = shareInTrouble(last);
  const inTrouble = troubled(last);
  if (inTrouble < FEW_ROWS || share < MIN_ERROR_SHARE) return null;
  const before = earlier.filter(({ rows }) => rows.read > 0).slice(0, EARLIER_RUNS);
  const usual = before.length === 0 ? 0 : before.reduce((sum, each) => sum + shareInTrouble(each), 0) / before.length;
  if (share < CREEP * usual) return null;
  return `${percent(share)} of the rows read could not be delivered (${inTrouble} of ${last.rows.read}); ${
    before.length === 0
      ? "there is no earlier run to compare with"
      : `in the ${before.length} runs before it was ${percent(usual)}`
  }`;
}

function troubled({ rows }: Receipt): number {
  return rows.parked + rows.refused;
}

function shareInTrouble(receipt: Receipt): number {
  return receipt.rows.read === 0 ? 0 : troubled(receipt) / receipt.rows.read;
}

function judgeParked(parkedRows: readonly number[]): string | null {
  const seen = parkedRows.slice(0, GROWING_RUNS + 1);
  const [newest] = seen;
  if (newest === undefined || seen.length <= GROWING_RUNS) return null;
  const isGrowing = seen.every((rows, at) => at === 0 || rows < (seen[at - 1] ?? 0));
  return isGrowing ? `parked rows have grown with each of the last ${GROWING_RUNS} runs, to ${newest}` : null;
}

function judgeFreshness({ now, freshAt, freshWithinMs, watchedSince, isPaused }: SyncFacts): string | null {
  if (freshWithinMs === null || isPaused) return null;
  const ageMs = now - (freshAt ?? watchedSince);
  if (ageMs <= freshWithinMs) return null;
  const limit = `the limit is ${inWords(freshWithinMs)}`;
  return freshAt === null
    ? `no run has ended well for ${inWords(ageMs)}, since the runner began; ${limit}`
    : `the last run that ended well began ${inWords(ageMs)} ago; ${limit}`;
}

function withoutNothing(alerts: Readonly<Record<SyncAlertKind, string | null>>): SyncAlerts {
  return Object.fromEntries(Object.entries(alerts).filter(([, text]) => text !== null));
}

function percent(share: number): string {
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;
}

/** Roughly, in the largest unit that says enough. Pure. */
export function inWords(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
