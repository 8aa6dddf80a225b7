import type { LoadedConfig, LoadedSync } from "../config/load-config.ts";
import type { Engine, SyncJob } from "../contracts/job.ts";
import type { Source } from "../contracts/source.ts";
import type { StateStore } from "../contracts/state.ts";
import { type Attempt, attemptEach } from "./attempt-each.ts";
import type { CommandContext } from "./command-context.ts";
import { createDestination, createEngine, toJob } from "./create-engine.ts";
import { createRequestSlots, type RequestSlots } from "../personize/request-slots.ts";
import { withState } from "./use-state.ts";

const MEBIBYTE = 1024 * 1024;

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
  slots?: RequestSlots,
): Promise<T> {
  return withSource(context, sync, async (source) => {
    const job = toJob(sync, source);
    // One for each sync: it counts what is spent since it was made.
    const destination = createDestination(context, config, state, sync.connector.name, slots);
    const engine = createEngine(context, config, state, destination, (progress) =>
      context.display.update(sync.name, progress),
    );
    try {
      return await work(job, engine);
    } finally {
      context.display.done(sync.name);
    }
  });
}

/** Every chosen sync over one state, as many side by side as the program allows; memory and requests are shared by them. */
export function attemptEachWithEngine<T>(
  context: CommandContext,
  config: LoadedConfig,
  work: (job: SyncJob, engine: Engine) => Promise<T>,
): Promise<readonly Attempt<T>[]> {
  const atOnce = Math.min(context.syncsAtOnce, config.syncs.length);
  const slots = createRequestSlots(config.personize.maxConcurrentRequests);
  const shared = shareMemory(config, atOnce);
  return withState(context, config, (state) =>
    attemptEach(context, config.syncs, (sync) => withEngine(context, shared, state, sync, work, slots), atOnce),
  );
}

/** The configuration of each of `runs` that go on side by side: together they hold no more than one would. */
export function shareMemory(config: LoadedConfig, runs: number): LoadedConfig {
  const maxBufferedBytes = Math.max(MEBIBYTE, Math.floor(config.engine.maxBufferedBytes / Math.max(1, runs)));
  return { ...config, engine: { ...config.engine, maxBufferedBytes } };
}
