import type { World } from "./world.ts";

/** Watches who holds the sync: a second process gets it only once the first has let go, died or let its claim run out. */
export interface ClaimWatch {
  onClaimed(name: string, ttlMs: number): void;
  onRenewed(name: string, ttlMs: number): void;
  onReleased(name: string): void;
  onDead(name: string): void;
  /** Every batch gets an id of its own, whoever writes it down and whenever. */
  onWrittenDown(batchId: string): void;
}

export function createClaimWatch(world: World): ClaimWatch {
  const batchIds = new Set<string>();
  let holder: string | null = null;
  let untilMs = 0;
  return {
    onClaimed(name, ttlMs) {
      const now = world.hostNow();
      // The store counts whole milliseconds. A claim that was made before the clock went back may count as expired.
      if (holder !== null && holder !== name && untilMs > now + 1 && world.scenario.faults.clockJump === 0)
        world.problem(`${name} got the sync although ${holder} still held it`);
      holder = name;
      untilMs = now + ttlMs;
    },
    onRenewed(name, ttlMs) {
      if (holder === name) untilMs = world.hostNow() + ttlMs;
    },
    onReleased(name) {
      if (holder === name) holder = null;
    },
    onDead(name) {
      if (holder === name && world.scenario.deathIsSeen) holder = null;
    },
    onWrittenDown(batchId) {
      if (batchIds.has(batchId)) world.problem(`Batch id ${batchId} was given twice`);
      batchIds.add(batchId);
    },
  };
}
