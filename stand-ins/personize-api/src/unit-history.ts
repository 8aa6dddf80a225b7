const MAX_ENTRIES = 1_000_000;

/** Every accepted unit since the start, by millisecond, so that a test can ask for the busiest window. */
export class UnitHistory {
  #times: number[] = [];
  #units: number[] = [];
  total = 0;

  add(nowMs: number, units: number): void {
    if (units === 0) return;
    this.total += units;
    const last = this.#times.length - 1;
    if (last >= 0 && this.#times[last] === nowMs) {
      this.#units[last] = (this.#units[last] ?? 0) + units;
      return;
    }
    if (this.#times.length >= MAX_ENTRIES) {
      this.#times = this.#times.slice(MAX_ENTRIES / 2);
      this.#units = this.#units.slice(MAX_ENTRIES / 2);
    }
    this.#times.push(nowMs);
    this.#units.push(units);
  }

  /** The largest number of units in any half-open window of `windowMs` (the same rule as the limiter). */
  peak(windowMs: number): number {
    let peak = 0;
    let sum = 0;
    let first = 0;
    for (let last = 0; last < this.#times.length; last += 1) {
      sum += this.#units[last] ?? 0;
      while ((this.#times[first] ?? 0) <= (this.#times[last] ?? 0) - windowMs) {
        sum -= this.#units[first] ?? 0;
        first += 1;
      }
      if (sum > peak) peak = sum;
    }
    return peak;
  }

  clear(): void {
    this.#times = [];
    this.#units = [];
    this.total = 0;
  }
}
