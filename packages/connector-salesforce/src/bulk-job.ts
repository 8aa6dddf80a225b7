import { TransientError } from "@acme/sync-core";
import type { JobRequest } from "./salesforce-client.ts";
import { type BulkPlace, toDigest, toSecond } from "./cursor.ts";
import { BulkRefused, QueryTimeout, redact } from "./errors.ts";
import type { Reading } from "./reading.ts";
import type { JobAnswer } from "./responses.ts";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const FAILED: ReadonlySet<string> = new Set(["Failed", "Aborted"]);

/**
 * The job that a stored place belongs to, if it still is what it was: the same question, the same version of the API, and neither
 * gone nor failed. null: ask anew.
 */
export async function findJob(reading: Reading, request: JobRequest, stored: BulkPlace): Promise<BulkPlace | null> {
  const { client, config, subject, signal } = reading;
  const job = await client.readJob(stored.jobId, toDoing(reading), signal);
  if (job === null) return null;
  const isSame =
    stored.question === toQuestion(request) &&
    (job.object ?? subject.object) === subject.object &&
    (job.apiVersion ?? Number(config.apiVersion)) === Number(config.apiVersion);
  if (isSame && !FAILED.has(job.state)) return stored;
  await client.deleteJob(stored.jobId, isOver(job), signal);
  return null;
}

/** Makes a job. @throws BulkRefused where the Bulk API does not take the object or the query. */
export async function startJob(reading: Reading, request: JobRequest): Promise<BulkPlace> {
  const { client, signal } = reading;
  const startedMs = toSecond(client.serverNow());
  const { id } = await client.createJob(request, toDoing(reading), signal);
  return {
    jobId: id,
    question: toQuestion(request),
    startedMs,
    locator: null,
    rowsBefore: 0,
    skip: 0,
    lastId: null,
  };
}

/** Asks once. @returns null when the job is not done yet. @throws like {@link waitForJob}. */
export async function askForJob(reading: Reading, { jobId }: BulkPlace): Promise<JobAnswer | null> {
  const { client, subject, signal } = reading;
  const doing = toDoing(reading);
  const job = await client.readJob(jobId, doing, signal);
  if (job === null) {
    throw new TransientError(`${doing}: the Bulk job is gone`, { hint: "The next run asks for a new one." });
  }
  if (job.state === "JobComplete") return job;
  if (!FAILED.has(job.state)) return null;
  await client.deleteJob(jobId, true, signal);
  throw toFailure(job, subject.object);
}

/**
 * Waits for a job to be done, asking at growing distances.
 * @throws TransientError after `bulkWaitMs`: the job goes on, and the next run waits for it again. QueryTimeout or BulkRefused with
 * Salesforce's words when it failed; it is then removed.
 */
export async function waitForJob(reading: Reading, place: BulkPlace): Promise<JobAnswer> {
  const { config, runtime, signal } = reading;
  const startedAt = runtime.now();
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 1.5)) {
    const job = await askForJob(reading, place);
    if (job !== null) return job;
    const leftMs = config.bulkWaitMs - (runtime.now() - startedAt);
    if (leftMs <= 0) {
      throw new TransientError(
        `${toDoing(reading)}: the Bulk job is not done after ${config.bulkWaitMs} ms (bulkWaitMs)`,
        { hint: "Salesforce goes on with it, and the next run waits for the same job." },
      );
    }
    await runtime.sleep(Math.min(waitMs, leftMs), signal);
  }
}

export function toDoing({ subject }: Reading): string {
  return `reading ${subject.object} by Bulk API`;
}

function toQuestion({ soql, all }: JobRequest): string {
  return toDigest([soql, all]);
}

function isOver({ state }: JobAnswer): boolean {
  return state === "JobComplete" || FAILED.has(state);
}

const LONGEST_SENTENCE = 300;

function toFailure({ state, errorMessage }: JobAnswer, object: string): QueryTimeout | BulkRefused | TransientError {
  const words = redact(errorMessage ?? "", [])
    .replaceAll(/\s+/g, " ")
    .slice(0, LONGEST_SENTENCE);
  const says = words === "" ? "" : `: ${words}`;
  if (state === "Aborted") {
    return new TransientError(`reading ${object}: somebody aborted the Bulk job${says}`, {
      hint: "The next run asks for a new one.",
    });
  }
  if (/QUERY_TIMEOUT|running for too long|retried more than/i.test(words)) {
    return new QueryTimeout(`reading ${object}: the Bulk job ran out of time${says}`, {
      hint: "Map fewer formula fields.",
    });
  }
  return new BulkRefused(`reading ${object}: the Bulk job failed${says}`, {
    hint: "Set transport: rest for this object.",
  });
}
