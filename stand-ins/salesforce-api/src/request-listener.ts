import type { IncomingMessage, ServerResponse } from "node:http";
import { endBefore, parseJson, receive } from "@acme/stand-in-kit";
import { carryOut, findDestination } from "./dispatch.ts";
import { type Fault, isConnectionFault } from "./faults.ts";
import type { RequestEntry } from "./request-entry.ts";
import { send } from "./send.ts";
import type { World } from "./world.ts";

const MAX_BODY_BYTES = 10 * 1024 * 1024;

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
    response.once("close", () => world.usage.ended(entry.number));

    const received = await receive(request, response, entry, MAX_BODY_BYTES);
    if (received === undefined) return;
    const body = received.bytes;
    if (world.knobs.logBodies && destination.family !== "login") entry.body = parseJson(body.toString("utf8"));
    const connectionFault = hits.find(isConnectionFault);
    if (endBefore(request, connectionFault)) return;

    const { reply, rows, errorCode } = carryOut(
      world,
      {
        method,
        path,
        query: url.searchParams,
        target,
        headBytes: countHeadBytes(request),
        headers: request.headers,
        body,
        faults: hits,
      },
      destination,
    );
    entry.rows = rows;
    entry.errorCode = errorCode;
    await send(request, response, reply, {
      gzip: world.knobs.gzip,
      disturbance: connectionFault,
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

function createEntry(
  world: World,
  request: IncomingMessage,
  url: URL,
  family: string,
  hits: readonly Fault[],
): RequestEntry {
  const token = /^(?:Bearer|OAuth)\s+(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
  return {
    ...world.requestLog.begin(request, url, world.clock.now(), hits),
    family,
    user: token === undefined ? undefined : world.sessions.find(token)?.user.username,
    errorCode: undefined,
    body: undefined,
  };
}

/** The body that tells of a defect of the stand-in itself. */
export function toDefect(message: string): unknown {
  return [{ errorCode: "STAND_IN_DEFECT", message }];
}
