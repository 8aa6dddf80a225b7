import type { Destination, Outcome } from "../contracts/destination.ts";
import { TransientError } from "../contracts/errors.ts";
import type { Runtime } from "../contracts/runtime.ts";

export interface ConfirmPorts {
  readonly destination: Pick<Destination, "outcomes">;
  readonly runtime: Runtime;
  readonly landingTimeoutMs: number;
  /** How long landing took lately; null: unknown. */
  readonly expectedLandingMs: number | null;
  /** The plan's calls a minute; null: unlimited. Questions spend a small share of it. */
  readonly callsPerMinute: number | null;
  /** True while there are batches that wait to be sent: then questions are asked sparingly. */
  readonly stillSending: () => boolean;
  /** Aborted: the run is asked to end. Whoever waits is asked about soon, as often as the plan affords. */
  readonly hurry: AbortSignal;
  readonly signal: AbortSignal;
}

export interface Confirmations {
  /**
   * Follows an accepted batch to its end.
   * @param acceptedAt null: by an earlier run, nobody knows when.
   * @returns a terminal outcome, never `in-flight`.
   * @throws TransientError when the batch has not landed within `landingTimeoutMs`; it is asked about again next time.
   */
  confirm(
    eventId: string,
    rowCount: number,
    acceptedAt: number | null,
  ): Promise<Exclude<Outcome, { state: "in-flight" }>>;
  pending(): number;
  /** Rows of the batches that were accepted and have not landed. */
  pendingRows(): number;
  /** Milliseconds since the oldest batch that has not landed was accepted; null: everything has landed. */
  oldestAgeMs(): number | null;
  /** How long batches take from acceptance to landing, as far as questions could tell; null: none has landed. */
  landingMs(): number | null;
}

/** Share of the minute's calls that questions may take while rows are still being sent, and once all are. */
const SHARE_WHILE_SENDING = 0.03;
const SHARE_WHEN_IDLE = 0.25;
const MIN_INTERVAL_MS = 50;
const MAX_INTERVAL_MS = 60_000;
/** The same when somebody waits for the run to end. */
const HURRIED_MS = 500;
/** The first question comes a little before a batch is expected to have landed, the next ones a little later each. */
const EARLY_SHARE = 0.9;
const LATE_SHARE = 0.15;
/** While nobody knows how long landing takes, every question waits half as long again as all before it. */
const UNKNOWN_SHARE = 0.5;

interface Waiting {
  readonly rowCount: number;
  readonly since: number;
  readonly acceptedAt: number | null;
  readonly resolve: (outcome: Exclude<Outcome, { state: "in-flight" }>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Follows all accepted batches of a run with one loop. Questions cost calls of the plan: one answers for many events, they are
 * asked when landing is due, and never more often than the plan affords.
 */
export function createConfirmations(ports: ConfirmPorts): Confirmations {
  const waiting = new Map<string, Waiting>();
  let expectedMs = ports.expectedLandingMs;
  let observedMs: number | null = null;
  let running = false;

  async function follow(): Promise<void> {
    while (waiting.size > 0) {
      await untilDue();
      const asked = new Map([...waiting].map(([eventId, { rowCount }]) => [eventId, rowCount]));
      const outcomes = await ports.destination.outcomes(asked, ports.signal);
      learn(
        [...outcomes].flatMap(([eventId, { state }]) =>
          state === "landed" ? (waiting.get(eventId)?.acceptedAt ?? []) : [],
        ),
      );
      for (const [eventId, outcome] of outcomes) {
        if (outcome.state === "in-flight") continue;
        waiting.get(eventId)?.resolve(outcome);
        waiting.delete(eventId);
      }
      // Only those that were looked at: where every question costs a call, there may have been no time to ask about the others.
      for (const eventId of outcomes.keys()) giveUpIfOverdue(eventId, waiting.get(eventId));
    }
  }

  async function untilDue(): Promise<void> {
    if (!ports.hurry.aborted) {
      try {
        await ports.runtime.sleep(intervalMs(), AbortSignal.any([ports.signal, ports.hurry]));
        return;
      } catch (error) {
        if (ports.signal.aborted || !ports.hurry.aborted) throw error;
      }
    }
    await ports.runtime.sleep(intervalMs(), ports.signal);
  }

  /** The newest of the batches found landed says most exactly how long landing takes; the others were done before we asked. */
  function learn(acceptedAt: readonly number[]): void {
    if (acceptedAt.length === 0) return;
    const tookMs = ports.runtime.now() - Math.max(...acceptedAt);
    observedMs = observedMs === null ? tookMs : (observedMs + tookMs) / 2;
    expectedMs = observedMs;
  }

  function giveUpIfOverdue(eventId: string, event: Waiting | undefined): void {
    if (event === undefined) return;
    const ageMs = ports.runtime.now() - event.since;
    if (ageMs <= ports.landingTimeoutMs) return;
    waiting.delete(eventId);
    const since =
      event.acceptedAt === null ? "accepted in an earlier run" : `accepted ${Math.round(ageMs / 60_000)} minutes ago`;
    event.reject(
      new TransientError(`A batch of ${event.rowCount} rows was ${since} and has still not landed (event ${eventId})`, {
        hint: "Run again later: the sync first asks what became of it. Raise engine.landingTimeoutMs if the service is known to be slow.",
      }),
    );
  }

  function intervalMs(): number {
    const sending = ports.stillSending();
    const share = sending ? SHARE_WHILE_SENDING : SHARE_WHEN_IDLE;
    const affordableMs = ports.callsPerMinute === null ? 0 : 60_000 / (ports.callsPerMinute * share);
    // While more is being sent, the oldest batch tells whether checkpoints may move; at the end, the last one ends the run.
    const ages = [...waiting.values()].map((event) => ports.runtime.now() - event.since);
    const ageMs = sending ? Math.max(...ages) : Math.min(...ages);
    const thriftyMs =
      expectedMs === null ? ageMs * UNKNOWN_SHARE : Math.max(expectedMs * EARLY_SHARE - ageMs, ageMs * LATE_SHARE);
    return Math.max(
      MIN_INTERVAL_MS,
      affordableMs,
      Math.min(ports.hurry.aborted ? HURRIED_MS : MAX_INTERVAL_MS, thriftyMs),
    );
  }

  function oldestAgeMs(): number | null {
    const [oldest] = waiting.values();
    return oldest === undefined ? null : ports.runtime.now() - oldest.since;
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
        waiting.set(eventId, { rowCount, since: acceptedAt ?? ports.runtime.now(), acceptedAt, resolve, reject });
        start();
      });
    },
    pending: () => waiting.size,
    pendingRows: () => [...waiting.values()].reduce((sum, { rowCount }) => sum + rowCount, 0),
    oldestAgeMs,
    landingMs: () => (observedMs === null ? null : Math.round(observedMs)),
  };
}
