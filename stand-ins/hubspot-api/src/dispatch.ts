import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Fields, parseObject } from "@acme/stand-in-kit";
import { ApiError, notFound } from "./api-error.ts";
import type { App } from "./auth/apps.ts";
import { authenticate } from "./auth/authenticate.ts";
import type { Call } from "./call.ts";
import type { Family } from "./counters.ts";
import type { PageFaultKind } from "./faults.ts";
import { type Reply, toErrorReply, toHtmlReply } from "./reply.ts";
import { matchRoute, normalizePath, type RouteMatch } from "./router.ts";
import { describeToken, introspectToken, refreshToken, revokeToken } from "./routes/oauth.ts";
import type { World } from "./world.ts";

/** A complete request, as it came off the wire. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Of path and query. */
  readonly urlCharacters: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly pageFault: PageFaultKind | undefined;
}

/** The answer, and what the request log wants to know. */
export interface Dispatched {
  readonly reply: Reply;
  readonly rows: number;
  readonly inputs: number;
  readonly policyName: string | undefined;
}

/** Where a request leads, before it is looked at. */
export interface Destination {
  readonly family: Family;
  readonly match: RouteMatch | undefined;
  /** Normalised; undefined when no such version is served. */
  readonly path: string | undefined;
}

export function findDestination(world: World, method: string, path: string): Destination {
  const normal = normalizePath(path);
  if (normal === undefined || (normal.legacy && world.knobs.legacyPaths === "not-found")) {
    return { family: "unknown", match: undefined, path: undefined };
  }
  if (normal.path.startsWith("/oauth/")) return { family: "oauth", match: undefined, path: normal.path };
  const match = matchRoute(method, normal.path);
  return { family: match?.route.family ?? "unknown", match, path: normal.path };
}

/** Carries out one request in the order a gateway would: address, token, limits, route. Never throws ApiError. */
export function dispatch(world: World, received: Received, destination: Destination): Dispatched {
  const outcome = { rows: 0, inputs: 0 };
  if (received.urlCharacters > world.knobs.maxUrlCharacters) {
    return { reply: toHtmlReply(414, "Request-URI Too Large"), ...outcome, policyName: undefined };
  }
  let headers: Record<string, string> = {};
  try {
    if (destination.family === "oauth") {
      return {
        reply: complete(answerOauth(world, received, destination.path ?? ""), {}),
        ...outcome,
        policyName: undefined,
      };
    }
    if (destination.path === undefined) throw notFound();
    const nowMs = world.clock.now();
    const app = authenticate(world.apps, received.headers, nowMs);
    const limitClass = destination.match?.route.limitClass ?? "normal";
    try {
      world.limiter.admit(app, limitClass, world.knobs, nowMs);
    } finally {
      headers = world.limiter.headers(app, limitClass, world.knobs, nowMs);
    }
    if (destination.match === undefined) throw notFound();
    const call = toCall(world, received, destination, app, nowMs);
    try {
      return {
        reply: complete(answer(call, destination.match), headers),
        rows: call.rows,
        inputs: call.inputs,
        policyName: undefined,
      };
    } finally {
      outcome.inputs = call.inputs;
    }
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const { policyName } = error.extra;
    return {
      reply: complete(toErrorReply(error), headers),
      ...outcome,
      policyName: typeof policyName === "string" ? policyName : undefined,
    };
  }
}

function answer(call: Call, { route }: RouteMatch): Reply {
  call.portal.settle(call.nowMs);
  return route.handler(call);
}

function toCall(world: World, received: Received, destination: Destination, app: App, nowMs: number): Call {
  const text = received.body.toString("utf8");
  return {
    world,
    portal: world.portal,
    knobs: world.knobs,
    app,
    query: received.query,
    params: destination.match?.params ?? {},
    body: received.method === "GET" ? {} : parseBody(text),
    bodyCharacters: text.length,
    nowMs,
    pageFault: received.pageFault,
    rows: 0,
    inputs: 0,
  };
}

function answerOauth(world: World, { method, body }: Received, path: string): Reply {
  const form = new URLSearchParams(body.toString("utf8"));
  const old = path.startsWith("/oauth/v1/");
  if (method === "POST" && /^\/oauth\/v[13]\/token$/.test(path)) return refreshToken(world, form, old);
  if (method === "POST" && path === "/oauth/v3/token/introspect") return introspectToken(world, form);
  if (method === "POST" && path === "/oauth/v3/token/revoke") return revokeToken(world, form.get("token") ?? "");
  const token = decodeURIComponent(path.split("/").at(-1) ?? "");
  if (method === "GET" && path.startsWith("/oauth/v1/access-tokens/")) return describeToken(world, token);
  if (method === "DELETE" && path.startsWith("/oauth/v1/refresh-tokens/")) return revokeToken(world, token);
  throw notFound();
}

function complete(reply: Reply, headers: Readonly<Record<string, string>>): Reply {
  return { ...reply, headers: { "X-HubSpot-Correlation-Id": randomUUID(), ...headers, ...reply.headers } };
}

function parseBody(text: string): Fields {
  const body = parseObject(text);
  if (body === undefined) {
    throw new ApiError(400, "Invalid input JSON on line 1, column 1: the body is not a JSON object");
  }
  return body;
}
