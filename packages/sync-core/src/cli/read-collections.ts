import type { LoadedConfig } from "../config/load-config.ts";
import type { Collection } from "../contracts/destination.ts";
import type { CommandContext } from "./command-context.ts";
import { createDestination } from "./create-engine.ts";
import { withState } from "./use-state.ts";

/** The organisation's collections, all pages; `me()` first, so that the plan is kept to. */
export function readCollections(
  context: CommandContext,
  config: Pick<LoadedConfig, "personize" | "secretKey" | "state" | "directory">,
): Promise<readonly Collection[]> {
  return withState(context, config, async (state) => {
    const destination = createDestination(context, config, state, context.program.name);
    await destination.account(context.signal);
    return destination.collections(context.signal);
  });
}
