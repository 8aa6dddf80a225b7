import type { LoadedSync } from "../config/load-config.ts";
import { type CommandContext, interruptOf, type SyncEntry, type SyncFailure } from "./command-context.ts";
import { toFailure } from "./error-report.ts";

/** What a command found out about one sync, or why it could not. */
export type Attempt<T> = { readonly sync: LoadedSync } & (
  | { readonly value: T; readonly failure: null }
  | { readonly value: null; readonly failure: SyncFailure }
);

/** One sync after the other; one that fails does not keep the others from their turn, an interruption does. */
export async function attemptEach<T>(
  context: CommandContext,
  syncs: readonly LoadedSync[],
  work: (sync: LoadedSync) => Promise<T>,
): Promise<readonly Attempt<T>[]> {
  const attempts: Attempt<T>[] = [];
  for (const sync of syncs) {
    try {
      context.signal.throwIfAborted();
      attempts.push({ sync, value: await work(sync), failure: null });
    } catch (error) {
      const failure = { ...toFailure(error, interruptOf(context.signal)), sync: sync.name };
      attempts.push({ sync, value: null, failure });
    }
  }
  return attempts;
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
