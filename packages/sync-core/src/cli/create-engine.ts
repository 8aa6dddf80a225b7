import type { LoadedConfig, LoadedSync } from "../config/load-config.ts";
import { missingSecretKey } from "../config/secret-key.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Engine, SyncJob } from "../contracts/job.ts";
import type { Progress } from "../contracts/progress.ts";
import type { Source } from "../contracts/source.ts";
import type { StateStore } from "../contracts/state.ts";
import type { PersonizeDestination } from "../personize/create-personize-destination.ts";
import { paceKeyOf } from "../personize/pace-key.ts";
import type { RequestSlots } from "../personize/request-slots.ts";
import type { CommandContext } from "./command-context.ts";
import { coreVersion } from "./core-version.ts";
import { describeHolder, isGone } from "./holder.ts";

/** @throws ConfigError when there is no secret key. */
export function createDestination(
  context: CommandContext,
  config: Pick<LoadedConfig, "personize" | "secretKey">,
  state: StateStore,
  sourceLabel: string,
  slots?: RequestSlots,
): PersonizeDestination {
  if (config.secretKey === null) throw missingSecretKey();
  const { personize } = config;
  return context.entries.createDestination({
    secretKey: config.secretKey,
    baseUrl: personize.baseUrl,
    timeoutMs: personize.timeoutMs,
    maxConcurrentRequests: personize.maxConcurrentRequests,
    rateUnit: personize.rateUnit,
    maxRowsPerCall: personize.maxRowsPerCall ?? null,
    chunkSize: personize.chunkSize ?? 1,
    limitsOverride: {
      perMinute: personize.limitsOverride?.perMinute ?? null,
      perMonth: personize.limitsOverride?.perMonth ?? null,
    },
    sourceLabel,
    ...(slots === undefined ? {} : { slots }),
    state,
    runtime: context.runtime,
  });
}

/** Under which name the quota ledger keeps what a key has used; null without a key. */
export function ledgerKeyOf(config: LoadedConfig): string | null {
  return config.secretKey === null
    ? null
    : paceKeyOf({ baseUrl: config.personize.baseUrl, secretKey: config.secretKey });
}

export function createEngine(
  context: CommandContext,
  config: LoadedConfig,
  state: StateStore,
  destination: PersonizeDestination,
  onProgress: (progress: Progress) => void,
): Engine {
  return {
    destination,
    state,
    runtime: context.runtime,
    settings: { ...config.engine, maxConcurrentRequests: config.personize.maxConcurrentRequests },
    versions: { core: coreVersion(), sdk: context.entries.sdkVersion() },
    holder: describeHolder(),
    isGone,
    onProgress,
  };
}

/** @throws ConfigError when the sync has no mapping yet. */
export function toJob(sync: LoadedSync, source: Source): SyncJob {
  if (sync.mapping === null) throw missingMapping(sync.name);
  return {
    name: sync.name,
    connector: { name: sync.connector.name, version: sync.connector.version },
    source,
    mapping: sync.mapping,
    configDigest: sync.digest,
    ...(sync.deletes === null ? {} : { deletes: sync.deletes }),
  };
}

export function missingMapping(sync: string): ConfigError {
  return new ConfigError(`syncs.${sync}.mapping is missing; nothing says yet which field becomes which property`, {
    hint: "`init` proposes one; `discover` lists the source's fields and the organisation's collections.",
  });
}
