import type { LoadedSync } from "../config/load-config.ts";
import { type CommandContext, interruptOf, type SyncEntry, type SyncFailure } from "./command-context.ts";
import { toFailure } from "./error-report.ts";

/** What a command found out about one sync, or why it could not. */
export type Attempt<T> = { readonly sync: LoadedSync } & (
  | { readonly value: T; readonly failure: null }
  | { readonly value: null; readonly failure: SyncFailure }
);

/**
 * Sync after sync, `atOnce` of them side by side; one that fails does not keep the others from their turn, an interruption
 * does. The answer is in the order of the syncs.
 */
export async function attemptEach<T>(
  context: CommandContext,
  syncs: readonly LoadedSync[],
  work: (sync: LoadedSync) => Promise<T>,
  atOnce = 1,
): Promise<readonly Attempt<T>[]> {
  const attempts: Attempt<T>[] = [];
  const waiting = syncs.entries();
  async function workOff(): Promise<void> {
    for (const [place, sync] of waiting) attempts[place] = await tryOne(context, sync, work);
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, syncs.length) }, workOff));
  return attempts;
}

async function tryOne<T>(
  context: CommandContext,
  sync: LoadedSync,
  work: (sync: LoadedSync) => Promise<T>,
): Promise<Attempt<T>> {
  try {
    context.signal.throwIfAborted();
    return { sync, value: await work(sync), failure: null };
  } catch (error) {
    const failure = { ...toFailure(error, interruptOf(context.signal)), sync: sync.name };
    return { sync, value: null, failure };
  }
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
