import { QuotaStop } from "../contracts/destination.ts";
import { AuthError, ConfigError, TransientError } from "../contracts/errors.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Pace, StateStore } from "../contracts/state.ts";
import { createLateness } from "./lateness.ts";
import { type Failure, readEnvelopeFailure, readFailure } from "./read-failure.ts";
import type { RequestLane } from "./request-slots.ts";
import type { WaitTally } from "./wait-tally.ts";

/** Network faults, 5xx and unreadable answers: 8 tries, waits of 1 s to 30 s, about 90 s in all. */
const MAX_PASSING_FAULTS = 7;
/** Of `me()`: 3 tries, about 3 s in all. Nothing is under way yet that a longer wait could save. */
const MAX_OPENING_FAULTS = 2;
const FIRST_BACKOFF_MS = 1000;
const MAX_BACKOFF_MS = 30_000;
/** Minute limits: somebody else may be using the same plan; give up after ten waits in a row. */
const MAX_LIMIT_WAITS = 10;
/** Kept for status calls, so that what was sent can still be confirmed when the month ends: 1 % of it, 50 calls at most. */
const MAX_RESERVE_UNITS = 50;

export interface CallerOptions {
  readonly paceKey: string;
  /** Places for requests under way at once; a lane for this caller alone. */
  readonly slots: RequestLane;
  readonly state: StateStore;
  readonly runtime: Runtime;
  readonly waits: WaitTally;
}

export interface CallRequest<T> {
  /** For messages: what is being done. */
  readonly what: string;
  readonly units: number;
  /** Carries rows; such calls leave a small reserve of the month untouched. */
  readonly carriesRows: boolean;
  /** A question that opens a run: a few tries will do, so that a mistyped address is found out in seconds. */
  readonly opensRun?: boolean;
  /** Waited for right before the first try. */
  readonly leaving?: () => Promise<void>;
  /** Waited for when an answer has come that is none of a failure, together with its entry in the ledger. */
  arrived?(value: T, ambiguous: boolean): Promise<void>;
  /** Makes the request once. */
  readonly attempt: () => Promise<T>;
}

export type CallResult<T> =
  | {
      readonly ok: true;
      readonly value: T /** An earlier try may have been applied too. */;
      readonly ambiguous: boolean;
    }
  /** Answered, and no try can change the answer. */
  | {
      readonly ok: false;
      readonly failure: Extract<Failure, { kind: "refused" | "absent" }>;
      readonly ambiguous: boolean;
    };

type Answer<T> = { readonly value: T } | { readonly failure: Failure };

export interface Caller {
  /** Known after `me()`; null: pace by what an earlier run left in the state. */
  setPlan(pace: Pace, unitsPerMonth: number | null): void;
  call<T>(request: CallRequest<T>, signal: AbortSignal): Promise<CallResult<T>>;
  usedThisMonth(): Promise<number>;
  /** Keeps the plan's monthly limit in the ledger, for `status`. */
  rememberMonthlyLimit(): Promise<void>;
  calls(): number;
  units(): number;
}

/**
 * The one way to the network: a free slot, a reserved place in the minute, an entry in the ledger, the request, and one
 * bounded retry loop around it.
 * @throws AuthError on 401 and 403, QuotaStop when the month or the credits are used up, TransientError when the retry
 *   budget is spent. 400, 401, 402, 403 and 413 are never tried again.
 */
