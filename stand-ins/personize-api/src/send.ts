import type { IncomingMessage, ServerResponse } from "node:http";
import type { Reply } from "./reply.ts";

/** What happens to an answer on its way out. */
export interface Disturbance {
  readonly kind: "slow-headers" | "slow-body" | "hang-after" | "reset-after" | "truncated-body";
  readonly delayMs: number;
}

interface SendObserver {
  /** Called just before the last byte leaves. */
  beforeEnd(): void;
  /** Called with the status once headers leave. */
  sent(status: number): void;
}

/** Sends `reply` as JSON (a text body as HTML), disturbed or not. */
export function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  disturbance: Disturbance | undefined,
  observer: SendObserver,
): void {
  const isText = typeof reply.body === "string";
  const payload = Buffer.from(typeof reply.body === "string" ? reply.body : JSON.stringify(reply.body), "utf8");
  const writeHead = () => {
    observer.sent(reply.status);
    response.writeHead(reply.status, {
      "Content-Type": isText ? "text/html; charset=utf-8" : "application/json; charset=utf-8",
      "Content-Length": payload.length,
      ...reply.headers,
    });
  };
  const end = (bytes: Buffer) => {
    observer.beforeEnd();
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
