/** Times of calls, oldest first, of which only those inside a sliding window are kept. */
export class CallWindow {
  #times: number[] = [];
  #first = 0;

  /** Calls in the last `windowMs`, this moment included. */
  count(nowMs: number, windowMs: number): number {
    while (this.#first < this.#times.length && (this.#times[this.#first] ?? 0) <= nowMs - windowMs) this.#first += 1;
    if (this.#first > 1024 && this.#first * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#first);
      this.#first = 0;
    }
    return this.#times.length - this.#first;
  }

  add(nowMs: number): void {
    this.#times.push(nowMs);
  }

  clear(): void {
    this.#times = [];
    this.#first = 0;
  }
}

/** The most entries of `times` (ascending) in any sliding window of `windowMs`. */
export function peak(times: readonly number[], windowMs: number): number {
  let first = 0;
  let most = 0;
  for (const [index, timeMs] of times.entries()) {
    while ((times[first] ?? 0) <= timeMs - windowMs) first += 1;
    most = Math.max(most, index - first + 1);
  }
  return most;
}
