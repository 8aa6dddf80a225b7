import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "../repository.ts";

/** What the search needs of an engine: its own sources, or a copy with a planted bug. */
export type EngineModules = Pick<typeof import("../../../packages/sync-core/src/line/run-sync.ts"), "runSync"> &
  Pick<
    typeof import("../../../packages/sync-core/src/personize/create-personize-destination.ts"),
    "createDestinationOverClient"
  > &
  Pick<typeof import("../../../packages/sync-core/src/state/open-sqlite-state.ts"), "openSqliteState"> &
  Pick<
    typeof import("../../../packages/sync-core/src/contracts/errors.ts"),
    "ConfigError" | "SyncError" | "TransientError"
  > &
  Pick<typeof import("./simulation/simulated-source.ts"), "createSimulatedSource">;

export const engineFolder = join(root, "packages/sync-core/src");
export const sourceFile = join(root, "tests/src/fault-search/simulation/simulated-source.ts");

/** @param folder of the engine's sources. */
export async function loadEngine(folder = engineFolder, simulatedSource = sourceFile): Promise<EngineModules> {
  const load = async (file: string): Promise<EngineModules> => await import(pathToFileURL(file).href);
  const { runSync } = await load(join(folder, "line/run-sync.ts"));
  const { createDestinationOverClient } = await load(join(folder, "personize/create-personize-destination.ts"));
  const { openSqliteState } = await load(join(folder, "state/open-sqlite-state.ts"));
  const { ConfigError, SyncError, TransientError } = await load(join(folder, "contracts/errors.ts"));
  const { createSimulatedSource } = await load(simulatedSource);
  return {
    runSync,
    createDestinationOverClient,
    openSqliteState,
    ConfigError,
    SyncError,
    TransientError,
    createSimulatedSource,
  };
}
