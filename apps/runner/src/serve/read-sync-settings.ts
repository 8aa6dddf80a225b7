import type { RunnerSync } from "@acme/sync-core/program";
import { runnerConfig, runnerSyncConfig } from "../config.ts";
import { createSchedule, type Schedule } from "../engine/schedule.ts";

/** What the configuration says of one sync. */
export interface SyncSettings {
  /** null: it runs only by hand. */
  readonly schedule: Schedule | null;
  /** In milliseconds; null: it is not watched. */
  readonly freshWithinMs: number | null;
}

/**
 * What a sync does not say for itself is as in the section at the top.
 * @throws ConfigError that names the schedule, when it cannot be.
 */
export function readSyncSettings(
  { name, schedule: cron, runner }: RunnerSync,
  section: unknown,
  now: number,
): SyncSettings {
  const top = runnerConfig.parse(section ?? {});
  const own = runnerSyncConfig.parse(runner ?? {});
  const freshWithinMs = own.freshWithinMs ?? top.freshWithinMs ?? null;
  if (cron === null) return { schedule: null, freshWithinMs };
  const timezone = own.timezone ?? top.timezone;
  const jitterMs = own.jitterMs ?? top.jitterMs;
  const missed = own.missed ?? top.missed;
  return { schedule: createSchedule({ sync: name, cron, timezone, jitterMs, missed }, now), freshWithinMs };
}
