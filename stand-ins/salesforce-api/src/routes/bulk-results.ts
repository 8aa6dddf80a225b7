import { ApiError } from "../api-error.ts";
import { writeCsv } from "../bulk/csv.ts";
import type { Job } from "../bulk/job.ts";
import type { Call } from "../call.ts";
import { CSV_TYPE, type Reply, toReply } from "../reply.ts";
import type { ResultSet } from "../soql/execute.ts";

const PARALLEL_PAGES = 5;
const LAST = "null";

/** GET /jobs/query/{id}/results?maxRecords=…&locator=… */
export function readResults(call: Call): Reply {
  const { job, result } = findResult(call);
  const total = result.positions.length;
  const from = readLocator(call, total);
  const to = Math.min(total, from + readMaxRecords(call));
  const faulty = new Set(call.bulkFaults.map(({ kind }) => kind));
  const rows = to - from;
  call.rows = rows;
  const count = faulty.has("wrong-count") ? rows + 1 : rows;
  const written = faulty.has("fewer-rows") ? from + Math.floor(rows * 0.9) : to;
  const { org, knobs, nowMs } = call;
  return {
    status: 200,
    body: {
      kind: "stream",
      contentType: CSV_TYPE,
      chunks: writeCsv(job, result, { org, knobs, nowMs, from, to: written }),
    },
    headers: {
      ...(faulty.has("no-locator") ? {} : { "Sforce-Locator": to >= total ? LAST : toLocator(to) }),
      ...(faulty.has("no-count") ? {} : { "Sforce-NumberOfRecords": String(count) }),
    },
  };
}

/** GET /jobs/query/{id}/resultPages: up to five pages that can be fetched side by side. */
export function listResultPages(call: Call): Reply {
  const { job, result } = findResult(call);
  const base = `/services/data/v${call.version}/jobs/query/${job.id}`;
  const total = result.positions.length;
  const size = Math.min(call.knobs.bulkPageRows, call.knobs.bulkMaxPageRows);
  const first = readLocator(call, total);
  const pages: object[] = [];
  let from = first;
  do {
    const locator = from === 0 ? "" : `?locator=${toLocator(from)}`;
    pages.push({ resultUrl: `${base}/results${locator}` });
    from += size;
  } while (from < total && pages.length < PARALLEL_PAGES);
  const done = from >= total;
  call.rows = pages.length;
  return toReply({
    resultPages: pages,
    nextRecordsUrl: done ? null : `${base}/resultPages?locator=${toLocator(from)}`,
    done,
  });
}

function findResult(call: Call): { readonly job: Job; readonly result: ResultSet } {
  const job = call.world.jobs.find(call.params["id"] ?? "");
  if (job.apiVersion !== Number(call.version)) {
    throw new ApiError(409, "CONFLICT", `The job was made with API version ${job.apiVersion.toFixed(1)}`);
  }
  if (job.result === undefined || job.state !== "JobComplete") {
    throw new ApiError(400, "API_ERROR", `A job in state ${job.state} has no results`);
  }
  return { job, result: job.result };
}

function toLocator(row: number): string {
  return Buffer.from(String(row)).toString("base64url");
}

function readLocator({ query }: Call, total: number): number {
  const text = query.get("locator");
  if (text === null) return 0;
  const decoded = Buffer.from(text, "base64url").toString("utf8");
  const row = /^\d+$/.test(decoded) ? Number(decoded) : Number.NaN;
  if (!(row > 0 && row < total)) throw new ApiError(400, "API_ERROR", "The locator is not valid");
  return row;
}

function readMaxRecords({ query, knobs }: Call): number {
  const text = query.get("maxRecords");
  if (text === null) return Math.min(knobs.bulkPageRows, knobs.bulkMaxPageRows);
  if (!/^[1-9]\d*$/.test(text)) throw new ApiError(400, "API_ERROR", "maxRecords must be a number greater than 0");
  return Math.min(Number(text), knobs.bulkMaxPageRows);
}
