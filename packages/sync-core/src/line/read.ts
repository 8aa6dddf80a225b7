import type { Cursor, Page, Source, Stream } from "../contracts/source.ts";
import { createPatience, type PatiencePorts } from "./patience.ts";

/**
 * The pages of a stream after a cursor, one read ahead of the one being worked on. A passing fault of the source is tried
 * again from the last page's cursor.
 */
export async function* read(
  source: Source,
  stream: Stream,
  after: Cursor | null,
  ports: PatiencePorts,
): AsyncGenerator<Page> {
  const pages = resuming(source, stream, after, ports);
  let next = pages.next();
  try {
    for (;;) {
      const result = await next;
      if (result.done === true) return;
      next = pages.next();
      // Whoever leaves this loop early never looks at the page that was read ahead.
      next.catch(() => undefined);
      yield result.value;
    }
  } finally {
    void pages.return(undefined).catch(() => undefined);
  }
}

async function* resuming(
  source: Source,
  stream: Stream,
  after: Cursor | null,
  ports: PatiencePorts,
): AsyncGenerator<Page> {
  const patience = createPatience(ports);
  let cursor = after;
  for (;;) {
    try {
      for await (const page of source.read(stream, cursor, ports.signal)) {
        patience.restore();
        cursor = page.cursor;
        yield page;
      }
      return;
    } catch (error) {
      await patience.afterFault(error);
    }
  }
}
