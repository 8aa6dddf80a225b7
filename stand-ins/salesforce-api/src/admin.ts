import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createActions } from "./admin-actions.ts";
import { readBody } from "./body.ts";
import type { Control, RowQuery } from "./control.ts";
import { type Fields, isFields } from "./fields.ts";

export const ADMIN_PREFIX = "/__admin/";
const MAX_ADMIN_BODY_BYTES = 50 * 1024 * 1024;

/**
 * The admin routes, an invention of the stand-in: Control over HTTP, `POST /__admin/<name>` with a JSON object, answered
 * with `{ok: true, result}` or 400 `{ok: false, message}`. No token is needed.
 */
export function createAdminListener(control: Control) {
  const actions = createActions(control);
  return async (request: IncomingMessage, response: ServerResponse, path: string): Promise<void> => {
    const name = path.slice(ADMIN_PREFIX.length);
    const received = await readBody(request, MAX_ADMIN_BODY_BYTES);
    if ("aborted" in received) return;
    try {
      if ("tooLarge" in received) throw new RangeError("The body is too large");
      const body = parse(received.body);
      if (name === "rows" && body["stream"] === true) {
        await streamRows(control, body, response);
        return;
      }
      const action = actions[name];
      if (action === undefined) throw new RangeError(`No admin route ${name}: ${Object.keys(actions).join(", ")}`);
      reply(response, 200, { ok: true, result: action(body) ?? null });
    } catch (error) {
      reply(response, 400, { ok: false, message: error instanceof Error ? error.message : String(error) });
    }
  };
}

/** All rows as JSON lines, at the pace of the reader; a reader that goes away ends it. */
async function streamRows(control: Control, query: RowQuery, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/x-ndjson" });
  const lines = function* () {
    for (const row of control.eachRow(query)) yield `${JSON.stringify(row)}\n`;
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