export function createCaller(options: CallerOptions): Caller {
  const { state, runtime, waits, paceKey, slots } = options;
  const lateness = createLateness();
  let pace: Pace | null = null;
  let unitsPerMonth: number | null = null;
  let calls = 0;
  let units = 0;
  /** Units of calls that may be made within the month and are not in the ledger yet. */
  let promised = 0;

  const month = (): string => new Date(runtime.now()).toISOString().slice(0, 7);

  /** Refused units are taken not to count; those without an answer are taken to count. */
  async function usedThisMonth(): Promise<number> {
    const usage = await state.usage(paceKey, month());
    return Math.max(usage.attempted - usage.refused, usage.providerCurrent ?? 0);
  }

  /** Promises the units of a call within the month. */
  async function stayWithinMonth(request: CallRequest<unknown>): Promise<void> {
    if (unitsPerMonth === null) {
      promised += request.units;
      return;
    }
    const reserve = request.carriesRows ? Math.min(MAX_RESERVE_UNITS, Math.ceil(unitsPerMonth / 100)) : 0;
    const used = await usedThisMonth();
    if (used + promised + request.units + reserve > unitsPerMonth) {
      const kept = reserve > 0 ? `, ${reserve} of them kept to confirm what was sent` : "";
      throw new QuotaStop(`The plan allows ${unitsPerMonth} calls a month; ${used} are used${kept}`);
    }
    promised += request.units;
  }

  async function takeTurn(request: CallRequest<unknown>, signal: AbortSignal): Promise<void> {
    const waitMs = await state.reserve(paceKey, request.units, pace);
    if (waitMs <= 0) return;
    const dueAt = runtime.now() + waitMs;
    await waits.during("the minute limit of the plan", waitMs, () => runtime.sleep(waitMs, signal));
    if (pace === null) return;
    const lostUnits = lateness.unitsToGiveUp(dueAt, runtime.now(), pace);
    if (lostUnits > 0) await state.reserve(paceKey, lostUnits, pace);
  }

  /** Everything before a try: room in the month, a place in the minute, the entry in the ledger. */
  async function setOut(request: CallRequest<unknown>, signal: AbortSignal): Promise<void> {
    await stayWithinMonth(request);
    try {
      await takeTurn(request, signal);
      signal.throwIfAborted();
      // What is asked for together may share a transaction.
      await Promise.all([request.leaving?.(), state.addUsage(paceKey, month(), { attempted: request.units })]);
    } finally {
      promised -= request.units;
    }
    calls += 1;
    units += request.units;
  }

  async function attemptOnce<T>(request: CallRequest<T>, ambiguous: boolean): Promise<Answer<T>> {
    const result = await answerOf(request);
    await Promise.all([
      state.addUsage(paceKey, month(), { [becameOf(result)]: request.units }),
      "value" in result ? request.arrived?.(result.value, ambiguous) : undefined,
    ]);
    return result;
  }

  async function call<T>(request: CallRequest<T>, signal: AbortSignal): Promise<CallResult<T>> {
    const release = await slots.take(request.carriesRows, signal);
    try {
      let passingFaults = 0;
      let limitWaits = 0;
      let ambiguous = false;
      for (;;) {
        signal.throwIfAborted();
        await setOut(request, signal);
        const result: Answer<T> = await attemptOnce(request, ambiguous);
        if ("value" in result) return { ok: true, value: result.value, ambiguous };

        const failure: Failure = result.failure;
        switch (failure.kind) {
          case "refused":
          case "absent":
            return { ok: false, failure, ambiguous };
          case "credentials":
            throw new AuthError(`Personize did not accept the secret key (${failure.text}) ${request.what}`, {
              hint: "Check PERSONIZE_SECRET_KEY: it may be mistyped, revoked, or belong to the other environment (sk_test_ against production or the reverse).",
            });
          case "permission":
            throw new AuthError(`Personize does not allow this key ${request.what} (${failure.text})`, {
              hint: "The plan or the role of the key lacks the permission; use a key that may write memory and list collections.",
            });
          case "credits":
            throw new QuotaStop(`Personize's credits are used up (${failure.text})`);
          case "month-limit":
            await state.addUsage(paceKey, month(), { providerCurrent: failure.current, providerLimit: failure.limit });
            throw new QuotaStop(`Personize says that the month's calls are used up (${failure.text})`);
          case "minute-limit": {
            limitWaits += 1;
            if (limitWaits > MAX_LIMIT_WAITS) {
              throw new TransientError(
                `Personize answered ${limitWaits} times in a row that the minute limit is reached, ${request.what}`,
                {
                  hint: "Something else may be using the same plan. Run again later, or lower personize.limitsOverride.perMinute.",
                },
              );
            }
            // Everybody who shares the plan steps back; the next reservation already contains the wait.
            await state.penalize(paceKey, failure.retryAfterMs + runtime.random() * 250, pace);
            waits.note("429 from Personize", failure.retryAfterMs);
            if (pace === null) await runtime.sleep(failure.retryAfterMs, signal);
            break;
          }
          case "passing": {
            passingFaults += 1;
            ambiguous ||= failure.applied;
            if (passingFaults > (request.opensRun === true ? MAX_OPENING_FAULTS : MAX_PASSING_FAULTS)) {
              throw new TransientError(
                `Personize did not answer properly ${passingFaults} times in a row (${failure.text}) ${request.what}`,
                {
                  hint: "Nothing is lost: run again when the service is reachable; the sync goes on where it stopped.",
                },
              );
            }
            const waitMs = backoffMs(passingFaults, failure.retryAfterMs, runtime.random());
            await waits.during(`another try after: ${failure.text}`, waitMs, () => runtime.sleep(waitMs, signal));
          }
        }
      }
    } finally {
      release();
    }
  }

  return {
    setPlan(newPace, newUnitsPerMonth) {
      pace = newPace;
      unitsPerMonth = newUnitsPerMonth;
    },
    call,
    usedThisMonth,
    async rememberMonthlyLimit() {
      if (unitsPerMonth !== null) await state.addUsage(paceKey, month(), { providerLimit: unitsPerMonth });
    },
    calls: () => calls,
    units: () => units,
  };
}

/** The request itself: the only thing whose errors are taken for answers. */
async function answerOf<T>(request: CallRequest<T>): Promise<Answer<T>> {
  try {
    const value = await request.attempt();
    const failure = readEnvelopeFailure(value);
    return failure === null ? { value } : { failure };
  } catch (error) {
    return { failure: readFailure(error) };
  }
}

function becameOf(result: Answer<unknown>): "accepted" | "refused" | "unknown" {
  if ("value" in result) return "accepted";
  return result.failure.kind === "passing" && result.failure.applied ? "unknown" : "refused";
}

/** Exponential, with the upper half random so that many clients do not come back together. */
function backoffMs(fault: number, askedMs: number | null, random: number): number {
  const full = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (fault - 1));
  return Math.max(askedMs ?? 0, full / 2 + (full / 2) * random);
}

/** The answer of a call that must succeed. @throws ConfigError when it was refused. */
export function expectOk<T>(result: CallResult<T>, what: string): T {
  if (result.ok) return result.value;
  const { kind, text } = result.failure;
  if (kind === "absent") {
    throw new ConfigError(`Personize refused ${what}: there is nothing at its path (${text})`, {
      hint: "The v1 paths may have been retired: then update @personize/sdk. Or personize.baseUrl is not the address of the API.",
    });
  }
  throw new ConfigError(`Personize refused ${what} (${text})`, {
    hint: "Check personize.baseUrl and the version of @personize/sdk.",
  });
}
