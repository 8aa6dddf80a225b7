import type { IncomingMessage, ServerResponse } from "node:http";
import { ApiError } from "./api-error.ts";
import { type Authenticated, authenticate } from "./authenticate.ts";
import { readBody } from "./body.ts";
import { dispatch, type Dispatched } from "./dispatch.ts";
import { type Fault, isAnswerFault, isConnectionFault, toFate } from "./faults.ts";
import { toFaultReply } from "./fault-reply.ts";
import { toPlan } from "./plans.ts";
import { type Reply, toErrorReply } from "./reply.ts";
import type { RequestEntry } from "./request-log.ts";
import { type Disturbance, send } from "./send.ts";
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
    if (world.knobs.requestLogSize > 0) world.requestLog.add(entry, world.knobs.requestLogSize);

    const slot = takeSlot(world, authenticated);
    const burst = checkBurst(world, bursts, request.socket.remoteAddress ?? "");
    response.once("close", () => {
      slot.release();
      if (!response.writableFinished) entry.aborted = true;
    });

    const connectionFault = hits.find(isConnectionFault);
    const body = await readBody(request, maxBodyBytes(world, authenticated));
    if ("aborted" in body) {
      entry.aborted = true;
      return;
    }
    if (connectionFault?.kind === "reset-before") {
      request.socket.resetAndDestroy();
      return;
    }
    if (connectionFault?.kind === "hang-before") return;

    const answerFault = hits.find(isAnswerFault);
    let reply: Reply;
    if (answerFault !== undefined && answerFault.applied !== true) {
      const plan = authenticated instanceof ApiError ? undefined : authenticated.organization.plan;
      reply = toFaultReply(answerFault, world.knobs, plan);
    } else {
      const dispatched = carryOut(body);
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
    send(request, response, reply, toDisturbance(connectionFault), {
      beforeEnd: () => slot.release(),
      sent: (status) => {
        entry.status = status;
      },
    });

    function carryOut(received: { readonly body: Buffer } | { readonly tooLarge: true }): Dispatched {
      const tooLarge = "tooLarge" in received;
      return dispatch(world, {
        method,
        path,
        query: url.searchParams,
        authenticated,
        refusal: tooLarge ? new ApiError(413, "payload_too_large", "The body is too large") : (slot.refusal ?? burst),
        body: tooLarge ? Buffer.alloc(0) : received.body,
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
  authenticated: Authenticated | ApiError,
  hits: readonly Fault[],
): RequestEntry {
  return {
    number: world.requestLog.next(),
    timeMs: world.clock.now(),
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.search,
    organizationId: authenticated instanceof ApiError ? undefined : authenticated.organization.id,
    status: 0,
    units: 0,
    rows: 0,
    eventId: undefined,
    applied: false,
    aborted: false,
    faults: hits.map((fault) => fault.kind),
  };
}

/** The answer to a defect of the stand-in itself. */
export function toInternalErrorReply(error: unknown): Reply {
  const message = error instanceof Error ? error.message : String(error);
  return toErrorReply(
    new ApiError(500, "server_error", `Defect of the stand-in: ${message}`, { requestId: "req_defect" }),
  );
}
