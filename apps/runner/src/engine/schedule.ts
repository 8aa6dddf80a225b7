import { ConfigError } from "@acme/sync-core";
import { Cron } from "croner";

/** When a sync runs. Everything in it is pure: time is handed in, in milliseconds since the epoch. */
export interface Schedule {
  /** What its moments are computed from, as text: another one means other moments. */
  readonly expression: string;
  /** How much later than its moment a run begins. Always the same for a sync, in [0, jitterMs]. */
  readonly delayMs: number;
  readonly missed: "once" | "skip";
  /** The first moment after `after`; null: there is none. */
  next(after: number): number | null;
  /** The last moment that is not after `until`; null: there is none. */
  last(until: number): number | null;
}

export interface ScheduleOptions {
  readonly sync: string;
  /** Five fields (minute hour day month weekday), six with seconds in front, or a nickname like `@daily`. */
  readonly cron: string;
  readonly timezone: string;
  readonly jitterMs: number;
  readonly missed: "once" | "skip";
}

/**
 * Reads a cron expression in a time zone. When clocks go forward, a time of day that does not exist comes right after the gap; when
 * they go back, a time of day that comes twice counts the first time. Steps and wildcards (every five minutes) go on through both.
 * @throws ConfigError when it cannot be read, or fires at no time at all from `now` on.
 */
export function createSchedule(options: ScheduleOptions, now: number): Schedule {
  const { sync, cron, timezone } = options;
  const pattern = parse(options);
  const next = (after: number): number | null => pattern.nextRun(new Date(after))?.getTime() ?? null;
  if (next(now) === null) {
    throw new ConfigError(`syncs.${sync}.schedule: "${cron}" never fires`, {
      hint: "Check day and month: the 31st of February does not come. The fields are minute, hour, day, month, weekday.",
    });
  }
  return {
    expression: `${cron} ${timezone}`,
    delayMs: delayOf(sync, options.jitterMs),
    missed: options.missed,
    next,
    // What is asked for lies before the time handed in, and moments are whole seconds.
    last: (until) => pattern.previousRuns(1, new Date(Math.floor(until) + 1))[0]?.getTime() ?? null,
  };
}

function parse({ sync, cron, timezone }: ScheduleOptions): Cron {
  try {
    return new Cron(cron, { timezone, mode: "5-or-6-parts", fixedTimeRule: "no-wildcard", paused: true });
  } catch (error) {
    const why = error instanceof Error ? error.message.replace(/^CronPattern: /, "") : String(error);
    throw new ConfigError(`syncs.${sync}.schedule: "${cron}" is no cron expression (${why})`, {
      hint: 'The fields are minute, hour, day, month, weekday: "0 2 * * *" is every night at two.',
    });
  }
}

/** FNV-1a: spreads names that differ in one character. */
function delayOf(name: string, jitterMs: number): number {
  let hash = 0x81_1c_9d_c5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01_00_01_93) >>> 0;
  // The low bits of neighbours differ most; a last mix brings them up.
  hash = Math.imul(hash ^ (hash >>> 16), 0x45_d9_f3_b) >>> 0;
  return Math.floor((((hash ^ (hash >>> 15)) >>> 0) / 2 ** 32) * (jitterMs + 1));
}
