/** One request as the server saw it. */
export interface RequestEntry {
  /** Position since the start, from 1. */
  readonly number: number;
  readonly timeMs: number;
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly organizationId: string | undefined;
  /** 0 when no answer was sent. */
  status: number;
  /** Units counted against the windows; 0 when refused before counting. */
  units: number;
  /** Rows in a batch body; 0 otherwise. */
  rows: number;
  /** The event an accepted write was given. */
  eventId: string | undefined;
  /** Whether a write was taken over, whatever the client was told. */
  applied: boolean;
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
