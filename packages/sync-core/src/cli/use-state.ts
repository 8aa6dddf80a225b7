import type { LoadedConfig } from "../config/load-config.ts";
import { BugError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import type { OpenStateOptions } from "../contracts/state-backend.ts";
import type { CommandContext } from "./command-context.ts";
import { findStateOpener } from "./find-state-opener.ts";

/** Where a configuration keeps its state, for the length of a command. Nothing is opened yet. */
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
export async function findState(
  context: CommandContext,
  config: Pick<LoadedConfig, "state" | "directory">,
): Promise<StatePlace> {
  const { state, directory } = config;
  const { stateBackends, entries, io } = context;
  const opener = await findStateOpener({ state, directory, stateBackends }, entries.openState);
  const { location } = opener;
  const withMode = async <T>(
    mode: OpenStateOptions["mode"],
    use: (opened: StateStore | null) => Promise<T>,
  ): Promise<T> => {
    const opened = await opener.openState({ now: () => io.now(), mode });
    try {
      return await use(opened);
    } finally {
      await opened?.close();
    }
  };
  return {
    location,
    withState: (use) =>
      withMode("create", (opened) => {
        if (opened === null) throw new BugError(`The state ${location} was not made.`);
        return use(opened);
      }),
    withExistingState: (use) => withMode("existing", use),
    lookIntoState: (use) => withMode("look", use),
  };
}

/** Opens the state of a configuration for writing, and closes it whatever happens. */
export async function withState<T>(
  context: CommandContext,
  config: Pick<LoadedConfig, "state" | "directory">,
  use: (state: StateStore) => Promise<T>,
): Promise<T> {
  return (await findState(context, config)).withState(use);
}
