import { type Fields, isFields, numberField } from "@acme/stand-in-kit";
import { ApiError } from "./api-error.ts";
import type { Authenticated } from "./authenticate.ts";
import { countRows } from "./batch-request.ts";
import type { Call } from "./call.ts";
import type { Fate } from "./fate.ts";
import { settle } from "./landing.ts";
import { admit } from "./limiter.ts";
import { type Reply, toErrorReply } from "./reply.ts";
import { matchRoute, toSurface } from "./router.ts";
import type { World } from "./world.ts";

/** A complete request, as it came off the wire. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Who sent it, or why that is not known. */
  readonly authenticated: Authenticated | ApiError;
  /** A refusal decided before the body was read, such as too many requests in flight. */
  readonly refusal: ApiError | undefined;
  readonly body: Buffer;
  readonly fate: Fate;
  readonly address: string;
  readonly userAgent: string;
}

/** The answer, and what the request log wants to know. */
export interface Dispatched {
  readonly reply: Reply;
  readonly units: number;
  readonly rows: number;
  readonly eventId: string | undefined;
  readonly applied: boolean;
}

interface Outcome {
  units: number;
  rows: number;
  call: Call | undefined;
}

/** Carries out one request from surface switch to handler, in the order a gateway would. Never throws ApiError. */
export function dispatch(world: World, received: Received): Dispatched {
  const outcome: Outcome = { units: 0, rows: 0, call: undefined };
  let reply: Reply;
  try {
    reply = answer(world, received, outcome);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    reply = toErrorReply(error);
  }
  if (toSurface(received.path) === "v1") {
    reply = { ...reply, headers: { ...reply.headers, Deprecation: "true", Sunset: world.knobs.v1Sunset } };
  }
  return {
    reply,
    units: outcome.units,
    rows: outcome.rows,
    eventId: outcome.call?.eventId,
    applied: outcome.call?.applied ?? false,
  };
}

function answer(world: World, received: Received, outcome: Outcome): Reply {
  const { method, path, authenticated } = received;
  refuseRetiredSurface(world, path);
  if (authenticated instanceof ApiError) throw authenticated;
  if (received.refusal !== undefined) throw received.refusal;
  const { organization } = authenticated;
  organization.totals.requests += 1;
  const nowMs = world.clock.now();
  const match = matchRoute(method, path);
  const body = parseBody(received.body);
  const fields = body instanceof ApiError ? {} : body;
  if (match?.route.batch === true) outcome.rows = countRows(fields);
  const units = toUnits(world, match?.route.batch === true, outcome.rows, fields);
  admit(organization, units, world.knobs, nowMs);
  outcome.units = units;

  const unlisted =
    match?.route.unlisted === true && match.surface === "v1.1" && world.knobs.v1_1Unlisted === "not-found";
  if (match === undefined || unlisted) throw new ApiError(404, "not_found_error", `No route ${method} ${path}`);
  if (body instanceof ApiError) throw body;
  settle(organization, world, nowMs);
  outcome.call = {
    world,
    organization,
    key: authenticated.key,
    surface: match.surface,
    query: received.query,
    params: match.params,
    body,
    bodyBytes: received.body.length,
    fate: received.fate,
    nowMs,
    address: received.address,
    userAgent: received.userAgent,
    eventId: undefined,
    applied: false,
  };
  return match.route.handler(outcome.call);
}

function refuseRetiredSurface(world: World, path: string): void {
  const surface = toSurface(path);
  if (surface === "v1" && world.knobs.v1 === "gone") {
    throw new ApiError(410, "gone", "API v1 has been retired. Use /api/v1.1.");
  }
  if (
    (surface === "v1" && world.knobs.v1 === "not-found") ||
    (surface === "v1.1" && world.knobs.v1_1 === "not-found")
  ) {
    throw new ApiError(404, "not_found_error", "Not found");
  }
}

/** Units of a request: rows, chunks or one for a batch, one or nothing for anything else. */
function toUnits(world: World, batch: boolean, rows: number, body: Fields): number {
  const { rateUnit, countReads } = world.knobs;
  if (!batch) return countReads ? 1 : 0;
  if (rateUnit === "call") return 1;
  if (rateUnit === "row") return Math.max(1, rows);
  const chunkSize = Math.max(1, Math.floor(numberField(body, "chunkSize") ?? 1));
  return Math.max(1, Math.ceil(rows / chunkSize));
}

function parseBody(body: Buffer): Fields | ApiError {
  if (body.length === 0) return {};
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    return isFields(parsed) ? parsed : new ApiError(400, "validation_error", "The body must be a JSON object");
  } catch {
    return new ApiError(400, "validation_error", "The body is not valid JSON");
  }
}
