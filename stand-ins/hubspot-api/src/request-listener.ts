import type { IncomingMessage, ServerResponse } from "node:http";
import { endBefore, isFields, parseJson, receive, sendAnswer } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import { dispatch, type Dispatched, findDestination } from "./dispatch.ts";
import { toFaultReply } from "./fault-reply.ts";
import { type Fault, isAnswerFault, isConnectionFault, isPageFault } from "./faults.ts";
import { type Reply, toErrorReply } from "./reply.ts";
import type { RequestEntry } from "./request-entry.ts";
import { toPayload } from "./to-payload.ts";
import type { World } from "./world.ts";

const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Answers one request of the API proper. */
export function createRequestListener(world: World) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    const path = url.pathname;
    const hits = world.faults.hit(method, path);
    const destination = findDestination(world, method, path);
    const entry = createEntry(world, request, url, destination.family, hits);
    world.requestLog.add(entry, world.knobs.requestLogSize);
    world.counters.called(destination.family, entry.timeMs);

    const received = await receive(request, response, entry, MAX_BODY_BYTES);
    if (received === undefined) return;
    const body = received.bytes;
    if (world.knobs.logBodies && destination.family !== "oauth") entry.body = parseJson(body.toString("utf8"));
    const connectionFault = hits.find(isConnectionFault);
    if (endBefore(request, connectionFault)) return;

    const answerFault = hits.find(isAnswerFault);
    const carryOut = (): Dispatched =>
      dispatch(
        world,
        {
          method,
          path,
          query: url.searchParams,
          urlCharacters: (request.url ?? "").length,
          headers: request.headers,
          body,
          pageFault: hits.find(isPageFault)?.kind,
        },
        destination,
      );
    const dispatched = answerFault === undefined || answerFault.applied === true ? carryOut() : undefined;
    const faultReply = answerFault === undefined ? undefined : toFaultReply(answerFault, world.knobs, entry.timeMs);
    const reply: Reply = faultReply ?? dispatched?.reply ?? toErrorReply(new ApiError(500, "no answer"));
    entry.rows = faultReply === undefined ? (dispatched?.rows ?? 0) : 0;
    entry.inputs = dispatched?.inputs ?? 0;
    entry.policyName = faultReply === undefined ? dispatched?.policyName : policyNameOf(faultReply);
    const { payload, contentType } = toPayload(reply.body);
    const type = contentType === undefined ? {} : { "Content-Type": contentType };
    await sendAnswer(
      request,
      response,
      { status: reply.status, headers: { ...type, ...reply.headers }, payload },
      {
        disturbance: connectionFault,
        sent(status) {
          entry.status = status;
          world.counters.answered(destination.family, status, entry.rows, entry.policyName);
        },
      },
    );
  };
}

function policyNameOf({ body }: Reply): string | undefined {
  const policyName = isFields(body) ? body["policyName"] : undefined;
  return typeof policyName === "string" ? policyName : undefined;
}

function createEntry(
  world: World,
  request: IncomingMessage,
  url: URL,
  family: string,
  hits: readonly Fault[],
): RequestEntry {
  const token = /^Bearer\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return {
    ...world.requestLog.begin(request, url, world.clock.now(), hits),
    family,
    app: token === undefined ? undefined : world.apps.accessToken(token)?.app.name,
    policyName: undefined,
    inputs: 0,
    body: undefined,
  };
}

/** The body that tells of a defect of the stand-in itself. */
export function toDefect(message: string): unknown {
  return toErrorReply(new ApiError(500, message, { category: "STAND_IN_DEFECT" })).body;
}
