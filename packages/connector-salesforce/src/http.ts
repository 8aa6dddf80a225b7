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

/**
 * Makes one request and reads its answer to the end, or to `maxBytes`. Compressed answers are asked for and unpacked. Redirections
 * are not followed: an answer from elsewhere is none of ours.
 * @param timeoutMs how long it may take until the next piece of the answer comes.
 * @throws the signal's reason as soon as it is aborted; TransientError where the answer does not come, or not whole.
 */
export async function send(
  request: HttpRequest,
  maxBytes: number,
  timeoutMs: number,
  context: Pick<ErrorContext, "doing" | "host">,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  const late = new AbortController();
  const onLate = (): void => late.abort(toTimeoutError(timeoutMs, context));
  let timer = setTimeout(onLate, timeoutMs);
  try {
    const response = await fetch(request.url, {
      method: request.method,
      headers: request.headers,
      redirect: "manual",
      signal: AbortSignal.any([signal, late.signal]),
      ...(request.body === undefined ? {} : { body: request.body }),
    });
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(onLate, timeoutMs);
      size += piece.byteLength;
      // Leaving the loop cancels the body and closes its connection.
      if (size > maxBytes) break;
      pieces.push(piece);
    }
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
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
