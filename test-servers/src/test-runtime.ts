import type { Runtime } from "@acme/sync-core";

export interface TestRuntime extends Runtime {
  /** Lets time pass without anybody sleeping. */
  advance(ms: number): void;
  /** Milliseconds slept in all. */
  slept(): number;
}

/**
 * A clock that jumps to the next sleeper as soon as the event loop has nothing else to do at once. The server under test reads the
 * same clock, so that limits hold in one time while nothing is waited for.
 */
export function createTestRuntime(startAt: number): TestRuntime {
  let now = startAt;
  let sleptMs = 0;
  let seed = 7;
  const sleepers: { readonly at: number; readonly wake: () => void }[] = [];
  let isPumping = false;

  const pump = (): void => {
    const next = sleepers.shift();
    if (next === undefined) {
      isPumping = false;
      return;
    }
    now = Math.max(now, next.at);
    next.wake();
    setImmediate(pump);
  };

  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    slept: () => sleptMs,
    random: () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
      return seed / 2 ** 31;
    },
    sleep: (ms, signal) =>
      new Promise<void>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        sleptMs += ms;
        const sleeper = {
          at: now + ms,
          wake: (): void => {
            signal.removeEventListener("abort", stop);
            resolve();
          },
        };
        // Whoever no longer sleeps moves no clock.
        const stop = (): void => {
          sleepers.splice(sleepers.indexOf(sleeper), 1);
          reject(signal.reason);
        };
        signal.addEventListener("abort", stop, { once: true });
        sleepers.push(sleeper);
        sleepers.sort((left, right) => left.at - right.at);
        if (!isPumping) {
          isPumping = true;
          setImmediate(pump);
        }
      }),
  };
}
