import { stat } from "node:fs/promises";
import { stateScheme } from "../config/state-scheme.ts";
import { ConfigError } from "../contracts/errors.ts";
import type { RunQueue } from "../contracts/run-queue.ts";
import type { StateStore } from "../contracts/state.ts";
import type { OpenStateOptions, StateBackend } from "../contracts/state-backend.ts";
import { openSqliteRunQueue } from "../state/open-sqlite-run-queue.ts";
import { openSqliteState } from "../state/open-sqlite-state.ts";
import { findStateBackend } from "./find-state-backend.ts";

/** Opens what lies where a configuration keeps its state, file or not. Nothing is opened before a method is called. */
export interface StateOpener {
  /** For messages: without credentials. */
  readonly location: string;
  /** @returns null where nothing is kept yet and `mode` does not say to make it. */
  openState(options: Omit<OpenStateOptions, "url">): Promise<StateStore | null>;
  /** The run queue that lies beside the state. @returns as `openState`. */
  openRunQueue(options: Omit<OpenStateOptions, "url">): Promise<RunQueue | null>;
}

export interface StatePlaceOptions {
  /** The absolute path of a file, or a URL. */
  readonly state: string;
  /** Of the configuration: packages that keep a state are looked for from here. */
  readonly directory: string;
  /** Those that the program was handed. */
  readonly stateBackends: readonly StateBackend[];
}

/** @throws ConfigError where nothing can keep a state there; it says what to install. */
export async function findStateOpener(
  { state, directory, stateBackends }: StatePlaceOptions,
  openFile: typeof openSqliteState = openSqliteState,
): Promise<StateOpener> {
  const scheme = stateScheme(state);
  if (scheme !== null) {
    const backend = await findStateBackend(scheme, stateBackends, directory);
    return {
      location: backend.locationOf(state),
      openState: (options) => backend.open({ ...options, url: state }),
      openRunQueue: (options) => backend.openRunQueue({ ...options, url: state }),
    };
  }
  return {
    location: state,
    openState: ({ now, mode }) => unlessMissing(state, mode, (readOnly) => openFile({ file: state, now, readOnly })),
    openRunQueue: ({ now, mode }) =>
      unlessMissing(state, mode, (readOnly) => openSqliteRunQueue({ file: state, now, readOnly })),
  };
}

async function unlessMissing<T>(
  file: string,
  mode: OpenStateOptions["mode"],
  open: (readOnly: boolean) => Promise<T>,
): Promise<T | null> {
  return mode === "create" || (await exists(file)) ? open(mode === "look") : null;
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
