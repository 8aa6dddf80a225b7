import type { LoadedConfig, LoadedSync } from "../config/load-config.ts";
import type { Engine, SyncJob } from "../contracts/job.ts";
import type { Source } from "../contracts/source.ts";
import type { StateStore } from "../contracts/state.ts";
import { type Attempt, attemptEach } from "./attempt-each.ts";
import type { CommandContext } from "./command-context.ts";
import { createDestination, createEngine, toJob } from "./create-engine.ts";
import { withState } from "./use-state.ts";

/** Makes a sync's source, and closes it whatever happens. */
export async function withSource<T>(
  context: CommandContext,
  sync: Pick<LoadedSync, "connector" | "source">,
  use: (source: Source) => Promise<T>,
): Promise<T> {
  const source = sync.connector.create(sync.source, context.runtime);
  try {
    return await use(source);
  } finally {
    await source.close();
  }
}

/** One sync with everything that it takes to run it; progress is shown meanwhile. */
export function withEngine<T>(
  context: CommandContext,
  config: LoadedConfig,
  state: StateStore,
  sync: LoadedSync,
  work: (job: SyncJob, engine: Engine) => Promise<T>,
): Promise<T> {
  return withSource(context, sync, async (source) => {
    const job = toJob(sync, source);
    // One for each sync: it counts what is spent since it was made.
    const destination = createDestination(context, config, state, sync.connector.name);
    const engine = createEngine(context, config, state, destination, (progress) =>
      context.display.update(sync.name, progress),
    );
    try {
      return await work(job, engine);
    } finally {
      context.display.finish();
    }
  });
}

/** Every chosen sync, one after the other, over one state. */
export function attemptEachWithEngine<T>(
  context: CommandContext,
  config: LoadedConfig,
  work: (job: SyncJob, engine: Engine) => Promise<T>,
): Promise<readonly Attempt<T>[]> {
  return withState(context, config, (state) =>
    attemptEach(context, config.syncs, (sync) => withEngine(context, config, state, sync, work)),
  );
}
