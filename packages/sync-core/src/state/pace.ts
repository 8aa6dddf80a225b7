import type { Pace, RateStatus } from "../contracts/state.ts";

/**
 * The rate limiter: reservations by GCRA (the generic cell rate algorithm, ITU-T I.371), weighted, as arithmetic here and
 * as SQL statements below. The suite of state stores holds one against the other.
 *
 * One row per rate remembers `tat`, the moment at which everything reserved so far is paid off at the steady rate. With
 * U units a minute, a burst of b and e = 60,000/(U - b) milliseconds per unit, a reservation of u units is used at
 *
 *     g = max(now, tat + (u - b)·e)        and then        tat = max(tat, g) + u·e
 *
 * For u ≤ b this is the usual form (tat = max(tat, now) + u·e, wait until tat - b·e). For u > b it has the caller wait
 * until enough of the past is paid off, and charges the full weight from g on: a tolerance of max(b, u) for this one
 * reservation that nobody else can use.
 *
 * **No sliding minute sees more than U units.** Take reservations 1…n with gₙ - g₁ < 60,000. After the first,
 * tat ≥ g₁ + u₁·e; each later one adds its weight, so before the last tat ≥ g₁ + (u₁ + … + uₙ₋₁)·e; and the last one had
 * gₙ ≥ tat + (uₙ - b)·e. Together (u₁ + … + uₙ)·e ≤ gₙ - g₁ + b·e, and (60,000 + b·e)/e = U. Steady use is U - b a minute.
 * A single reservation of more than U units cannot be kept within U; it gets its minute to itself.
 *
 * Four things more, each of which keeps that argument:
 *
 * - **A clear minute ends all debts.** When nothing was used for {@link clearMs}, no window reaches back, so nobody ever
 *   waits longer than that behind the last use. Heavy reservations go out once a minute instead of more seldom.
 * - **A change of pace** happens at the last use already promised. The debt is carried over in units, and a larger burst
 *   starts out used up, since part of the old one may just have been spent. Summing what each pace lets through gives at
 *   most max(U - b) + min(b) over the paces of the window: never more than the largest of their limits.
 * - **The clock goes back.** The row remembers the latest time it has seen. Up to {@link steadyMs} behind it, time stands
 *   still (processes may see slightly different clocks); further behind, everything in the row moves back with the clock.
 *   So a wait is what it would have been without the jump, and never runs faster than time does. A jump forward cannot be
 *   told from time that passed.
 * - **Moments of use are whole milliseconds**, rounded up, since timers know nothing smaller.
 */
export interface PaceRow {
  /** The pace last used; null while there was only a penalty. */
  readonly pace: Pace | null;
  /** When everything reserved is paid off, in milliseconds since the epoch. */
  readonly tat: number;
  /** The latest moment for which something was reserved, or until which a penalty lasts. */
  readonly usedAt: number;
  /** The latest time seen. */
  readonly seenAt: number;
}

/**
 * Nothing used for so long: no minute reaches back. A second more than a minute, because here a whole minute's worth may
 * follow another, and requests do not arrive exactly when they were sent.
 */
export const clearMs = 61_000;

/** What sums of fractions of milliseconds may be off by; it must not cost a whole one. */
const roundingMs = 0.001;

/** Clocks that differ by less are taken for the same clock. */
export const steadyMs = 1_000;

/**
 * A pace that the arithmetic can work with. A limit that is not above zero counts as one unit a minute: a wait has to end.
 * A burst leaves at least a tenth of the limit to flow steadily; making a burst smaller is always safe.
 */
export function toUsablePace(pace: Pace): Pace {
  const unitsPerMinute = pace.unitsPerMinute > 0 ? Math.min(pace.unitsPerMinute, 1e12) : 1;
  const burstUnits = pace.burstUnits > 0 ? Math.min(pace.burstUnits, unitsPerMinute * 0.9) : 0;
  return { unitsPerMinute, burstUnits };
}

