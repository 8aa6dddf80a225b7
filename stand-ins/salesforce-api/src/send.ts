import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import type { ConnectionFaultKind } from "./faults.ts";
import type { Body, Reply } from "./reply.ts";

/** What happens to an answer on its way out. */
export interface Disturbance {
  readonly kind: ConnectionFaultKind;
  readonly delayMs: number;
  /** Of the body that is sent before it happens. */
  readonly share: number;
}

export interface SendOptions {
  readonly gzip: boolean;
  readonly disturbance: Disturbance | undefined;
  /** Called with the status once headers leave. */
  readonly sent: (status: number) => void;
}

const GZIP_FROM_BYTES = 1024;
const RESET_AFTER_MS = 20;
const GZIP_LEVEL = 1;

/** Sends `reply`, disturbed or not. Rejects for nothing that the receiver does. */
export async function send(
  request: IncomingMessage,
  response: ServerResponse,
  reply: Reply,
  options: SendOptions,
): Promise<void> {
  const gzip = options.gzip && /\bgzip\b/i.test(request.headers["accept-encoding"] ?? "");
  if (reply.body.kind === "stream" && options.disturbance === undefined) {
    await sendStream(response, reply, reply.body, gzip, options);
    return;
  }
  const plain = toPayload(reply.body);
  const zipped = gzip && plain.length >= GZIP_FROM_BYTES;
  const payload = zipped ? gzipSync(plain, { level: GZIP_LEVEL }) : plain;
  const contentType = reply.body.kind === "none" ? {} : { "Content-Type": reply.body.contentType };
  const writeHead = (length = payload.length) => {
    options.sent(reply.status);
    response.writeHead(reply.status, {
      ...contentType,
      ...(zipped ? { "Content-Encoding": "gzip" } : {}),
      "Content-Length": length,
      ...reply.headers,
    });
  };
  const end = () => {
    writeHead();
    response.end(payload);
  };
  await disturb(request, response, payload, options.disturbance, { writeHead, end });
}

interface Writing {
  readonly writeHead: (length?: number) => void;
  readonly end: () => void;
}

async function disturb(
  request: IncomingMessage,
  response: ServerResponse,
  payload: Buffer,
  disturbance: Disturbance | undefined,
  { writeHead, end }: Writing,
): Promise<void> {
  if (disturbance === undefined) {
    end();
    return;
  }
  const first = payload.subarray(0, Math.floor(payload.length * disturbance.share));
  const closed = once(response, "close");
  switch (disturbance.kind) {
    case "hang-before":
    case "hang-after":
      return;
    case "reset-before":
    case "reset-after":
      request.socket.resetAndDestroy();
      return;
    case "slow-headers":
      await Promise.race([later(disturbance.delayMs), closed]);
      if (!response.destroyed) end();
      return;
    case "slow-body":
      writeHead();
      response.write(first);
      await Promise.race([later(disturbance.delayMs), closed]);
      if (!response.destroyed) response.end(payload.subarray(first.length));
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
      await Promise.race([later(RESET_AFTER_MS), closed]);
      request.socket.resetAndDestroy();
      return;
    case "short-body":
      writeHead(first.length);
      response.end(first);
  }
}

async function sendStream(
  response: ServerResponse,
  reply: Reply,
  body: Extract<Body, { kind: "stream" }>,
  gzip: boolean,
  options: SendOptions,
): Promise<void> {
  options.sent(reply.status);
  response.writeHead(reply.status, {
    "Content-Type": body.contentType,
    ...(gzip ? { "Content-Encoding": "gzip" } : {}),
    ...reply.headers,
  });
  const source = Readable.from(body.chunks);
  // A receiver that goes away ends it; there is nobody left to tell.
  const done = gzip ? pipeline(source, createGzip({ level: GZIP_LEVEL }), response) : pipeline(source, response);
  await done.catch(() => response.destroy());
}

/** A body as a whole. */
export function toPayload(body: Body): Buffer {
  if (body.kind === "none") return Buffer.alloc(0);
  return Buffer.from(body.kind === "text" ? body.text : [...body.chunks].join(""), "utf8");
}

function later(delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs);
  });
}
