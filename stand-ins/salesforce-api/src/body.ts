import type { IncomingMessage } from "node:http";

/** A body that was read to its end, or how far over the limit it went. */
export type BodyResult = { readonly body: Buffer } | { readonly tooLarge: true } | { readonly aborted: true };

const EMPTY = Buffer.alloc(0);

/** Reads the whole body. Beyond `maxBytes` the rest is read and thrown away, so that the refusal reaches the sender. */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= maxBytes) chunks.push(chunk);
      else chunks.length = 0;
    });
    request.once("end", () => {
      if (bytes > maxBytes) resolve({ tooLarge: true });
      else resolve({ body: chunks.length === 1 ? (chunks[0] ?? EMPTY) : Buffer.concat(chunks) });
    });
    request.once("error", () => resolve({ aborted: true }));
    request.once("close", () => resolve({ aborted: true }));
  });
}