/** The row after reserving `units`; they may be used at its `usedAt`, which is `usedAt - seenAt` milliseconds from now. */
export function reserveUnits(row: PaceRow | null, now: number, units: number, pace: Pace): PaceRow {
  if (row === null) return { pace, tat: now + units * intervalMs(pace), usedAt: now, seenAt: now };
  const { tat, usedAt, seenAt } = carryOver(row, now, pace);
  const interval = intervalMs(pace);
  const paidOff = tat + (units - pace.burstUnits) * interval;
  const use = Math.ceil(Math.max(seenAt, usedAt, Math.min(paidOff, usedAt + clearMs)) - roundingMs);
  const start = use >= usedAt + clearMs ? use : Math.max(tat, use);
  return { pace, tat: start + units * interval, usedAt: use, seenAt };
}

/** The row after the other side has asked for `waitMs` of silence. `pace` null: keep the one of the row. */
export function penalizeUse(row: PaceRow | null, now: number, waitMs: number, pace: Pace | null): PaceRow {
  const known = pace ?? row?.pace ?? null;
  const before = row === null ? { tat: now, usedAt: now, seenAt: now } : carryOver(row, now, known);
  const until = before.seenAt + waitMs;
  const tolerance = known === null ? 0 : known.burstUnits * intervalMs(known);
  return {
    pace: known,
    tat: Math.max(before.tat, until + tolerance),
    usedAt: Math.max(before.usedAt, until),
    seenAt: before.seenAt,
  };
}

/** How the rate stands for somebody who only looks. */
export function toRateStatus(row: PaceRow, now: number): RateStatus {
  if (row.pace === null) return { pace: null, freeAt: row.usedAt };
  const { usedAt, seenAt } = reserveUnits(row, now, 1, row.pace);
  return { pace: row.pace, freeAt: now + usedAt - seenAt };
}

function intervalMs(pace: Pace): number {
  return 60_000 / (pace.unitsPerMinute - pace.burstUnits);
}

function carryOver(row: PaceRow, now: number, pace: Pace | null): Omit<PaceRow, "pace"> {
  const shift = row.seenAt - now > steadyMs ? row.seenAt - now : 0;
  const seenAt = Math.max(now, row.seenAt - shift);
  const usedAt = row.usedAt - shift;
  const tat = row.tat - shift;
  const same = row.pace?.unitsPerMinute === pace?.unitsPerMinute && row.pace?.burstUnits === pace?.burstUnits;
  if (pace === null || same) return { tat, usedAt, seenAt };

  const from = Math.max(seenAt, usedAt);
  const debt = row.pace === null ? 0 : Math.max(0, tat - from) / intervalMs(row.pace);
  const grown = Math.max(0, pace.burstUnits - (row.pace?.burstUnits ?? 0));
  return { tat: from + (debt + grown) * intervalMs(pace), usedAt, seenAt };
}

/** A pace as the statements below take it; both null: the pace of the row. */
export function toPaceParameters(pace: Pace | null): { readonly limit: number | null; readonly burst: number | null } {
  if (pace === null) return { limit: null, burst: null };
  const { unitsPerMinute, burstUnits } = toUsablePace(pace);
  return { limit: unitsPerMinute, burst: burstUnits };
}

/** How one database writes what the statements need. */
export interface PaceDialect {
  readonly table: string;
  /** Placeholders; numbers are floating point of double precision. */
  readonly key: string;
  readonly units: string;
  readonly waitMs: string;
  readonly limit: string;
  readonly burst: string;
  /** Milliseconds since the epoch, whole. Asked once a statement, and not before the row is locked. */
  readonly now: string;
}

export interface PaceStatements {
  /** Reserves units at the pace (limit, burst). Gives `wait_ms`. */
  readonly reserve: string;
  /** Reserves units at the pace that the row remembers; limit and burst are null. Gives nothing when there is no row. */
  readonly reserveAgain: string;
  /** Lets nobody use anything for the given time. */
  readonly penalize: string;
}

