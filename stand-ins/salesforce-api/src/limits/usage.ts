import { DAY_MS } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Knobs } from "../knobs.ts";

const MINUTE_MS = 60_000;
const LONG_MS = 20_000;
const BURST_LIMIT = 750;

/** What an org used of its allowances. */
export class Usage {
  /** Requests by minute, oldest first. */
  readonly #minutes = new Map<number, number>();
  #bulkJobs: number[] = [];
  #bulkStored: { readonly atMs: number; readonly bytes: number }[] = [];
  readonly #running = new Map<number, number>();

  /** Requests of the last 24 hours. */
  requests(nowMs: number): number {
    const oldest = Math.floor((nowMs - DAY_MS) / MINUTE_MS);
    let total = 0;
    for (const [minute, count] of this.#minutes) {
      if (minute <= oldest) this.#minutes.delete(minute);
      else total += count;
    }
    return total;
  }

  /** Sets the requests of the last 24 hours, as if all were made now. */
  setRequests(count: number, nowMs: number): void {
    this.#minutes.clear();
    this.#minutes.set(Math.floor(nowMs / MINUTE_MS), count);
  }

  /** Counts a request. Throws 403 when the day's are used up, or too many long ones are running. */
  admit(knobs: Readonly<Knobs>, nowMs: number): void {
    if (knobs.requestLimits) {
      if (this.requests(nowMs) >= knobs.dailyRequests) throw dailyLimit();
      const long = [...this.#running.values()].filter((sinceMs) => nowMs - sinceMs >= LONG_MS).length;
      if (long >= knobs.concurrentLongRequests) throw concurrentLimit();
    }
    this.count(nowMs);
  }

  count(nowMs: number): void {
    const minute = Math.floor(nowMs / MINUTE_MS);
    this.#minutes.set(minute, (this.#minutes.get(minute) ?? 0) + 1);
  }

  began(request: number, nowMs: number): void {
    this.#running.set(request, nowMs);
  }

  ended(request: number): void {
    this.#running.delete(request);
  }

  bulkJobs(nowMs: number): number {
    this.#bulkJobs = this.#bulkJobs.filter((atMs) => atMs > nowMs - DAY_MS);
    return this.#bulkJobs.length;
  }

  bulkStoredMb(nowMs: number): number {
    this.#bulkStored = this.#bulkStored.filter(({ atMs }) => atMs > nowMs - DAY_MS);
    return Math.ceil(this.#bulkStored.reduce((sum, { bytes }) => sum + bytes, 0) / 1_048_576);
  }

  /** Counts a Bulk query job. Throws LIMIT_EXCEEDED when a day's jobs or storage are used up. */
  admitBulkJob(knobs: Readonly<Knobs>, nowMs: number): void {
    if (this.bulkJobs(nowMs) >= knobs.bulkJobsPerDay) {
      throw new ApiError(
        400,
        "LIMIT_EXCEEDED",
        `Max bulk v2 query jobs (${knobs.bulkJobsPerDay}) per 24 hrs has been reached`,
      );
    }
    if (this.bulkStoredMb(nowMs) > knobs.bulkStorageMbPerDay) {
      const kilobytes = Math.round(knobs.bulkStorageMbPerDay * 1024);
      throw new ApiError(
        400,
        "LIMIT_EXCEEDED",
        `Max bulk v2 query result size stored (${kilobytes}) kb per 24 hrs has been exceeded`,
      );
    }
    this.#bulkJobs.push(nowMs);
  }

  storedBulk(bytes: number, nowMs: number): void {
    this.#bulkStored.push({ atMs: nowMs, bytes });
  }

  /** `Sforce-Limit-Info`, in one of its three forms; undefined: left out. */
  header(knobs: Readonly<Knobs>, appName: string, nowMs: number): string | undefined {
    const usage = `api-usage=${this.requests(nowMs)}/${knobs.dailyRequests}`;
    if (knobs.limitInfo === "plain") return usage;
    if (knobs.limitInfo === "bursts") return `${usage}; api-bursts=1/${BURST_LIMIT}`;
    if (knobs.limitInfo === "per-app") return `${usage}; per-app-api-usage=17/250(appName=${appName})`;
    return undefined;
  }
}

export function dailyLimit(): ApiError {
  return new ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.");
}

export function concurrentLimit(): ApiError {
  return new ApiError(403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded.");
}
