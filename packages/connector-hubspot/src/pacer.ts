import type { Runtime } from "@acme/sync-core";
import { until } from "@acme/api-source";

/**
 * What HubSpot counts apart: all calls of an app in ten seconds; searches of an account in a second; calls of the association
 * endpoints in ten seconds. https://developers.hubspot.com/docs/developer-tooling/platform/usage-guidelines
 */
export type Lane = "general" | "search" | "associations" | "oauth";

export interface Pacer {
  /** Waits until a call of this lane may leave, and counts it. First come, first served. */
  take(lane: Lane, signal: AbortSignal): Promise<void>;
  /** HubSpot refused for a while: nothing of this lane leaves before `waitMs` have passed. */
  block(lane: Lane, waitMs: number): void;
  /** What the headers of an answer said about the burst limit. */
  learn(limit: BurstLimit): void;
}

export interface BurstLimit {
  readonly max: number;
  readonly remaining: number;
  readonly intervalMs: number;
}

interface Window {
  /** When calls left, oldest first, within the last `intervalMs`. */
  readonly leftAt: number[];
  max: number;
  intervalMs: number;
  blockedUntil: number;
  /** Calls wait for each other, so that they leave in order. */
  tail: Promise<void>;
}

/** The lowest documented limits; the burst limit grows to what the headers say. */
const GENERAL_MAX = 100;
const ASSOCIATIONS_MAX = 100;
const TEN_SECONDS_MS = 10_000;
/** Calls that leave evenly arrive unevenly: so much of a limit is not used. */
const HEADROOM = 0.1;
/** HubSpot counts searches by the second as they arrive; ours leave so much further apart. */
const SEARCH_SLACK_MS = 60;

/**
 * Keeps every limit in any sliding window, for everybody who shares this pacer. Searches count as general calls too only where
 * HubSpot does (they do not). Waiting is the caller's own API budget; nothing polls.
 */
export function createPacer(runtime: Runtime, searchesPerSecond: number): Pacer {
  const window = (max: number, intervalMs: number): Window => ({
    leftAt: [],
    max,
    intervalMs,
    blockedUntil: 0,
    tail: Promise.resolve(),
  });
  const lanes: Readonly<Record<Lane, Window>> = {
    general: window(usable(GENERAL_MAX), TEN_SECONDS_MS),
    search: window(searchesPerSecond, 1000 + SEARCH_SLACK_MS),
    associations: window(usable(ASSOCIATIONS_MAX), TEN_SECONDS_MS),
    oauth: window(usable(GENERAL_MAX), TEN_SECONDS_MS),
  };

  const waitFor = async (lane: Window, signal: AbortSignal): Promise<void> => {
    for (;;) {
      signal.throwIfAborted();
      const waitMs = toWaitMs(lane, runtime.now());
      if (waitMs <= 0) break;
      await runtime.sleep(waitMs, signal);
    }
    lane.leftAt.push(runtime.now());
  };

  return {
    take(laneName, signal) {
      const lane = lanes[laneName];
      const turn = lane.tail.then(() => waitFor(lane, signal));
      lane.tail = turn.catch(() => undefined);
      return until(turn, signal);
    },
    block(laneName, waitMs) {
      const lane = lanes[laneName];
      lane.blockedUntil = Math.max(lane.blockedUntil, runtime.now() + waitMs);
    },
    learn({ max, remaining, intervalMs }) {
      const lane = lanes.general;
      lane.max = usable(max);
      lane.intervalMs = intervalMs;
      // Somebody else uses the same app: what is left is theirs and ours until the window has passed.
      if (remaining < max * HEADROOM * 0.5)
        lane.blockedUntil = Math.max(lane.blockedUntil, runtime.now() + intervalMs / 2);
    },
  };
}

function usable(max: number): number {
  return Math.max(1, Math.floor(max * (1 - HEADROOM)));
}

/** How long until one more call fits, in milliseconds; 0: now. */
function toWaitMs(lane: Window, now: number): number {
  while (lane.leftAt[0] !== undefined && lane.leftAt[0] <= now - lane.intervalMs) lane.leftAt.shift();
  const blockedMs = lane.blockedUntil - now;
  const oldest = lane.leftAt[lane.leftAt.length - lane.max];
  const fullMs = oldest === undefined ? 0 : oldest + lane.intervalMs - now;
  return Math.max(0, blockedMs, fullMs);
}
