import type { IncomingHttpHeaders } from "node:http";
import { type Fields, parseObject } from "@acme/stand-in-kit";
import { ApiError, invalidSession, notFound } from "./api-error.ts";
import type { Session } from "./auth/sessions.ts";
import type { Call } from "./call.ts";
import type { Family } from "./counters.ts";
import { toFaultReply } from "./fault-reply.ts";
import { type Fault, isAnswerFault, isBulkFault } from "./faults.ts";
import { type Reply, toEmptyReply, toErrorReply, toHtmlReply } from "./reply.ts";
import { matchRoute, methodsOf, type RouteMatch } from "./router.ts";
import { isInstanceHost, toInstanceUrl } from "./routes/hosts.ts";
import { answerSoap } from "./routes/soap-login.ts";
import { answerRevoke, answerToken } from "./routes/token.ts";
import { listVersions } from "./routes/versions.ts";
import type { World } from "./world.ts";

/** A complete request, as it came off the wire. */
export interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** Path and query, as sent. */
  readonly target: string;
  /** Bytes of the request line and the headers together. */
  readonly headBytes: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly faults: readonly Fault[];
}

/** The answer, and what the request log wants to know. */
export interface Dispatched {
  readonly reply: Reply;
  readonly rows: number;
  readonly errorCode: string | undefined;
}

/** Where a request leads, before it is looked at. */
export interface Destination {
  readonly family: Family;
  /** Such as `66.0`; empty outside `/services/data/v…`. */
  readonly version: string;
  readonly match: RouteMatch | undefined;
  /** Methods that the path has routes for, when there is none for this one. */
  readonly methods: readonly string[];
}

export function findDestination(method: string, path: string): Destination {
  if (/^\/services\/(?:oauth2\/(?:token|revoke)|Soap\/u\/)/i.test(path)) {
    return { family: "login", version: "", match: undefined, methods: [] };
  }
  if (/^\/services\/data\/?$/.test(path)) return { family: "versions", version: "", match: undefined, methods: [] };
  const data = /^\/services\/data\/v(\d+\.\d)(\/.*)?$/.exec(path);
  const rest = data === null ? path : (data[2] ?? "").replace(/^\/$/, "");
  const match = matchRoute(method, rest);
  const methods = match === undefined ? methodsOf(rest) : [];
  return { family: match?.route.family ?? "unknown", version: data?.[1] ?? "", match, methods };
}

/** Answers one request: as it is, or as an answer fault has it. */
export function carryOut(world: World, received: Received, destination: Destination): Dispatched {
  const fault = received.faults.find(isAnswerFault);
  if (fault === undefined) return dispatch(world, received, destination);
  if (fault.applied === true) dispatch(world, received, destination);
  return { reply: toFaultReply(fault), rows: 0, errorCode: fault.kind };
}

/** Carries out one request in the order a gateway would: size, host, session, limits, version, route. Never throws ApiError. */
function dispatch(world: World, received: Received, destination: Destination): Dispatched {
  const { knobs } = world;
  if (Buffer.byteLength(received.target) > knobs.maxUriBytes) return refused(toHtmlReply(414, "URI Too Long"));
  if (received.headBytes > knobs.maxHeadBytes) return refused(toHtmlReply(431, "Request Header Fields Too Large"));
  const host = `http://${received.headers.host ?? "127.0.0.1"}`;
  if (destination.family === "login") return refused(answerLogin(world, received, host));
  if (destination.family === "versions" && destination.version === "") return refused(listVersions(knobs));
  const headers: Record<string, string> = {};
  try {
    if (!isInstanceHost(world, host) && knobs.wrongHost !== "serve") {
      if (knobs.wrongHost === "unauthorized") throw invalidSession();
      return refused(toEmptyReply(302, { Location: `${toInstanceUrl(world, host)}${received.target}` }));
    }
    const nowMs = world.clock.now();
    const session = authenticate(world, received.headers, nowMs);
    try {
      world.usage.admit(knobs, nowMs);
    } finally {
      const info = world.usage.header(knobs, session.app?.name ?? "none", nowMs);
      if (info !== undefined) headers["Sforce-Limit-Info"] = info;
    }
    const call = toCall(world, received, destination, session, host, nowMs);
    const reply = answer(call, destination);
    return { reply: { ...reply, headers: { ...headers, ...reply.headers } }, rows: call.rows, errorCode: undefined };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const reply = toErrorReply(error);
    return { reply: { ...reply, headers: { ...headers, ...reply.headers } }, rows: 0, errorCode: error.errorCode };
  }
}

