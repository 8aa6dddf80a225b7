import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { ConfigError, SyncError, TransientError } from "../../../packages/sync-core/src/contracts/errors.ts";
import type { retrySync } from "../../../packages/sync-core/src/line/retry.ts";
import type { runSync } from "../../../packages/sync-core/src/line/run-sync.ts";
import type { verifySync } from "../../../packages/sync-core/src/line/verify.ts";
import type { createDestinationOverClient } from "../../../packages/sync-core/src/personize/create-personize-destination.ts";
import type { openSqliteState } from "../../../packages/sync-core/src/state/open-sqlite-state.ts";
import { root } from "../repository.ts";
import type { createSimulatedSource } from "./simulation/simulated-source.ts";

/** What the search needs of an engine: its own sources, or a copy with a planted bug. */
export interface EngineModules {
  readonly runSync: typeof runSync;
  readonly retrySync: typeof retrySync;
  readonly verifySync: typeof verifySync;
  readonly createDestinationOverClient: typeof createDestinationOverClient;
  readonly openSqliteState: typeof openSqliteState;
  readonly ConfigError: typeof ConfigError;
  readonly SyncError: typeof SyncError;
  readonly TransientError: typeof TransientError;
  readonly createSimulatedSource: typeof createSimulatedSource;
}

export const engineFolder = join(root, "packages/sync-core/src");
export const sourceFile = join(root, "tests/src/fault-search/simulation/simulated-source.ts");

/** @param folder of the engine's sources. */
export async function loadEngine(folder = engineFolder, simulatedSource = sourceFile): Promise<EngineModules> {
  const load = async (file: string): Promise<EngineModules> => await import(pathToFileURL(file).href);
  const { runSync } = await load(join(folder, "line/run-sync.ts"));
  const { retrySync } = await load(join(folder, "line/retry.ts"));
  const { verifySync } = await load(join(folder, "line/verify.ts"));
  const { createDestinationOverClient } = await load(join(folder, "personize/create-personize-destination.ts"));
  const { openSqliteState } = await load(join(folder, "state/open-sqlite-state.ts"));
  const { ConfigError, SyncError, TransientError } = await load(join(folder, "contracts/errors.ts"));
  const { createSimulatedSource } = await load(simulatedSource);
  return {
    runSync,
    retrySync,
    verifySync,
    createDestinationOverClient,
    openSqliteState,
    ConfigError,
    SyncError,
    TransientError,
    createSimulatedSource,
  };
}
