import { createRandom } from "./random.ts";

/** What a fault of any stand-in may say: its kind, and which requests it hits. */
export interface FaultRule {
  readonly kind: string;
  /** Only requests of this method. */
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
  /** Answer faults: carry out the request first (default false). */
  readonly applied?: boolean;
  /** Slow faults: how long (default 1000). */
  readonly delayMs?: number;
  /** Answer faults that leave it open: the status. */
  readonly status?: number;
  /** `custom`: the body; a text is sent as HTML. */
  readonly body?: unknown;
  /** Answer faults: further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface FaultState<Fault> {
  readonly id: number;
  readonly fault: Fault;
  /** Requests that matched, hit or not. */
  matched: number;
  hits: number;
}

/** A test for the kinds of one family of faults. */
export function isFaultOf<Kind extends string>(kinds: readonly Kind[]) {
  return <Fault extends FaultRule>(fault: Fault): fault is Fault & { readonly kind: Kind } =>
    kinds.some((kind) => kind === fault.kind);
}

/** The faults in force. */
export class Faults<Fault extends FaultRule> {
  readonly #kinds: readonly Fault["kind"][];
  #states: (FaultState<Fault> & { readonly pattern: RegExp | undefined; readonly random: () => number })[] = [];
  #lastId = 0;

  constructor(kinds: readonly Fault["kind"][]) {
    this.#kinds = kinds;
  }

  /** Answers the fault's id. Throws RangeError for an unknown kind, SyntaxError for a path that is no regular expression. */
  add(fault: Fault): number {
    if (!this.#kinds.includes(fault.kind)) {
      throw new RangeError(`Unknown fault kind; take one of ${this.#kinds.join(", ")}`);
    }
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

  list(): readonly FaultState<Fault>[] {
    return this.#states.map(({ id, fault, matched, hits }) => ({ id, fault, matched, hits }));
  }

  /** The faults that hit this request, counted as used. `path` is what their patterns look at. */
  hit(method: string, path: string): readonly Fault[] {
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
