import type { Runtime } from "../contracts/runtime.ts";

export interface VirtualRuntimeOptions {
  /** The same seed gives the same chance. */
  readonly seed?: number;
  /** Milliseconds since the epoch at which the clock begins. */
  readonly startAt?: number;
  /**
   * True while something real is under way (a request to a server of this process, say): time stands still until it is
   * over. Without it nothing real is waited for longer than a few turns of the event loop.
   */
  readonly isBusy?: () => boolean;
  /** Turns of the event loop after which it counts as idle. One is enough, and twice as fast, where everything is promises. */
  readonly turns?: number;
}

/** A {@link Runtime} whose time passes only while everybody sleeps. Two runs with one seed see the same times and chances. */
export interface VirtualRuntime extends Runtime {
  /**
   * Runs time until `promise` has ended: whenever nothing else is left to do, the clock jumps to the next sleeper.
   * @throws Error when the promise waits for something that no sleeper will bring about.
   */
  run<T>(promise: Promise<T>): Promise<T>;
  /** Sleepers that have been neither woken nor aborted. */
  sleeping(): number;
}

interface Sleeper {
  readonly at: number;
  /** Of two that wake at the same time, the one that fell asleep first is first. */
  readonly order: number;
  /** Wakes it; false when it was aborted before. */
  readonly wake: () => boolean;
}

const START_AT = Date.UTC(2026, 0, 5, 12);
/** With nobody asleep, only something real can go on; so many turns are given to it. */
const PATIENT_TURNS = 2000;

export function createVirtualRuntime(options: VirtualRuntimeOptions = {}): VirtualRuntime {
  const { seed = 1, startAt = START_AT, isBusy = () => false, turns = 2 } = options;
  const sleepers: Sleeper[] = [];
  let now = startAt;
  let order = 0;
  let asleepNow = 0;

  /** Wakes the next sleeper that still sleeps. */
  function wakeNext(): boolean {
    for (let next = takeFirst(sleepers); next !== null; next = takeFirst(sleepers)) {
      const before = now;
      now = Math.max(now, next.at);
      if (next.wake()) return true;
      now = before;
    }
    return false;
  }

  return {
    now: () => now,
    random: createRandom(seed),
    sleep(ms, signal) {
      return new Promise<void>((resolve, reject) => {
        if (signal.aborted) {
          reject(signal.reason);
          return;
        }
        let asleep = true;
        asleepNow += 1;
        const rouse = (): boolean => {
          if (!asleep) return false;
          asleep = false;
          asleepNow -= 1;
          signal.removeEventListener("abort", aborted);
          return true;
        };
        const aborted = (): void => {
          if (rouse()) reject(signal.reason);
        };
        const wake = (): boolean => {
          const woken = rouse();
          if (woken) resolve();
          return woken;
        };
        signal.addEventListener("abort", aborted, { once: true });
        add(sleepers, { at: now + Math.max(0, ms), order, wake });
        order += 1;
      });
    },
    sleeping: () => asleepNow,
    async run(promise) {
      let ended = false;
      const end = (): void => {
        ended = true;
      };
      promise.then(end, end);
      for (let idleTurns = 0; ; ) {
        for (let turn = 0; turn < turns; turn += 1) await nextTurn();
        while (!ended && isBusy()) await nextTurn();
        if (ended) return await promise;
        if (wakeNext()) {
          idleTurns = 0;
        } else {
          idleTurns += 1;
          if (idleTurns > PATIENT_TURNS) throw new Error("Virtual time is stuck: nobody sleeps, and the promise waits");
        }
      }
    },
  };
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Mulberry32. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function isBefore(left: Sleeper, right: Sleeper): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}

/** Into a binary heap, the first to wake on top. */
function add(heap: Sleeper[], sleeper: Sleeper): void {
  let place = heap.length;
  while (place > 0) {
    const parent = heap[(place - 1) >> 1];
    if (parent === undefined || !isBefore(sleeper, parent)) break;
    heap[place] = parent;
    place = (place - 1) >> 1;
  }
  heap[place] = sleeper;
}

function takeFirst(heap: Sleeper[]): Sleeper | null {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined) return null;
  if (heap.length === 0) return first;
  let place = 0;
  for (;;) {
    let child = 2 * place + 1;
    let smaller = heap[child];
    const right = heap[child + 1];
    if (smaller !== undefined && right !== undefined && isBefore(right, smaller)) {
      child += 1;
      smaller = right;
    }
    if (smaller === undefined || !isBefore(smaller, last)) break;
    heap[place] = smaller;
    place = child;
  }
  heap[place] = last;
  return first;
}
