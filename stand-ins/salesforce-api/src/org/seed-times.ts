import { DAY_MS, hash } from "@acme/stand-in-kit";

/** When seeded rows of one object were made, changed and deleted; computed, never stored. */
export interface SeedTimes {
  createdMs(position: number): number;
  stampMs(position: number): number;
  modifiedMs(position: number): number;
  deletedMs(position: number): number | undefined;
}

/** So many rows changed in the same second by one load. */
export interface BulkUpdateSeed {
  readonly object: string;
  readonly count: number;
  /** Milliseconds since 1970; the second it lies in. */
  readonly atMs: number;
  /** The first row, counted from 0 (default 0). */
  readonly from?: number;
}

export interface SeedTimesOptions {
  readonly seed: number;
  readonly count: number;
  readonly untilMs: number;
  readonly days: number;
  readonly deletedShare: number;
  readonly bulkUpdates: readonly BulkUpdateSeed[];
}

/** Seeded deletions lie in these days before `untilMs`, so that the bin still holds them. */
const DELETED_DAYS = 10;
const SECOND_MS = 1000;

export function createSeedTimes(options: SeedTimesOptions): SeedTimes {
  const { seed, count, days, deletedShare, bulkUpdates } = options;
  const untilMs = toSecond(options.untilMs);
  const fromMs = untilMs - days * DAY_MS;
  const share = (position: number, salt: number) => hash(seed, position, salt) / 4_294_967_296;

  const createdMs = (position: number) =>
    toSecond(fromMs + ((position + share(position, 1)) / Math.max(count, 1)) * (untilMs - fromMs));
  const isDeleted = (position: number) => deletedShare > 0 && share(position, 2) < deletedShare;

  function stampMs(position: number): number {
    if (isDeleted(position)) {
      const earliestMs = Math.max(createdMs(position), untilMs - DELETED_DAYS * DAY_MS);
      return toSecond(earliestMs + share(position, 3) * (untilMs - earliestMs));
    }
    for (const { count: rows, atMs, from = 0 } of bulkUpdates) {
      if (position >= from && position < from + rows) return toSecond(atMs);
    }
    const bornMs = createdMs(position);
    return toSecond(bornMs + share(position, 4) ** 2 * (untilMs - bornMs));
  }

  return {
    createdMs,
    stampMs,
    modifiedMs: (position) => (share(position, 5) < 0.1 ? createdMs(position) : stampMs(position)),
    deletedMs: (position) => (isDeleted(position) ? stampMs(position) : undefined),
  };
}

/** Salesforce keeps whole seconds. */
export function toSecond(timeMs: number): number {
  return Math.floor(timeMs / SECOND_MS) * SECOND_MS;
}
