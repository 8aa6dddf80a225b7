import { type Fate, ordinaryFate } from "./fate.ts";
import { createRandom } from "./random.ts";
import type { RowFailureRule } from "./row-failure.ts";

/** Answers that take the place of the real one. */
export const answerFaultKinds = [
  "rate-limit-minute",
  "rate-limit-month",
  "rate-limit-no-hint",
  "unauthorized",
  "insufficient-credits",
  "forbidden",
  "validation",
  "not-found",
  "payload-too-large",
  "server-error",
  "success-false",
  "error-object",
  "non-json",
  "custom",
] as const;

/** Disturbances of the connection. */
export const connectionFaultKinds = [
  "slow-headers",
  "slow-body",
  "hang-before",
  "hang-after",
  "reset-before",
  "reset-after",
  "truncated-body",
] as const;

/** What happens to the event of an accepted write. */
export const eventFaultKinds = [
  "duplicate-landing",
  "late-landing",
  "event-stuck",
  "event-failed",
  "event-failed-stale",
  "event-vanishes",
  "partial-failure",
  "stale-reads",
] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];
export type ConnectionFaultKind = (typeof connectionFaultKinds)[number];
export type EventFaultKind = (typeof eventFaultKinds)[number];
export type FaultKind = AnswerFaultKind | ConnectionFaultKind | EventFaultKind;

const faultKinds: readonly FaultKind[] = [...answerFaultKinds, ...connectionFaultKinds, ...eventFaultKinds];

export function isFaultKind(kind: unknown): kind is FaultKind {
  return faultKinds.some((known) => known === kind);
}

/** One fault, and which requests it hits. */
export interface Fault {
  readonly kind: FaultKind;
  /** Only requests of this method; upper case. */
  readonly method?: string;
  /** Only requests whose path matches this regular expression. */
  readonly path?: string;
  /** The first matching request that is hit, counted from 1 (default 1). */
  readonly nth?: number;
  /** How many are hit in all. Default 1, or without end when `probability` is given. */
  readonly times?: number;
  /** Chance that a matching request is hit, drawn from a generator of its own that starts at `seed` (default 1). */
  readonly probability?: number;
  readonly seed?: number;
  /** Answer faults: carry out the request first (default false). Event faults that fail or never end: rows land anyway. */
  readonly applied?: boolean;
  /** Slow, late, duplicate and stale faults: how long (default 1000). */
  readonly delayMs?: number;
  /** `server-error` and `custom`: the status (default 500). */
  readonly status?: number;
  /** Rate limit faults: the hint in the body (default 1); null leaves it out. */
  readonly retryAfterSeconds?: number | null;
  /** `custom`: the body; a text is sent as it is. */
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** `partial-failure`: the rows that fail (default: the first). */
  readonly rows?: RowFailureRule;
}

export interface FaultState {
  readonly id: number;
  readonly fault: Fault;
  /** Requests that matched, hit or not. */
  matched: number;
  hits: number;
}

/** The faults in force. */
export class Faults {
  #states: (FaultState & { readonly pattern: RegExp | undefined; readonly random: () => number })[] = [];
  #lastId = 0;

  /** Throws RangeError for an unknown kind, SyntaxError for a path that is no regular expression. */
  add(fault: Fault): number {
    if (!isFaultKind(fault.kind)) throw new RangeError(`Unknown fault kind; take one of ${faultKinds.join(", ")}`);
    this.#lastId += 1;
    const pattern = fault.path === undefined ? undefined : new RegExp(fault.path);
    this.#states.push({
      id: this.#lastId,
      fault,
      matched: 0,
      hits: 0,
      pattern,
      random: createRandom(fault.seed ?? 1),
    });
    return this.#lastId;
  }

  remove(id: number): void {
    this.#states = this.#states.filter((state) => state.id !== id);
  }

  clear(): void {
    this.#states = [];
  }

  list(): readonly FaultState[] {
    return this.#states.map(({ id, fault, matched, hits }) => ({ id, fault, matched, hits }));
  }

  /** The faults that hit this request, counted as used. */
  hit(method: string, path: string): readonly Fault[] {
    if (this.#states.length === 0) return [];
    const hits: Fault[] = [];
    for (const state of this.#states) {
      const { fault } = state;
      if (fault.method !== undefined && fault.method.toUpperCase() !== method) continue;
      if (state.pattern !== undefined && !state.pattern.test(path)) continue;
      state.matched += 1;
      if (state.matched < (fault.nth ?? 1)) continue;
      const times = fault.times ?? (fault.probability === undefined ? 1 : Number.POSITIVE_INFINITY);
      if (state.hits >= times) continue;
      if (fault.probability !== undefined && state.random() >= fault.probability) continue;
      state.hits += 1;
      hits.push(fault);
    }
    return hits;
  }
}

export function isAnswerFault(fault: Fault): fault is Fault & { readonly kind: AnswerFaultKind } {
  return answerFaultKinds.some((kind) => kind === fault.kind);
}

export function isConnectionFault(fault: Fault): boolean {
  return connectionFaultKinds.some((kind) => kind === fault.kind);
}

/** The fate of a write whose request was hit by `faults`. */
export function toFate(faults: readonly Fault[]): Fate {
  let fate = ordinaryFate;
  for (const fault of faults) {
    const delayMs = fault.delayMs ?? 1000;
    const landsAnyway = fault.applied ?? false;
    if (fault.kind === "late-landing") fate = { ...fate, lateMs: fate.lateMs + delayMs };
    else if (fault.kind === "stale-reads") fate = { ...fate, readLagMs: delayMs };
    else if (fault.kind === "duplicate-landing") fate = { ...fate, duplicateAfterMs: delayMs };
    else if (fault.kind === "event-stuck") fate = { ...fate, end: "stuck", landsAnyway };
    else if (fault.kind === "event-failed") fate = { ...fate, end: "failed", landsAnyway };
    else if (fault.kind === "event-failed-stale") fate = { ...fate, end: "stale", landsAnyway };
    else if (fault.kind === "event-vanishes") fate = { ...fate, vanishes: true };
    else if (fault.kind === "partial-failure") fate = { ...fate, rowFailure: fault.rows ?? { index: 0 } };
  }
  return fate;
}
