import { toTimeoutError } from "@acme/api-source";
import { type ErrorContext, toNetworkError } from "./errors.ts";
import { AnswerTimeout, type HttpRequest, type RawAnswer, type Transport } from "./transport.ts";

export interface HttpAnswer extends Omit<RawAnswer, "body"> {
  readonly bytes: Buffer;
  /** False: the answer has more bytes than were wanted, and the rest was not read. */
  readonly isWhole: boolean;
}

const OK = 200;

/**
 * Makes one request and reads its answer to the end, or to `maxBytes`.
 * @param timeoutMs how long it may take until the next piece of the answer comes.
 * @param take gets the pieces of an answer with status 200 as they come, in place of `bytes`.
 * @throws the signal's reason as soon as it is aborted; TransientError where the answer does not come, or not whole.
 */
export async function send(
  transport: Transport,
  request: HttpRequest,
  maxBytes: number,
  timeoutMs: number,
  context: Pick<ErrorContext, "doing" | "host">,
  signal: AbortSignal,
  take: ((piece: Buffer) => void) | null = null,
): Promise<HttpAnswer> {
  signal.throwIfAborted();
  try {
    const { status, header, body } = await transport(request, timeoutMs, signal);
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of body) {
      size += piece.byteLength;
      // Leaving the loop ends the answer and closes its connection.
      if (size > maxBytes) break;
      if (take !== null && status === OK) take(piece);
      else pieces.push(piece);
    }
    return { status, header, bytes: Buffer.concat(pieces), isWhole: size <= maxBytes };
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof AnswerTimeout ? toTimeoutError(timeoutMs, context) : toNetworkError(error, context);
  }
}
