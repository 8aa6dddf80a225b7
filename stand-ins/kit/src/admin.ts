import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Actions } from "./admin-actions.ts";
import { type Fields, isFields } from "./fields.ts";
import { readBody } from "./read-body.ts";

export const ADMIN_PREFIX = "/__admin/";
const MAX_ADMIN_BODY_BYTES = 50 * 1024 * 1024;

/** Lists that can be had as JSON lines as well, by the name of their route. */
export type Streams = Readonly<Record<string, (body: Fields) => Iterable<unknown>>>;

/**
 * The admin routes, an invention of the stand-ins: Control over HTTP, `POST /__admin/<name>` with a JSON object, answered
 * with `{ok: true, result}` or 400 `{ok: false, message}`; a stream, asked for with `{"stream": true}`, is JSON lines.
 */
export function createAdminListener(actions: Actions, streams: Streams) {
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const name = path.slice(ADMIN_PREFIX.length);
    const received = await readBody(request, MAX_ADMIN_BODY_BYTES);
    if (received === undefined) return;
    try {
      if (received.tooLarge) throw new RangeError("The body is too large");
      const body = parse(received.bytes);
      const stream = body["stream"] === true && Object.hasOwn(streams, name) ? streams[name] : undefined;
      if (stream !== undefined) {
        await streamLines(stream(body), response);
        return;
      }
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined;
      if (action === undefined) throw new RangeError(`No admin route ${name}: ${Object.keys(actions).join(", ")}`);
      reply(response, 200, { ok: true, result: action(body) ?? null });
    } catch (error) {
      reply(response, 400, { ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** At the pace of the reader; a reader that goes away ends it. */
async function streamLines(items: Iterable<unknown>, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  const lines = function* () {
    for (const item of items) yield `${JSON.stringify(item)}\n`;
  };
  await pipeline(Readable.from(lines()), response).catch(() => response.destroy());
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  const payload = Buffer.from(JSON.stringify(body), "utf8");
  response.writeHead(status, { "Content-Type": "application/json", "Content-Length": payload.length });
  response.end(payload);
}

function parse(body: Buffer): Fields {
  if (body.length === 0) return {};
  const parsed: unknown = JSON.parse(body.toString("utf8"));
  if (!isFields(parsed)) throw new RangeError("The body must be a JSON object");
  return parsed;
}
