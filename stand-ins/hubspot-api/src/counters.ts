import { peak } from "./limits/call-window.ts";

/** What requests are counted by. */
export const families = [
  "list",
  "read",
  "batch-read",
  "search",
  "properties",
  "schemas",
  "owners",
  "associations",
  "pipelines",
  "account",
  "oauth",
  "write",
  "unknown",
] as const;

export type Family = (typeof families)[number];

/** Running totals of requests and answers. */
export class Counters {
  readonly #calls = zeroes();
  readonly #rows = zeroes();
  readonly #times: Record<Family, number[]> = timesByFamily();
  readonly #statuses = new Map<number, number>();
  readonly #policies = new Map<string, number>();

  called(family: Family, timeMs: number): void {
    this.#calls[family] += 1;
    this.#times[family].push(timeMs);
  }

  answered(family: Family, status: number, rows: number, policyName: string | undefined): void {
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
    this.#rows[family] += rows;
    if (policyName !== undefined) this.#policies.set(policyName, (this.#policies.get(policyName) ?? 0) + 1);
  }

  calls(): Readonly<Record<Family, number>> {
    return { ...this.#calls };
  }

  rows(): Readonly<Record<Family, number>> {
    return { ...this.#rows };
  }

  statuses(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#statuses);
  }

  policies(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#policies);
  }

  /** The most calls of these families in any sliding window. */
  peak(windowMs: number, chosen: readonly Family[]): number {
    const times = chosen.flatMap((family) => this.#times[family]).toSorted((left, right) => left - right);
    return peak(times, windowMs);
  }
}

function zeroes(): Record<Family, number> {
  return {
    list: 0,
    read: 0,
    "batch-read": 0,
    search: 0,
    properties: 0,
    schemas: 0,
    owners: 0,
    associations: 0,
    pipelines: 0,
    account: 0,
    oauth: 0,
    write: 0,
    unknown: 0,
  };
}

function timesByFamily(): Record<Family, number[]> {
  return {
    list: [],
    read: [],
    "batch-read": [],
    search: [],
    properties: [],
    schemas: [],
    owners: [],
    associations: [],
    pipelines: [],
    account: [],
    oauth: [],
    write: [],
    unknown: [],
  };
}
