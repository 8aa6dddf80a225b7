import { DAY_MS } from "@acme/stand-in-kit";
import { ApiError, notFound } from "../api-error.ts";
import { withSuffix } from "../org/ids.ts";
import type { ResultSet } from "../soql/execute.ts";
import { isEnded, type Job } from "./job.ts";

const KEPT_MS = 7 * DAY_MS;

/** Runs a job's query; throws ApiError when it fails. */
export type RunJob = (job: Job) => ResultSet;

/** The query jobs of an org. */
export class Jobs {
  readonly #jobs = new Map<string, Job>();
  #count = 0;

  nextId(): string {
    this.#count += 1;
    return withSuffix(`750Hp${this.#count.toString(36).padStart(10, "0")}`);
  }

  add(job: Job): void {
    this.#jobs.set(job.id, job);
  }

  /** Newest first. */
  list(): readonly Job[] {
    return [...this.#jobs.values()].toReversed();
  }

  /** By an id of 15 or 18 characters. Throws 404. */
  find(id: string): Job {
    const job = this.#jobs.get(id.length === 15 ? withSuffix(id) : id);
    if (job === undefined) throw notFound();
    return job;
  }

  remove(job: Job): void {
    this.#jobs.delete(job.id);
  }

  /** Brings every job to where it has to be, and forgets those that ended a week ago. */
  settle(nowMs: number, run: RunJob): void {
    for (const job of this.#jobs.values()) {
      if (isEnded(job)) {
        if (job.changedMs + KEPT_MS <= nowMs) this.#jobs.delete(job.id);
        continue;
      }
      if (job.state === "UploadComplete" && nowMs >= job.startsAtMs) this.#start(job, run);
      if (job.state === "InProgress" && nowMs >= job.endsAtMs) this.#end(job);
    }
  }

  #start(job: Job, run: RunJob): void {
    job.state = "InProgress";
    job.changedMs = job.startsAtMs;
    try {
      job.result = run(job);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      job.errorMessage = `${error.errorCode}: ${error.message}`;
    }
  }

  #end(job: Job): void {
    job.changedMs = job.endsAtMs;
    if (job.failure !== undefined && job.failure !== null) job.errorMessage = job.failure;
    const failed = job.failure !== undefined || job.errorMessage !== undefined;
    job.state = failed ? "Failed" : "JobComplete";
    if (failed) job.result = undefined;
  }
}