const larger = (a: string, b: string): string => `case when ${a} > ${b} then ${a} else ${b} end`;

const columns = "units_per_minute, burst_units, tat, used_at, seen_at";

/**
 * The same in SQL, step by step from the inside out, and without functions that SQLite and PostgreSQL name differently. One
 * statement each, so that nobody comes between reading a row and writing it.
 */
export function toPaceStatements({ table, key, units, waitMs, limit, burst, now }: PaceDialect): PaceStatements {
  /** `carryOver`: seen, used, tat, the new pace and its interval (0 while the pace is unknown). */
  const carried = `
    select rate, burst, seen, used, interval_ms,
           case when rate = old_rate and burst = old_burst or rate is null then tat
                else since + (case when old_rate is null or tat < since then 0 else (tat - since) / old_interval_ms end
                            + case when burst > coalesce(old_burst, 0) then burst - coalesce(old_burst, 0) else 0 end) * interval_ms
           end as tat
    from (
      select moved.*, ${larger("seen", "used")} as since,
             60000.0 / (rate - burst) as interval_ms, 60000.0 / (old_rate - old_burst) as old_interval_ms
      from (
        select old_rate, old_burst, rate, burst,
               ${larger("at", "old_seen - shift")} as seen, old_used - shift as used, old_tat - shift as tat
        from (
          select stored.*, case when old_seen - at > ${steadyMs} then old_seen - at else 0 end as shift
          from (
            select pace.units_per_minute as old_rate, pace.burst_units as old_burst,
                   coalesce(${limit}, pace.units_per_minute) as rate, coalesce(${burst}, pace.burst_units) as burst,
                   pace.seen_at as old_seen, pace.used_at as old_used, pace.tat as old_tat, ${now} as at
          ) as stored
        ) as shifted
      ) as moved
    ) as carried`;

  const reserved = `
    (${columns}) = (
      select rate, burst,
             (case when use_at >= used + ${clearMs} or use_at > tat then use_at else tat end) + ${units} * interval_ms,
             use_at, seen
      from (
        select rate, burst, seen, used, tat, interval_ms, ceil(${larger("latest", "earliest")} - ${roundingMs}) as use_at
        from (
          select rate, burst, seen, used, tat, interval_ms, ${larger("seen", "used")} as latest,
                 case when tat + (${units} - tolerated) * interval_ms < used + ${clearMs}
                      then tat + (${units} - tolerated) * interval_ms else used + ${clearMs} end as earliest
          from (
            select rate, burst, seen, used, tat, coalesce(interval_ms, 0) as interval_ms, coalesce(burst, 0) as tolerated
            from (${carried}) as known_pace
          ) as due
        ) as bounds
      ) as chosen
    )`;

  // "where true" tells SQLite that "on conflict" does not belong to a join.
  return {
    reserve: `
      insert into ${table} as pace (key, ${columns})
      select ${key}, ${limit}, ${burst}, at + ${units} * (60000.0 / (${limit} - ${burst})), at, at
      from (select ${now} as at) as clock where true
      on conflict (key) do update set ${reserved}
      returning used_at - seen_at as wait_ms`,

    reserveAgain: `update ${table} as pace set ${reserved} where key = ${key} returning used_at - seen_at as wait_ms`,

    penalize: `
      insert into ${table} as pace (key, ${columns})
      select ${key}, ${limit}, ${burst},
             at + ${waitMs} + coalesce(${burst} * (60000.0 / (${limit} - ${burst})), 0), at + ${waitMs}, at
      from (select ${now} as at) as clock where true
      on conflict (key) do update set (${columns}) = (
        select rate, burst, ${larger("tat", "until + tolerance")}, ${larger("used", "until")}, seen
        from (
          select rate, burst, seen, used, tat, seen + ${waitMs} as until, coalesce(burst * interval_ms, 0) as tolerance
          from (${carried}) as known_pace
        ) as bounds
      )`,
  };
}
