/** Places for requests that may be under way at once, shared fairly by everybody who uses one key in this process. */
export interface RequestSlots {
  /** For one run. Lanes take turns, however much each of them has waiting. */
  lane(): RequestLane;
}

export interface RequestLane {
  /**
   * Waits for a place. Within a lane: first come, first served, so that batches leave in the order in which their pages were
   * read. Questions go before batches: there are few of them, and behind a page full of batches they would learn too late
   * what has landed.
   * @returns how to give the place back, once.
   * @throws the signal's reason when it is aborted first.
   */
  take(carriesRows: boolean, signal: AbortSignal): Promise<() => void>;
}

interface Waiter {
  readonly signal: AbortSignal;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

interface Waiting {
  readonly questions: Set<Waiter>;
  readonly batches: Set<Waiter>;
}

export function createRequestSlots(size: number): RequestSlots {
  let free = size;
  /** Lanes in which somebody waits; the one whose turn it is comes first. */
  const queue = new Set<Waiting>();

  const release = (): void => {
    const [lane] = queue;
    const waiters = lane === undefined || lane.questions.size > 0 ? lane?.questions : lane.batches;
    const [next] = waiters ?? [];
    if (lane === undefined || waiters === undefined || next === undefined) {
      free += 1;
      return;
    }
    waiters.delete(next);
    // To the end of the queue, or out of it.
    queue.delete(lane);
    if (lane.questions.size + lane.batches.size > 0) queue.add(lane);
    next.resolve();
  };

  return {
    lane() {
      const lane: Waiting = { questions: new Set(), batches: new Set() };
      const watched = new WeakSet<AbortSignal>();
      /** One listener a signal, however many wait: adding a listener takes time for each one that is there already. */
      const watch = (signal: AbortSignal): void => {
        if (watched.has(signal)) return;
        watched.add(signal);
        const turnAway = (): void => {
          for (const waiters of [lane.questions, lane.batches]) {
            for (const waiter of waiters) {
              if (waiter.signal !== signal) continue;
              waiters.delete(waiter);
              waiter.reject(signal.reason);
            }
          }
          if (lane.questions.size + lane.batches.size === 0) queue.delete(lane);
        };
        signal.addEventListener("abort", turnAway, { once: true });
      };
      return {
        async take(carriesRows, signal) {
          signal.throwIfAborted();
          if (free > 0) {
            free -= 1;
            return release;
          }
          watch(signal);
          await new Promise<void>((resolve, reject) => {
            (carriesRows ? lane.batches : lane.questions).add({ signal, resolve, reject });
            queue.add(lane);
          });
          return release;
        },
      };
    },
  };
}
