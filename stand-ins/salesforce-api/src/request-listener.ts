import type { IncomingMessage, ServerResponse } from "node:http";
import { readBody } from "./body.ts";
import { carryOut, findDestination } from "./dispatch.ts";
import { type Fault, isConnectionFault } from "./faults.ts";
import type { RequestEntry } from "./request-log.ts";
import { type Disturbance, send } from "./send.ts";
import type { World } from "./world.ts";

const MAX_BODY_BYTES = 10 * 1024 * 1024;
const DEFAULT_DELAY_MS = 1000;
const DEFAULT_SHARE = 0.5;

/** Answers one request of the API proper. */
export function createRequestListener(world: World) {
  return async (request: IncomingMessage, response: ServerResponse, url: URL): Promise<void> => {
    const method = request.method ?? "GET";
    const target = request.url ?? "/";
    const path = url.pathname;
    const hits = world.faults.hit(method, target);
    const destination = findDestination(method, path);
    const entry = createEntry(world, request, url, destination.family, hits);
    world.requestLog.add(entry, world.knobs.requestLogSize);
    world.counters.called(destination.family);
    world.usage.began(entry.number, entry.timeMs);
    response.once("close", () => {
      world.usage.ended(entry.number);
      if (!response.writableFinished) entry.aborted = true;
    });

    const body = await readBody(request, MAX_BODY_BYTES);
    if ("aborted" in body) {
      entry.aborted = true;
      return;
    }
    const received = "tooLarge" in body ? Buffer.alloc(0) : body.body;
    if (world.knobs.logBodies && destination.family !== "login") entry.body = parse(received);
    const connectionFault = hits.find(isConnectionFault);
    if (connectionFault?.kind === "reset-before") {
      request.socket.resetAndDestroy();
      return;
    }
    if (connectionFault?.kind === "hang-before") return;

    const { reply, rows, errorCode } = carryOut(
      world,
      {
        method,
        path,
        query: url.searchParams,
        target,
        headBytes: countHeadBytes(request),
        headers: request.headers,
        body: received,
        faults: hits,
      },
      destination,
    );
    entry.rows = rows;
    entry.errorCode = errorCode;
    await send(request, response, reply, {
      gzip: world.knobs.gzip,
      disturbance: connectionFault === undefined ? undefined : toDisturbance(connectionFault),
      sent(status) {
        entry.status = status;
        world.counters.answered(destination.family, status, entry.rows, entry.errorCode);
      },
    });
  };
}

function countHeadBytes(request: IncomingMessage): number {
  const line = `${request.method} ${request.url} HTTP/1.1\r\n`;
  return request.rawHeaders.reduce((sum, text) => sum + Buffer.byteLength(text) + 2, Buffer.byteLength(line) + 2);
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? undefined : JSON.parse(body.toString("utf8"));
  } catch {
    return undefined;
  }
}

function toDisturbance({
  kind,
  delayMs = DEFAULT_DELAY_MS,
  share = DEFAULT_SHARE,
}: Fault & { kind: Disturbance["kind"] }): Disturbance {
  return { kind, delayMs, share };
}

function createEntry(
  world: World,
  request: IncomingMessage,
  url: URL,
  family: string,
  hits: readonly Fault[],
): RequestEntry {
  const token = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return {
    number: world.requestLog.next(),
    timeMs: world.clock.now(),
    method: request.method ?? "GET",
    path: url.pathname,
    query: url.search,
    family,
    user: token === undefined ? undefined : world.sessions.find(token)?.user.username,
    status: 0,
    errorCode: undefined,
    rows: 0,
    body: undefined,
    aborted: false,
    faults: hits.map((fault) => fault.kind),
  };
}

/** The answer to a defect of the stand-in itself. */
export function toInternalError(error: unknown): object {
  const message = error instanceof Error ? error.message : String(error);
  return [{ errorCode: "STAND_IN_DEFECT", message: `Defect of the stand-in: ${message}` }];
}
