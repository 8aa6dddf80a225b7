import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reply } from "./reply.ts";

/** What happens to an answer on its way out. */
export interface Disturbance {
  readonly kind: "slow-headers" | "slow-body" | "hang-after" | "reset-after" | "truncated-body";
  readonly delayMs: number;
}

/** Sends `reply`, disturbed or not. `sent` is called with the status once headers leave. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  disturbance: Disturbance | undefined,
  sent: (status: number) => void,
): void {
  const { payload, contentType } = toPayload(reply.body);
  const writeHead = () => {
    sent(reply.status);
    response.writeHead(reply.status, {
      ...(contentType === undefined ? {} : { "Content-Type": contentType }),
      "Content-Length": payload.length,
      ...reply.headers,
    });
  };
  const end = (bytes: Buffer) => {
    response.end(bytes);
  };
  const half = Math.floor(payload.length / 2);
  switch (disturbance?.kind) {
    case undefined:
      writeHead();
      end(payload);
      return;
    case "hang-after":
      return;
    case "reset-after":
      request.socket.resetAndDestroy();
      return;
    case "truncated-body":
      writeHead();
      response.write(payload.subarray(0, half), () => request.socket.destroy());
      return;
    case "slow-headers":
      setTimeout(() => {
        if (response.destroyed) return;
        writeHead();
        end(payload);
      }, disturbance.delayMs);
      return;
    case "slow-body":
      writeHead();
      response.write(payload.subarray(0, half));
      setTimeout(() => {
        if (!response.destroyed) end(payload.subarray(half));
      }, disturbance.delayMs);
  }
}

export function toPayload(body: unknown): { readonly payload: Buffer; readonly contentType: string | undefined } {
  if (body === null) return { payload: Buffer.alloc(0), contentType: undefined };
  if (typeof body === "string") return { payload: Buffer.from(body), contentType: "text/html; charset=utf-8" };
  return { payload: Buffer.from(JSON.stringify(body)), contentType: "application/json;charset=utf-8" };
}
