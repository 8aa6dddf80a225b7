import { isFields, listField, textField } from "@acme/stand-in-kit";
import { ApiError } from "../api-error.ts";
import type { Call } from "../call.ts";
import { type Reply, toErrorReply, toJsonText } from "../reply.ts";

const MAX_REQUESTS = 25;
const OLDEST_VERSION = 34;

/** POST /composite/batch: up to 25 reads, each with a status of its own. */
export function answerBatch(call: Call): Reply {
  const requests = listField(call.body, "batchRequests");
  if (requests.length === 0 || requests.length > MAX_REQUESTS) {
    throw new ApiError(400, "INVALID_BATCH_SIZE", `batchRequests must hold 1 to ${MAX_REQUESTS} requests`);
  }
  let hasErrors = false;
  const results: string[] = [];
  for (const request of requests) {
    const method = isFields(request) ? (textField(request, "method") ?? "GET").toUpperCase() : "";
    const url = isFields(request) ? (textField(request, "url") ?? "") : "";
    const reply = answerOne(call, method, url, results.length);
    if (reply.status >= 400) hasErrors = true;
    results.push(`{"statusCode":${reply.status},"result":${reply.body.kind === "text" ? reply.body.text : "null"}}`);
    if (hasErrors && call.body["haltOnError"] === true) break;
  }
  return toJsonText(`{"hasErrors":${hasErrors},"results":[${results.join(",")}]}`);
}

function answerOne(call: Call, method: string, url: string, index: number): Reply {
  try {
    // The batch itself was counted as one.
    if (index > 0 && call.knobs.batchCounts === "each") call.world.usage.admit(call.knobs, call.nowMs);
    const version = /\bv(\d+\.\d)\//.exec(url)?.[1] ?? "";
    if (Number(version) < OLDEST_VERSION || Number(version) > Number(call.version)) {
      throw new ApiError(
        400,
        "INVALID_API_VERSION",
        `A request of a batch is for ${OLDEST_VERSION.toFixed(1)} to ${call.version}`,
      );
    }
    return call.answerInner(call, method, `/services/data/${url.replace(/^\/?(services\/data\/)?/, "")}`);
  } catch (error) {
    if (error instanceof ApiError) return toErrorReply(error);
    throw error;
  }
}
