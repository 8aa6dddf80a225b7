import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { readBody } from "./body.ts";
import { dispatch, type Dispatched, findDestination } from "./dispatch.ts";
import { toFaultReply } from "./fault-reply.ts";
import { type Fault, isAnswerFault, isConnectionFault, isPageFault } from "./faults.ts";
import { isFields } from "./fields.ts";
import { type Reply, toErrorReply } from "./reply.ts";
import type { RequestEntry } from "./request-log.ts";
import { type Disturbance, send } from "./send.ts";
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
    response.once("close", () => {
      if (!response.writableFinished) entry.aborted = true;
    });

    const body = await readBody(request, MAX_BODY_BYTES);
    if ("aborted" in body) {
      entry.aborted = true;
      return;
    }
    const received = "tooLarge" in body ? Buffer.alloc(0) : body.body;
    if (world.knobs.logBodies && destination.family !== "oauth") entry.body = parse(received);
    const connectionFault = hits.find(isConnectionFault);
    if (connectionFault?.kind === "reset-before") {
      request.socket.resetAndDestroy();
      return;
    }
    if (connectionFault?.kind === "hang-before") return;

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
          body: received,
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
    // Node would date it by the machine's clock; readers set theirs by this one.
    response.setHeader("Date", new Date(world.clock.now()).toUTCString());
    send(request, response, reply, toDisturbance(connectionFault), (status) => {
      entry.status = status;
      world.counters.answered(destination.family, status, entry.rows, entry.policyName);
    });
  };
}

function policyNameOf({ body }: Reply): string | undefined {
  const policyName = isFields(body) ? body["policyName"] : undefined;
  return typeof policyName === "string" ? policyName : undefined;
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function toDisturbance(fault: Fault | undefined): Disturbance | undefined {
  if (fault === undefined) return undefined;
  const { kind, delayMs = 1000 } = fault;
  if (kind === "slow-headers" || kind === "slow-body") return { kind, delayMs };
  if (kind === "hang-after" || kind === "reset-after" || kind === "truncated-body") return { kind, delayMs };
  return undefined;
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
    number: world.requestLog.next(),
    timeMs: world.clock.now(),
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.search,
    family,
    app: token === undefined ? undefined : world.apps.accessToken(token)?.app.name,
    status: 0,
    policyName: undefined,
    rows: 0,
    inputs: 0,
    body: undefined,
    aborted: false,
    faults: hits.map((fault) => fault.kind),
  };
}

/** The answer to a defect of the stand-in itself. */
export function toInternalErrorReply(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  return toErrorReply(new ApiError(500, `Defect of the stand-in: ${message}`, { category: "STAND_IN_DEFECT" }));
}
