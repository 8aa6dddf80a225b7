import { stat } from "node:fs/promises";
import type { LoadedConfig } from "../config/load-config.ts";
import { stateScheme } from "../config/state-scheme.ts";
import { BugError, ConfigError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import type { OpenStateOptions } from "../contracts/state-backend.ts";
import type { CommandContext } from "./command-context.ts";
import { findStateBackend } from "./find-state-backend.ts";

/** Where a configuration keeps its state. Nothing is opened yet. */
export interface StatePlace {
  /** For messages: without credentials. */
  readonly location: string;
  /** Opens it for writing, made where it is missing, and closes it whatever happens. */
  withState<T>(use: (state: StateStore) => Promise<T>): Promise<T>;
  /** The same with the state that is there; null where there is none yet. */
  withExistingState<T>(use: (state: StateStore | null) => Promise<T>): Promise<T>;
  /** Looks into it: nothing is made or changed. */
  lookIntoState<T>(use: (state: StateStore | null) => Promise<T>): Promise<T>;
}

/** @throws ConfigError where nothing can keep a state there. */
export async function findState(context: CommandContext, config: LoadedConfig): Promise<StatePlace> {
  const { location, open } = await findOpener(context, config);
  const withMode = async <T>(
    mode: OpenStateOptions["mode"],
    use: (state: StateStore | null) => Promise<T>,
  ): Promise<T> => {
    const state = await open(mode);
    try {
      return await use(state);
    } finally {
      await state?.close();
    }
  };
  return {
    location,
    withState: (use) =>
      withMode("create", (state) => {
        if (state === null) throw new BugError(`The state ${location} was not made.`);
        return use(state);
      }),
    withExistingState: (use) => withMode("existing", use),
    lookIntoState: (use) => withMode("look", use),
  };
}

/** Opens the state of a configuration for writing, and closes it whatever happens. */
export async function withState<T>(
  context: CommandContext,
  config: LoadedConfig,
  use: (state: StateStore) => Promise<T>,
): Promise<T> {
  return (await findState(context, config)).withState(use);
}

interface Opener {
  readonly location: string;
  readonly open: (mode: OpenStateOptions["mode"]) => Promise<StateStore | null>;
}

async function findOpener(context: CommandContext, config: LoadedConfig): Promise<Opener> {
  const now = (): number => context.io.now();
  const scheme = stateScheme(config.state);
  if (scheme !== null) {
    const url = config.state;
    const backend = await findStateBackend(scheme, context.stateBackends, config.directory);
    return { location: backend.locationOf(url), open: (mode) => backend.open({ url, now, mode }) };
  }
  const file = config.state;
  return {
    location: file,
    open: async (mode) =>
      mode === "create" || (await exists(file))
        ? context.entries.openState({ file, now, readOnly: mode === "look" })
        : null,
  };
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
