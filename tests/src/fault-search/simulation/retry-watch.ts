import type { World } from "./world.ts";

/** Watches one `retry`: it sends parked rows and no others, and moves no checkpoint. */
export interface RetryWatch {
  onParkedRead(keys: readonly string[]): void;
  onWrittenDown(keys: readonly string[]): void;
  onCheckpoint(): void;
}

export function createRetryWatch(world: World, name: string): RetryWatch {
  const parked = new Set<string>();
  return {
    onParkedRead(keys) {
      for (const key of keys) parked.add(key);
    },
    onWrittenDown(keys) {
      for (const key of keys)
        if (!parked.has(key)) world.problem(`${name} tries parked rows again, and sends ${key}, which was not parked`);
    },
    onCheckpoint() {
      world.problem(`${name} tries parked rows again, and moves the checkpoint`);
    },
  };
}
