import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { sendAnswer, type Sending } from "@acme/stand-in-kit";
import type { Body, Reply } from "./reply.ts";

interface SendOptions extends Sending {
  readonly gzip: boolean;
}

const GZIP_FROM_BYTES = 1024;
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
  const headers = {
    ...(reply.body.kind === "none" ? {} : { "Content-Type": reply.body.contentType }),
    ...(zipped ? { "Content-Encoding": "gzip" } : {}),
    ...reply.headers,
  };
  await sendAnswer(request, response, { status: reply.status, headers, payload }, options);
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
