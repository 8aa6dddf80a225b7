import type { Context } from "hono";
import { streamSSE } from "hono/streaming";
import type { RunnerView } from "../contracts/runner-view.ts";
import { pageLimits } from "./page-limits.ts";

/**
 * Tells open pages that something may have changed, and nothing else: what has changed they ask for themselves, and are let in
 * or not. A client that does not read holds one pending message, never a queue.
 */
export interface Live {
  /** @returns null when there are too many already. */
  open(c: Context, isStillWelcome: () => boolean): Response | null;
}

export function createLive(view: Pick<RunnerView, "watch">, onError: (error: unknown) => void): Live {
  let streams = 0;

  return {
    open(c, isStillWelcome) {
      if (streams >= pageLimits.maxLiveStreams) return null;
      streams += 1;
      return streamSSE(
        c,
        async (stream) => {
          const bell = createBell();
          const stopWatching = view.watch(bell.ring);
          const heartbeat = setInterval(bell.ring, pageLimits.heartbeatMs);
          const end = setTimeout(() => stream.abort(), pageLimits.liveStreamMs);
          const gone = new Promise<"gone">((resolve) => stream.onAbort(() => resolve("gone")));
          try {
            let written: Promise<unknown> = stream.writeSSE({ event: "hello", data: "1", retry: 3000 });
            while ((await Promise.race([written, gone])) !== "gone") {
              if ((await Promise.race([bell.rung(), gone])) === "gone" || !isStillWelcome()) return;
              written = stream.writeSSE({ event: "change", data: "1" });
            }
          } finally {
            streams -= 1;
            stopWatching();
            clearInterval(heartbeat);
            clearTimeout(end);
          }
        },
        async (error) => onError(error),
      );
    },
  };
}

interface Bell {
  readonly ring: () => void;
  /** Resolves once it was rung since the last time; rings in between count as one. */
  rung(): Promise<void>;
}

function createBell(): Bell {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => next.resolve(),
    async rung() {
      await next.promise;
      next = Promise.withResolvers();
    },
  };
}
