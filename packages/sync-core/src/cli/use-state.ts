import { stat } from "node:fs/promises";
import type { LoadedConfig } from "../config/load-config.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { StateStore } from "../contracts/state.ts";
import type { CommandContext } from "./command-context.ts";

/** Opens the state for writing, and closes it whatever happens. */
export async function withState<T>(
  context: CommandContext,
  config: Pick<LoadedConfig, "stateFile">,
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
