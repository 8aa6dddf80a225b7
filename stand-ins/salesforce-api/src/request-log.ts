/** One request as the server saw it. */
export interface RequestEntry {
  /** Position since the start, from 1. */
  readonly number: number;
  readonly timeMs: number;
  readonly method: string;
  readonly path: string;
  /** With the question mark; empty without a query. */
  readonly query: string;
  /** Which counter it belongs to, such as `query`; `unknown` when no route matches. */
  family: string;
  /** Username of the session that came with it. */
  readonly user: string | undefined;
  /** 0 when no answer was sent. */
  status: number;
  /** Of an error. */
  errorCode: string | undefined;
  /** Rows, objects, fields or ids in the answer. */
  rows: number;
  /** Parsed body, when the knob `logBodies` is on. */
  body: unknown;
  /** The connection ended before the answer was complete, from either side. */
  aborted: boolean;
  /** Kinds of the faults that hit the request. */
  readonly faults: readonly string[];
}

/** The latest requests, oldest first, at most as many as the knob allows. */
export class RequestLog {
  #entries: RequestEntry[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Takes the next number. */
  next(): number {
    this.#count += 1;
    return this.#count;
  }

  add(entry: RequestEntry, capacity: number): void {
    if (capacity === 0) return;
    this.#entries.push(entry);
    if (this.#entries.length > capacity * 2) this.#entries = this.#entries.slice(-capacity);
  }

  list(capacity: number): readonly RequestEntry[] {
    return capacity === 0 ? [] : this.#entries.slice(-capacity);
  }

  clear(): void {
    this.#entries = [];
    this.#count = 0;
  }
}
