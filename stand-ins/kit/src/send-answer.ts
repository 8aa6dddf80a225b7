import type { IncomingMessage, ServerResponse } from "node:http";

/** What can happen to a connection, over all stand-ins. */
export type ConnectionDisturbance =
  | "slow-headers"
  | "slow-body"
  | "hang-before"
  | "hang-after"
  | "stall-body"
  | "reset-before"
  | "reset-after"
  | "reset-body"
  | "truncated-body"
  | "short-body";

/** A connection fault. */
export interface Disturbance {
  readonly kind: ConnectionDisturbance;
  /** Default 1000. */
  readonly delayMs?: number;
  /** Of the body that is sent before it happens, from 0 to 1 (default 0.5). */
  readonly share?: number;
}

export interface Answer {
  readonly status: number;
  /** `Content-Length` comes by itself. */
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

export interface Sending {
  readonly disturbance: Disturbance | undefined;
  /** Called with the status once headers leave. */
  readonly sent: (status: number) => void;
  /** Called just before the last byte leaves. */
  readonly ending?: () => void;
}

const DEFAULT_DELAY_MS = 1000;
const DEFAULT_SHARE = 0.5;
const RESET_AFTER_MS = 20;

/** Carries out a fault that comes before the request is; false when there is none. */
export function endBefore(request: IncomingMessage, disturbance: Disturbance | undefined): boolean {
  if (disturbance?.kind === "reset-before") request.socket.resetAndDestroy();
  return disturbance?.kind === "reset-before" || disturbance?.kind === "hang-before";
}

/** Sends an answer as a whole, disturbed or not. Resolves when it has been handed over; rejects for nothing that the receiver does. */
export async function sendAnswer(
  request: IncomingMessage,
  response: ServerResponse,
  { status, headers, payload }: Answer,
  { disturbance, sent, ending }: Sending,
): Promise<void> {
  const writeHead = (length = payload.length) => {
    sent(status);
    response.writeHead(status, { "Content-Length": length, ...headers });
  };
  const end = (bytes: Buffer) => {
    ending?.();
    response.end(bytes);
  };
  if (disturbance === undefined) {
    writeHead();
    end(payload);
    return;
  }
  const { kind, delayMs = DEFAULT_DELAY_MS, share = DEFAULT_SHARE } = disturbance;
  const first = payload.subarray(0, Math.floor(payload.length * share));
  switch (kind) {
    case "hang-before":
    case "hang-after":
      return;
    case "reset-before":
    case "reset-after":
      request.socket.resetAndDestroy();
      return;
    case "slow-headers":
      await pause(response, delayMs);
      if (response.destroyed) return;
      writeHead();
      end(payload);
      return;
    case "slow-body":
      writeHead();
      response.write(first);
      await pause(response, delayMs);
      if (!response.destroyed) end(payload.subarray(first.length));
      return;
    case "stall-body":
      writeHead();
      response.write(first);
      return;
    case "truncated-body":
      writeHead();
      response.write(first, () => request.socket.destroy());
      return;
    case "reset-body":
      writeHead();
      response.write(first);
      // A reset takes with it what the receiver did not read yet.
      await pause(response, RESET_AFTER_MS);
      request.socket.resetAndDestroy();
      return;
    case "short-body":
      writeHead(first.length);
      end(first);
  }
}

/** Waits, but not for a receiver that has gone. */
function pause(response: ServerResponse, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, delayMs);
    response.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
