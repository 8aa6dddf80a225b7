import type { Runtime } from "../contracts/runtime.ts";
import type { SyncState } from "../contracts/state.ts";

/**
 * Batches of earlier runs of which nobody knows whether they were taken. They are forgotten as soon as they can no longer land,
 * before anything else of their records lands: later on it could not be told whether that was older or newer.
 */
export interface Listening {
  add(batchId: string, untilMs: number): void;
  /** Forgets those that can no longer land. */
  withdrawSilent(): Promise<void>;
}

export function createListening(state: Pick<SyncState, "withdraw">, runtime: Pick<Runtime, "now">): Listening {
  const until = new Map<string, number>();
  return {
    add: (batchId, untilMs) => void until.set(batchId, untilMs),
    async withdrawSilent() {
      const now = runtime.now();
      const silent = [...until].flatMap(([batchId, untilMs]) => (untilMs <= now ? [batchId] : []));
      if (silent.length === 0) return;
      await state.withdraw(silent);
      for (const batchId of silent) until.delete(batchId);
    },
  };
}
