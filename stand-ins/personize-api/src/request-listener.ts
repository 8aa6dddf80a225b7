import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, endBefore, type ReceivedBody, receive, sendAnswer } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import { type Authenticated, authenticate } from "./authenticate.ts";
import { dispatch, type Dispatched } from "./dispatch.ts";
import { type Fault, isAnswerFault, isConnectionFault, toFate } from "./faults.ts";
import { toFaultReply } from "./fault-reply.ts";
import { toPlan } from "./plans.ts";
import { type Reply, toErrorReply } from "./reply.ts";
import type { RequestEntry } from "./request-entry.ts";
import { UnitWindow } from "./unit-window.ts";
import type { World } from "./world.ts";

/** Answers one request of the API proper. */
export function createRequestListener(world: World) {
  const bursts = new Map<string, UnitWindow>();
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    const path = url.pathname;
    const hits = world.faults.hit(method, path);
    const authenticated = identify(world, request);
    const entry = createEntry(world, request, url, authenticated, hits);
    world.requestLog.add(entry, world.knobs.requestLogSize);

    const slot = takeSlot(world, authenticated);
    const burst = checkBurst(world, bursts, request.socket.remoteAddress ?? "");
    response.once("close", () => slot.release());

    const received = await receive(request, response, entry, maxBodyBytes(world, authenticated));
    if (received === undefined) return;
    const connectionFault = hits.find(isConnectionFault);
    if (endBefore(request, connectionFault)) return;

    const answerFault = hits.find(isAnswerFault);
    let reply: Reply;
    if (answerFault !== undefined && answerFault.applied !== true) {
      const plan = authenticated instanceof ApiError ? undefined : authenticated.organization.plan;
      reply = toFaultReply(answerFault, world.knobs, plan);
    } else {
      const dispatched = carryOut(received);
      entry.units = dispatched.units;
      entry.rows = dispatched.rows;
      entry.eventId = dispatched.eventId;
      entry.applied = dispatched.applied;
      reply =
        answerFault === undefined
          ? dispatched.reply
          : toFaultReply(
              answerFault,
              world.knobs,
              authenticated instanceof ApiError ? undefined : authenticated.organization.plan,
            );
    }
    await sendAnswer(request, response, toAnswer(reply), {
      disturbance: connectionFault,
      ending: () => slot.release(),
      sent: (status) => {
        entry.status = status;
      },
    });

    function carryOut({ bytes, tooLarge }: ReceivedBody): Dispatched {
      return dispatch(world, {
        method,
        path,
        query: url.searchParams,
        authenticated,
        refusal: tooLarge ? new ApiError(413, "payload_too_large", "The body is too large") : (slot.refusal ?? burst),
        body: bytes,
        fate: toFate(hits),
        address: request.socket.remoteAddress ?? "",
        userAgent: request.headers["user-agent"] ?? "",
      });
    }
  };
}

function identify(world: World, request: IncomingMessage): Authenticated | ApiError {
  try {
    return authenticate(world, request.headers);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
}

/** One of the organization's places for requests in flight, given back when the answer is sent or the connection ends. */
function takeSlot(world: World, authenticated: Authenticated | ApiError) {
  if (authenticated instanceof ApiError) return { refusal: undefined, release: () => {} };
  const { organization } = authenticated;
  const limit = world.knobs.maxConcurrent ?? organization.plan.maxConcurrent;
  if (organization.inFlight >= limit) {
    organization.totals.rateLimitedByConcurrency += 1;
    const facts = { limit, current: organization.inFlight + 1, window: "concurrent" };
    return {
      refusal: new ApiError(429, "rate_limit_exceeded", "Too many concurrent requests", facts),
      release: () => {},
    };
  }
  organization.inFlight += 1;
  let held = true;
  return {
    refusal: undefined,
    release: () => {
      if (held) organization.inFlight -= 1;
      held = false;
    },
  };
}

function checkBurst(world: World, bursts: Map<string, UnitWindow>, address: string): ApiError | undefined {
  const limit = world.knobs.ipBurstPerSecond;
  if (limit === null) return undefined;
  const window = bursts.get(address) ?? new UnitWindow();
  bursts.set(address, window);
  const nowMs = world.clock.now();
  const current = window.used(nowMs, 1000, "sliding");
  if (current + 1 > limit) {
    return new ApiError(429, "rate_limit_exceeded", "Too many requests from this address", {
      limit,
      current,
      window: "burst",
    });
  }
  window.add(nowMs, 1);
  return undefined;
}

function maxBodyBytes(world: World, authenticated: Authenticated | ApiError): number {
  const plan = authenticated instanceof ApiError ? toPlan("free") : authenticated.organization.plan;
  return world.knobs.maxBodyBytes ?? plan.maxBodyBytes;
}

/** A text body is sent as HTML. */
function toAnswer({ status, body, headers }: Reply): Answer {
  const isText = typeof body === "string";
  return {
    status,
    headers: {
      "Content-Type": isText ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
      ...headers,
    },
    payload: Buffer.from(isText ? body : JSON.stringify(body), "utf8"),
  };
}

function createEntry(
  world: World,
  request: IncomingMessage,
  url: URL,
  authenticated: Authenticated | ApiError,
  hits: readonly Fault[],
): RequestEntry {
  return {
    ...world.requestLog.begin(request, url, world.clock.now(), hits),
    organizationId: authenticated instanceof ApiError ? undefined : authenticated.organization.id,
    units: 0,
    eventId: undefined,
    applied: false,
  };
}

/** The body that tells of a defect of the stand-in itself. */
export function toDefect(message: string): unknown {
  return toErrorReply(new ApiError(500, "server_error", message, { requestId: "req_defect" })).body;
}
