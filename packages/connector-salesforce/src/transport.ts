import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An answer whose head is there. */
export interface RawAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** Unpacked, in pieces as they come; throws where it breaks off. To be read: whoever stops early closes the connection. */
  readonly body: AsyncIterable<Buffer>;
}

/**
 * Carries one request to Salesforce and its answer back, whatever the answer is. Redirections are not followed: an answer from
 * elsewhere is none of ours.
 * @param timeoutMs how long it may take until the next piece of the answer comes.
 * @throws AnswerTimeout; whatever the network says.
 */
export type Transport = (request: HttpRequest, timeoutMs: number, signal: AbortSignal) => Promise<RawAnswer>;

/** Nothing came for as long as was allowed. */
export class AnswerTimeout extends Error {}

/** Pieces of an unpacked answer. Node's own 16 KiB would take a turn of the event loop for every fifty rows. */
const PIECE_BYTES = 128 * 1024;

/** By Node's own HTTP. Compressed answers are asked for. */
export const httpTransport: Transport = async (request, timeoutMs, signal) => {
  const late = new AbortController();
  const onLate = (): void => late.abort(new AnswerTimeout());
  let timer = setTimeout(onLate, timeoutMs);
  let message: IncomingMessage;
  try {
    message = await open(request, AbortSignal.any([signal, late.signal]));
  } catch (error) {
    clearTimeout(timer);
    late.signal.throwIfAborted();
    throw error;
  }
  async function* read(): AsyncGenerator<Buffer> {
    try {
      for await (const piece of unpack(message)) {
        clearTimeout(timer);
        timer = setTimeout(onLate, timeoutMs);
        if (Buffer.isBuffer(piece)) yield piece;
      }
    } catch (error) {
      late.signal.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
  return {
    status: message.statusCode ?? 0,
    header: (name) => {
      const value = message.headers[name];
      return Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
    },
    body: read(),
  };
};

function open({ method, url, headers, body }: HttpRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
  const options = { method, headers: { ...headers, ...length, "accept-encoding": "gzip" }, signal };
  return new Promise((resolve, reject) => {
    const outgoing = url.startsWith("https:")
      ? requestHttps(url, options, resolve)
      : requestHttp(url, options, resolve);
    outgoing.once("error", reject);
    outgoing.end(body);
  });
}

/** What goes wrong on either side ends the stream with an error: a packed answer that is cut off, too. */
function unpack(message: IncomingMessage): Readable {
  if (message.headers["content-encoding"] !== "gzip") return message;
  return pipeline(message, createGunzip({ chunkSize: PIECE_BYTES }), () => undefined);
}
