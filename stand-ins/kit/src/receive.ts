import type { IncomingMessage, ServerResponse } from "node:http";
import { type ReceivedBody, readBody } from "./read-body.ts";
import type { LoggedRequest } from "./request-log.ts";

/**
 * Reads the body of a request; undefined when the sender goes away before its end. Sees to it that `entry` says whether the
 * connection ended before the answer was complete.
 */
export async function receive(
  request: IncomingMessage,
  response: ServerResponse,
  entry: LoggedRequest,
  maxBytes: number,
): Promise<ReceivedBody | undefined> {
  response.once("close", () => {
    if (!response.writableFinished) entry.aborted = true;
  });
  const body = await readBody(request, maxBytes);
  if (body === undefined) entry.aborted = true;
  return body;
}
