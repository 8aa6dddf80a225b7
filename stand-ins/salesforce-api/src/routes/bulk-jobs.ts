import { drawDelayMs, type Fields, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import { checkColumns, checkShape } from "../bulk/check-job.ts";
import {
  type DelimiterName,
  delimiters,
  isEnded,
  type Job,
  type LineEndingName,
  lineEndings,
  toToldState,
} from "../bulk/job.ts";
import type { Call } from "../call.ts";
import { type Reply, toEmptyReply, toReply } from "../reply.ts";
import { parseSoql } from "../soql/parse.ts";
import { planQuery } from "../soql/plan.ts";
import { toRestDatetime } from "../values.ts";

const operations = ["query", "queryAll"] as const;
const LIST_PAGE = 1000;
const RETRIED = "The job was retried more than 15 times. Narrow its filter.";

/** POST /jobs/query. */
export function createJob(call: Call): Reply {
  const { body, org, user, knobs, world, nowMs, version } = call;
  const operation = operations.find((known) => known === body["operation"]);
  if (operation === undefined) throw invalidJob("operation must be query or queryAll");
  const text = textField(body, "query");
  if (text === undefined) throw invalidJob("query is required");
  if (body["contentType"] !== undefined && body["contentType"] !== "CSV") throw invalidJob("contentType must be CSV");
  const delimiter = readChoice<DelimiterName>(body, "columnDelimiter", delimiters, "COMMA");
  const lineEnding = readChoice<LineEndingName>(body, "lineEnding", lineEndings, "LF");
  const query = parseSoql(text);
  checkShape(query, org, user);
  const plan = planQuery(query, { org, access: user, nowMs });
  checkColumns(plan);
  refuseActivities(call, plan.table.name, query.where !== undefined);
  world.usage.admitBulkJob(knobs, nowMs);
  const startsAtMs = nowMs + drawDelayMs(knobs.bulkQueuedMs, world.random);
  const fails = call.bulkFaults.find(({ kind }) => kind === "job-fails");
  const neverEnds = call.bulkFaults.some(({ kind }) => kind === "job-never-ends");
  const job: Job = {
    id: world.jobs.nextId(),
    operation,
    plan,
    user,
    apiVersion: Number(version),
    delimiter,
    lineEnding,
    createdMs: nowMs,
    startsAtMs,
    endsAtMs: neverEnds ? Number.POSITIVE_INFINITY : startsAtMs + drawDelayMs(knobs.bulkRunningMs, world.random),
    chunked: query.orderBy.length === 0 && query.limit === undefined,
    failure: fails === undefined ? undefined : fails.errorMessage === undefined ? RETRIED : fails.errorMessage,
    state: "UploadComplete",
    changedMs: nowMs,
    result: undefined,
    errorMessage: undefined,
    polls: 0,
  };
  world.jobs.add(job);
  call.rows = 1;
  return toReply(toJobBody(job));
}

/** GET /jobs/query/{id}. */
export function readJob(call: Call): Reply {
  const job = call.world.jobs.find(call.params["id"] ?? "");
  job.polls += 1;
  call.rows = 1;
  return toReply({
    ...toJobBody(job, toToldState(job, call.knobs.bulkStates === "back-and-forth")),
    ...toProgress(job),
  });
}

/** GET /jobs/query: newest first, 1,000 a page. */
export function listJobs(call: Call): Reply {
  const from = Number(call.query.get("queryLocator") ?? 0);
  const jobs = call.world.jobs.list();
  const page = jobs.slice(from, from + LIST_PAGE);
  const done = from + LIST_PAGE >= jobs.length;
  call.rows = page.length;
  return toReply({
    done,
    records: page.map((job) => ({ ...toJobBody(job), jobType: "V2Query" })),
    nextRecordsUrl: done ? null : `/services/data/v${call.version}/jobs/query?queryLocator=${from + LIST_PAGE}`,
  });
}

/** PATCH /jobs/query/{id} with `{"state":"Aborted"}`. */
export function abortJob(call: Call): Reply {
  const job = call.world.jobs.find(call.params["id"] ?? "");
  if (call.body["state"] !== "Aborted") throw invalidJob("state can be set to Aborted only");
  if (isEnded(job)) throw new ApiError(400, "API_ERROR", `A job in state ${job.state} cannot be aborted`);
  job.state = "Aborted";
  job.changedMs = call.nowMs;
  job.result = undefined;
  return toReply(toJobBody(job));
}

/** DELETE /jobs/query/{id}: a job that has ended. */
export function deleteJob(call: Call): Reply {
  const job = call.world.jobs.find(call.params["id"] ?? "");
  if (!isEnded(job)) throw new ApiError(400, "API_ERROR", `A job in state ${job.state} cannot be deleted`);
  call.world.jobs.remove(job);
  return toEmptyReply(204);
}

function toJobBody(job: Job, state = job.state): object {
  return {
    id: job.id,
    operation: job.operation,
    object: job.plan.table.name,
    createdById: job.user.id,
    createdDate: toRestDatetime(job.createdMs),
    systemModstamp: toRestDatetime(job.changedMs),
    state,
    concurrencyMode: "Parallel",
    contentType: "CSV",
    apiVersion: job.apiVersion,
    lineEnding: job.lineEnding,
    columnDelimiter: job.delimiter,
  };
}

function toProgress(job: Job): object {
  const ended = isEnded(job);
  return {
    jobType: "V2Query",
    numberRecordsProcessed: job.state === "JobComplete" ? (job.result?.positions.length ?? 0) : 0,
    retries: 0,
    totalProcessingTime: ended ? job.changedMs - Math.min(job.startsAtMs, job.changedMs) : 0,
    isPkChunkingSupported: job.chunked,
    ...(job.state === "Failed" && job.errorMessage !== undefined ? { errorMessage: job.errorMessage } : {}),
  };
}

/** Activities without a filter are for those who see all data. */
function refuseActivities({ user }: Call, object: string, filtered: boolean): void {
  if (user.viewAllData || object !== "Task" || filtered) return;
  throw new ApiError(
    400,
    "API_ERROR",
    "Implementation restriction: Task requires a filter when the user does not have View All Data",
  );
}

function readChoice<Name extends string>(
  body: Fields,
  name: string,
  known: Readonly<Record<Name, string>>,
  usual: Name,
): Name {
  const value = body[name];
  if (value === undefined) return usual;
  const isKnown = (text: unknown): text is Name => typeof text === "string" && Object.hasOwn(known, text);
  if (isKnown(value)) return value;
  throw invalidJob(`${name} must be one of ${Object.keys(known).join(", ")}`);
}

function invalidJob(message: string): ApiError {
  return new ApiError(400, "INVALIDJOB", message);
}
