/** The clock that every rule of a stand-in reads: a base clock plus a settable offset, in milliseconds. */
export class Clock {
  readonly #base: () => number;
  #offsetMs = 0;

  constructor(base: () => number) {
    this.#base = base;
  }

  now(): number {
    return this.#base() + this.#offsetMs;
  }

  get offsetMs(): number {
    return this.#offsetMs;
  }

  setOffset(offsetMs: number): void {
    this.#offsetMs = offsetMs;
  }

  advance(durationMs: number): void {
    this.#offsetMs += durationMs;
  }
}

export const DAY_MS = 86_400_000;
