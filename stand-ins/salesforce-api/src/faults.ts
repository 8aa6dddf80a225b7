import { createRandom } from "./random.ts";

/** Answers that take the place of the real one. */
export const answerFaultKinds = [
  "session-expired",
  "not-refreshable",
  "daily-limit",
  "concurrent-limit",
  "api-disabled",
  "not-found",
  "query-timeout",
  "invalid-locator",
  "unknown-exception",
  "unable-to-lock",
  "metering",
  "server-error",
  "unavailable",
  "too-many-requests",
  "edge-error",
  "empty-body",
  "non-json",
  "invalid-grant",
  "custom",
] as const;

/** Disturbances of the connection. */
export const connectionFaultKinds = [
  "slow-headers",
  "slow-body",
  "hang-before",
  "hang-after",
  "stall-body",
  "reset-before",
  "reset-after",
  "reset-body",
  "truncated-body",
  "short-body",
] as const;

/** Bulk results and jobs that are not what they say. */
export const bulkFaultKinds = [
  "no-locator",
  "fewer-rows",
  "wrong-count",
  "no-count",
  "job-fails",
  "job-never-ends",
] as const;

export type AnswerFaultKind = (typeof answerFaultKinds)[number];
export type ConnectionFaultKind = (typeof connectionFaultKinds)[number];
export type BulkFaultKind = (typeof bulkFaultKinds)[number];
export type FaultKind = AnswerFaultKind | ConnectionFaultKind | BulkFaultKind;

const faultKinds: readonly FaultKind[] = [...answerFaultKinds, ...connectionFaultKinds, ...bulkFaultKinds];

export function isFaultKind(kind: unknown): kind is FaultKind {
  return faultKinds.some((known) => known === kind);
}

/** One fault, and which requests it hits. */
export interface Fault {
  readonly kind: FaultKind;
  /** Only requests of this method; upper case. */
  readonly method?: string;
  /** Only requests whose path and query (as sent) match this regular expression. */
  readonly path?: string;
  /** The first matching request that is hit, counted from 1 (default 1). */
  readonly nth?: number;
  /** How many are hit in all. Default 1, or without end when `probability` is given. */
  readonly times?: number;
  /** Chance that a matching request is hit, drawn from a generator of its own that starts at `seed` (default 1). */
  readonly probability?: number;
  readonly seed?: number;
  /** Answer faults: carry out the request first, so that it counts and a job is made (default false). */
  readonly applied?: boolean;
  /** Slow faults: how long (default 1000). */
  readonly delayMs?: number;
  /** Body faults: the share of the body that is sent, from 0 to 1 (default 0.5). */
  readonly share?: number;
  /** `server-error`, `edge-error`, `empty-body`, `non-json`, `custom`: the status. */
  readonly status?: number;
  /** `too-many-requests`, `unavailable`: `Retry-After`; none by default. */
  readonly retryAfterSeconds?: number;
  /** `job-fails`: its `errorMessage`; null leaves it out. */
  readonly errorMessage?: string | null;
  /** `custom`: the body; a text is sent as HTML. */
  readonly body?: unknown;
  /** Answer faults: further headers. */
  readonly headers?: Readonly<Record<string, string>>;
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
  hit(method: string, target: string): readonly Fault[] {
    const hits: Fault[] = [];
    for (const state of this.#states) {
      const { fault } = state;
      if (fault.method !== undefined && fault.method.toUpperCase() !== method) continue;
      if (state.pattern !== undefined && !state.pattern.test(target)) continue;
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

export function isConnectionFault(fault: Fault): fault is Fault & { readonly kind: ConnectionFaultKind } {
  return connectionFaultKinds.some((kind) => kind === fault.kind);
}

export function isBulkFault(fault: Fault): fault is Fault & { readonly kind: BulkFaultKind } {
  return bulkFaultKinds.some((kind) => kind === fault.kind);
}
