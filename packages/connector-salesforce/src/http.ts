import { type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { type ErrorContext, toNetworkError, toTimeoutError } from "./errors.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly header: (name: string) => string | null;
  readonly bytes: Buffer;
  /** False: the answer has more bytes than were wanted, and the rest was not read. */
  readonly isWhole: boolean;
}

/** Pieces of an unpacked answer. Node's own 16 KiB would take a turn of the event loop for every fifty rows. */
const PIECE_BYTES = 128 * 1024;
const OK = 200;

/**
 * Makes one request and reads its answer to the end, or to `maxBytes`. Compressed answers are asked for and unpacked. Redirections
 * are not followed: an answer from elsewhere is none of ours.
 * @param timeoutMs how long it may take until the next piece of the answer comes.
 * @param take gets the pieces of an answer with status 200 as they come, in place of `bytes`.
 * @throws the signal's reason as soon as it is aborted; TransientError where the answer does not come, or not whole.
 */
export async function send(
  request: HttpRequest,
  maxBytes: number,
  timeoutMs: number,
  context: Pick<ErrorContext, "doing" | "host">,
  signal: AbortSignal,
  take: ((piece: Buffer) => void) | null = null,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const late = new AbortController();
  const onLate = (): void => late.abort(toTimeoutError(timeoutMs, context));
  let timer = setTimeout(onLate, timeoutMs);
  try {
    const message = await open(request, AbortSignal.any([signal, late.signal]));
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of unpack(message)) {
      if (!Buffer.isBuffer(piece)) continue;
      clearTimeout(timer);
      timer = setTimeout(onLate, timeoutMs);
      size += piece.byteLength;
      // Leaving the loop ends the answer and closes its connection.
      if (size > maxBytes) break;
      if (take !== null && message.statusCode === OK) take(piece);
      else pieces.push(piece);
    }
    return {
      status: message.statusCode ?? 0,
      header: (name) => {
        const value = message.headers[name];
        return Array.isArray(value) ? (value[0] ?? null) : (value ?? null);
      },
      bytes: Buffer.concat(pieces),
      isWhole: size <= maxBytes,
    };
  } catch (error) {
    signal.throwIfAborted();
    late.signal.throwIfAborted();
    throw toNetworkError(error, context);
  } finally {
    clearTimeout(timer);
  }
}

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
