import { hash } from "node:crypto";
import { stat } from "node:fs/promises";
import {
  type ConfigNeeds,
  type LoadedConfig,
  type LoadedSync,
  loadConfig,
  missingSecretKey,
} from "../config/load-config.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { Engine, SyncJob } from "../contracts/job.ts";
import type { Progress } from "../contracts/progress.ts";
import type { Source } from "../contracts/source.ts";
import type { StateStore } from "../contracts/state.ts";
import type { PersonizeDestination } from "../personize/create-personize-destination.ts";
import { type CommandContext, interruptOf, type SyncEntry, type SyncFailure } from "./command-context.ts";
import { coreVersion } from "./core-version.ts";
import { toFailure } from "./error-report.ts";
import { describeHolder, isGone } from "./holder.ts";

/** The configuration as far as a command needs it. */
export function loadForCommand(context: CommandContext, needs: ConfigNeeds): Promise<LoadedConfig> {
  return loadConfig({
    cwd: context.io.cwd,
    env: context.io.env,
    file: context.options.config,
    connectors: context.connectors,
    only: context.options.only,
    needs,
    redactor: context.redactor,
  });
}

/** Opens the state for writing, and closes it whatever happens. */
export async function withState<T>(
  context: CommandContext,
  config: LoadedConfig,
  use: (state: StateStore) => Promise<T>,
): Promise<T> {
  const state = await context.entries.openState({
    file: config.stateFile,
    now: () => context.io.now(),
    readOnly: false,
  });
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

/** Looks into the state without changing or creating it; null where there is none yet. */
export async function withExistingState<T>(
  context: CommandContext,
  config: LoadedConfig,
  use: (state: StateStore | null) => Promise<T>,
  readOnly = true,
): Promise<T> {
  if (!(await exists(config.stateFile))) return use(null);
  const state = await context.entries.openState({ file: config.stateFile, now: () => context.io.now(), readOnly });
  try {
    return await use(state);
  } finally {
    await state.close();
  }
}

async function exists(file: string): Promise<boolean> {
  try {
    await stat(file);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTDIR"))
      return false;
    throw new ConfigError(`the state ${file} cannot be looked at`, { hint: "Check its permissions.", cause: error });
  }
}

/** Makes a sync's source, and closes it whatever happens. */
export async function withSource<T>(
  context: CommandContext,
  sync: LoadedSync,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const source = sync.connector.create(sync.source, context.runtime);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** @throws ConfigError when there is no secret key. */
export function createDestination(
  context: CommandContext,
  config: LoadedConfig,
  state: StateStore,
  sourceLabel: string,
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
    state,
    runtime: context.runtime,
  });
}

/** Under which name the quota ledger keeps what a key has used; null without a key. */
export function paceKeyOf(config: LoadedConfig): string | null {
  if (config.secretKey === null) return null;
  return hash("sha256", `${config.personize.baseUrl}\n${config.secretKey}`, "hex").slice(0, 32);
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
  };
}

export function missingMapping(sync: string): ConfigError {
  return new ConfigError(`syncs.${sync}.mapping is missing; nothing says yet which field becomes which property`, {
    hint: "`discover` lists the source's fields and the organisation's collections.",
  });
}

/** What a command found out about one sync, or why it could not. */
export type Attempt<T> = { readonly sync: LoadedSync } & (
  | { readonly value: T; readonly failure: null }
  | { readonly value: null; readonly failure: SyncFailure }
);

/** One sync after the other; one that fails does not keep the others from their turn, an interruption does. */
export async function attemptEach<T>(
  context: CommandContext,
  syncs: readonly LoadedSync[],
  work: (sync: LoadedSync) => Promise<T>,
): Promise<readonly Attempt<T>[]> {
  const attempts: Attempt<T>[] = [];
  for (const sync of syncs) {
    try {
      context.signal.throwIfAborted();
      attempts.push({ sync, value: await work(sync), failure: null });
    } catch (error) {
      const failure = { ...toFailure(error, interruptOf(context.signal)), sync: sync.name };
      attempts.push({ sync, value: null, failure });
    }
  }
  return attempts;
}

/** The `syncs` of a command's document. */
export function toEntries<T>(
  attempts: readonly Attempt<T>[],
  details: (value: T) => Readonly<Record<string, unknown>>,
): readonly SyncEntry[] {
  return attempts.map(({ sync, value, failure }) => ({
    sync: sync.name,
    connector: sync.connector.name,
    ...(failure === null ? details(value) : { error: failure.report }),
  }));
}

export function failuresOf(attempts: readonly Attempt<unknown>[]): readonly SyncFailure[] {
  return attempts.flatMap(({ failure }) => (failure === null ? [] : [failure]));
}

/** The attempts that succeeded, with their values. */
export function valuesOf<T>(
  attempts: readonly Attempt<T>[],
): readonly { readonly sync: LoadedSync; readonly value: T }[] {
  return attempts.flatMap((attempt) =>
    attempt.failure === null ? [{ sync: attempt.sync, value: attempt.value }] : [],
  );
}
