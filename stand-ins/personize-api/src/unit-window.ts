/**
 * Units accepted over time. Exact to the millisecond: a unit counted at t is still in a sliding window of length w at
 * t + w - 1 and out of it at t + w. Units of the same millisecond share one entry.
 */
export class UnitWindow {
  #times: number[] = [];
  #units: number[] = [];
  #head = 0;
  #sum = 0;

  /** Units in the window that ends at `nowMs`. Forgets what has left it. */
  used(nowMs: number, windowMs: number, kind: "sliding" | "fixed"): number {
    const firstMs = kind === "sliding" ? nowMs - windowMs + 1 : Math.floor(nowMs / windowMs) * windowMs;
    while (this.#head < this.#times.length && (this.#times[this.#head] ?? 0) < firstMs) {
      this.#sum -= this.#units[this.#head] ?? 0;
      this.#head += 1;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#head);
      this.#units = this.#units.slice(this.#head);
      this.#head = 0;
    }
    return this.#sum;
  }

  add(nowMs: number, units: number): void {
    if (units === 0) return;
    const last = this.#times.length - 1;
    if (last >= this.#head && this.#times[last] === nowMs) this.#units[last] = (this.#units[last] ?? 0) + units;
    else {
      this.#times.push(nowMs);
      this.#units.push(units);
    }
    this.#sum += units;
  }

  /**
   * Milliseconds until `units` more fit under `limit`. When they can never fit (more than the limit itself) the time
   * until the window is empty, at least one millisecond.
   */
  msUntilFree(nowMs: number, windowMs: number, kind: "sliding" | "fixed", units: number, limit: number): number {
    if (kind === "fixed") return (Math.floor(nowMs / windowMs) + 1) * windowMs - nowMs;
    if (units > limit && this.#head >= this.#times.length) return windowMs;
    let remaining = this.#sum;
    let waitMs = 1;
    for (let index = this.#head; index < this.#times.length && remaining + units > limit; index += 1) {
      remaining -= this.#units[index] ?? 0;
      waitMs = (this.#times[index] ?? 0) + windowMs - nowMs;
    }
    return Math.max(1, waitMs);
  }

  clear(): void {
    this.#times = [];
    this.#units = [];
    this.#head = 0;
    this.#sum = 0;
  }

  /** What is still in the window, for the store file. */
  entries(): readonly (readonly [timeMs: number, units: number])[] {
    return this.#times.slice(this.#head).map((time, index) => [time, this.#units[this.#head + index] ?? 0] as const);
  }
}
