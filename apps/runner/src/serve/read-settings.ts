import { ConfigError, SyncError } from "@acme/sync-core";
import type { LoadedConfig } from "@acme/sync-core/program";
import { type RunnerConfig, runnerConfig } from "../config.ts";
import type { Schedule } from "../engine/schedule.ts";
import { isLoopbackHost } from "../page/access/loopback.ts";
import { checkAccess, type PageAccess } from "../page/access/page-access.ts";
import { readSyncSettings } from "./read-sync-settings.ts";

/** What the configuration says of the runner, all of it checked. */
export interface Settings {
  readonly runner: RunnerConfig;
  readonly access: PageAccess;
  /** By sync; syncs that run only by hand are absent. */
  readonly schedules: ReadonlyMap<string, Schedule>;
  /** By sync, in milliseconds; those that are not watched are absent. */
  readonly freshWithinMs: ReadonlyMap<string, number>;
}

/** @throws ConfigError that names every schedule that cannot be, or what is wrong with the access to the page. */
export function readSettings(config: LoadedConfig, now: number): Settings {
  const runner = runnerConfig.parse(config.runner ?? {});
  const problems: SyncError[] = [];
  const schedules = new Map<string, Schedule>();
  const freshWithinMs = new Map<string, number>();
  for (const sync of config.syncs) {
    try {
      const own = readSyncSettings(sync, config.runner, now);
      if (own.freshWithinMs !== null) freshWithinMs.set(sync.name, own.freshWithinMs);
      if (own.schedule !== null) schedules.set(sync.name, own.schedule);
    } catch (error) {
      if (!SyncError.is(error)) throw error;
      problems.push(error);
    }
  }
  const [first, second] = problems;
  if (first !== undefined && second === undefined) throw first;
  if (first !== undefined) {
    throw new ConfigError(
      `${problems.length} schedules cannot be:\n${problems.map(({ message }) => `  - ${message}`).join("\n")}`,
      {
        hint: 'The fields are minute, hour, day, month, weekday: "0 2 * * *" is every night at two.',
      },
    );
  }
  return { runner, access: readAccess(runner), schedules, freshWithinMs };
}

function readAccess({ host, token, basic, publicUrl, trustedProxies }: RunnerConfig): PageAccess {
  const access: PageAccess = {
    isLoopbackOnly: isLoopbackHost(host.includes(":") ? `[${host}]` : host),
    token: token ?? null,
    basic: basic ?? null,
    publicUrl: publicUrl ?? null,
    trustedProxies,
  };
  try {
    checkAccess(access);
  } catch (error) {
    if (!SyncError.is(error)) throw error;
    throw new ConfigError(`runner: ${error.message}`, {
      cause: error,
      ...(error.hint === null ? {} : { hint: error.hint }),
    });
  }
  return access;
}
