import type { IncomingMessage } from "node:http";

export interface ReceivedBody {
  /** Empty when the body was too large. */
  readonly bytes: Buffer;
  readonly tooLarge: boolean;
}

const EMPTY = Buffer.alloc(0);

/**
 * Reads the whole body; undefined when the sender goes away before its end. Beyond `maxBytes` the rest is read and thrown
 * away, so that the refusal reaches the sender.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<ReceivedBody | undefined> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once("end", () => {
      const bytes = chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks);
      resolve(size > maxBytes ? { bytes: EMPTY, tooLarge: true } : { bytes, tooLarge: false });
    });
    request.once("error", () => resolve(undefined));
    request.once("close", () => resolve(undefined));
  });
}