/** Runs the route of an admitted call. Throws 410 for a retired version, 404 for what is not there. */
export function answer(call: Call, { version, match, methods }: Destination): Reply {
  const major = Number(version);
  if (version !== "" && major < call.knobs.oldestVersion) {
    throw new ApiError(410, "GONE", "The requested API version is retired and no longer supported.");
  }
  if (version !== "" && major > call.knobs.newestVersion) throw notFound();
  if (match === undefined) throw methods.length === 0 ? notFound() : methodNotAllowed(methods);
  return match.route.handler(call);
}

function answerLogin(world: World, received: Received, host: string): Reply {
  const { method, path, body } = received;
  const text = body.toString("utf8");
  const soap = /^\/services\/Soap\/u\/(\d+(?:\.\d)?)\/?$/i.exec(path)?.[1];
  if (soap !== undefined && method === "POST") return answerSoap(world, text, Number(soap), host);
  const form = new URLSearchParams(method === "GET" ? received.query : text);
  if (/\/revoke\/?$/.test(path)) return answerRevoke(world, form.get("token") ?? "");
  if (/\/token\/?$/.test(path) && method === "POST") {
    return answerToken(world, withBasicClient(form, received.headers.authorization), host);
  }
  return toErrorReply(methodNotAllowed(["POST"]));
}

/** A client may name itself by HTTP Basic instead of in the form. */
function withBasicClient(form: URLSearchParams, authorization: string | undefined): URLSearchParams {
  const encoded = /^Basic\s+(\S+)$/i.exec(authorization ?? "")?.[1];
  if (encoded === undefined) return form;
  const [id = "", secret = ""] = Buffer.from(encoded, "base64").toString("utf8").split(":");
  const complete = new URLSearchParams(form);
  complete.set("client_id", id);
  complete.set("client_secret", secret);
  return complete;
}

function methodNotAllowed(allowed: readonly string[]): ApiError {
  return new ApiError(405, "METHOD_NOT_ALLOWED", `HTTP Method not allowed. Allowed are ${allowed.join(",")}`, {
    headers: { Allow: allowed.join(",") },
  });
}

function authenticate(world: World, headers: IncomingHttpHeaders, nowMs: number): Session {
  const token = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  const session = world.sessions.use(token, world.knobs, nowMs);
  if (!session.user.apiEnabled) {
    throw new ApiError(403, "API_CURRENTLY_DISABLED", "API is not enabled for this User");
  }
  return session;
}

function toCall(
  world: World,
  received: Received,
  destination: Destination,
  session: Session,
  host: string,
  nowMs: number,
): Call {
  world.settle(nowMs);
  return {
    world,
    org: world.org,
    knobs: world.knobs,
    session,
    user: session.user,
    version: destination.version,
    query: received.query,
    headers: received.headers,
    params: destination.match?.params ?? {},
    body: received.method === "GET" ? {} : parseBody(received.body.toString("utf8")),
    nowMs,
    host,
    bulkFaults: received.faults.filter(isBulkFault),
    answerInner,
    rows: 0,
  };
}

/** One request of a batch, within the session of the batch. A batch within a batch is not there. */
function answerInner(call: Call, method: string, target: string): Reply {
  const url = new URL(`http://stand-in${target}`);
  const destination = findDestination(method, url.pathname);
  if (destination.family === "batch") throw notFound();
  const { match, version } = destination;
  const inner: Call = { ...call, query: url.searchParams, params: match?.params ?? {}, version, body: {}, rows: 0 };
  const reply = answer(inner, destination);
  call.rows += inner.rows;
  return reply;
}

function refused(reply: Reply): Dispatched {
  return { reply, rows: 0, errorCode: undefined };
}

function parseBody(text: string): Fields {
  const body = parseObject(text);
  if (body === undefined) {
    throw new ApiError(400, "JSON_PARSER_ERROR", "The body is not a JSON object");
  }
  return body;
}
