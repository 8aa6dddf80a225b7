import type { Destination, Outcome } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import type { Runtime } from "../contracts/runtime.ts";

export interface ConfirmPorts {
  readonly destination: Pick<Destination, "outcomes">;
  readonly runtime: Runtime;
  readonly landingTimeoutMs: number;
  /** The plan's calls a minute; null: unlimited. Questions spend a small share of it. */
  readonly callsPerMinute: number | null;
  /** True while there are batches that wait to be sent: then questions are asked sparingly. */
  readonly stillSending: () => boolean;
  readonly signal: AbortSignal;
}

export interface Confirmations {
  /**
   * Follows an accepted batch to its end.
   * @returns a terminal outcome, never `in-flight`.
   * @throws TransientError when the batch has not landed within `landingTimeoutMs`; it is asked about again next time.
   */
  confirm(eventId: string, rowCount: number, acceptedAt: number): Promise<Exclude<Outcome, { state: "in-flight" }>>;
  pending(): number;
  /** Milliseconds since the oldest batch that has not landed was accepted; null: everything has landed. */
  oldestAgeMs(): number | null;
}

/** Share of the minute's calls that questions may take while rows are still being sent, and once all are. */
const SHARE_WHILE_SENDING = 0.03;
const SHARE_WHEN_IDLE = 0.25;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 30_000;
/** An event that has been waiting for a minute is asked about every 7.5 s at most. */
const AGE_SHARE = 1 / 8;

interface Waiting {
  readonly rowCount: number;
  readonly acceptedAt: number;
  readonly resolve: (outcome: Exclude<Outcome, { state: "in-flight" }>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Follows all accepted batches of a run with one loop: one question answers for many events, and how often it is asked grows
 * with how long landing takes and shrinks with what the plan allows.
 */
export function createConfirmations(ports: ConfirmPorts): Confirmations {
  const waiting = new Map<string, Waiting>();
  let running = false;

  async function follow(): Promise<void> {
    while (waiting.size > 0) {
      await ports.runtime.sleep(intervalMs(), ports.signal);
      const asked = new Map([...waiting].map(([eventId, { rowCount }]) => [eventId, rowCount]));
      const outcomes = await ports.destination.outcomes(asked, ports.signal);
      for (const [eventId, outcome] of outcomes) {
        if (outcome.state === "in-flight") continue;
        waiting.get(eventId)?.resolve(outcome);
        waiting.delete(eventId);
      }
      for (const [eventId, event] of waiting) {
        if (ports.runtime.now() - event.acceptedAt <= ports.landingTimeoutMs) continue;
        waiting.delete(eventId);
        const minutes = Math.round((ports.runtime.now() - event.acceptedAt) / 60_000);
        event.reject(
          new TransientError(
            `A batch of ${event.rowCount} rows was accepted ${minutes} minutes ago and has still not landed (event ${eventId})`,
            {
              hint: "Run again later: the sync first asks what became of it. Raise engine.landingTimeoutMs if the service is known to be slow.",
            },
          ),
        );
      }
    }
  }

  function intervalMs(): number {
    const share = ports.stillSending() ? SHARE_WHILE_SENDING : SHARE_WHEN_IDLE;
    const affordableMs = ports.callsPerMinute === null ? 0 : 60_000 / (ports.callsPerMinute * share);
    const patienceMs = Math.min(MAX_INTERVAL_MS, (oldestAgeMs() ?? 0) * AGE_SHARE);
    return Math.max(MIN_INTERVAL_MS, affordableMs, patienceMs);
  }

  function oldestAgeMs(): number | null {
    const [oldest] = waiting.values();
    return oldest === undefined ? null : ports.runtime.now() - oldest.acceptedAt;
  }

  function start(): void {
    if (running) return;
    running = true;
    follow()
      .catch((error: unknown) => {
        for (const event of waiting.values()) event.reject(error);
        waiting.clear();
      })
      .finally(() => {
        running = false;
        if (waiting.size > 0) start();
      });
  }

  return {
    confirm(eventId, rowCount, acceptedAt) {
      return new Promise((resolve, reject) => {
        waiting.set(eventId, { rowCount, acceptedAt, resolve, reject });
        start();
      });
    },
    pending: () => waiting.size,
    oldestAgeMs,
  };
}
