import { SyncError, type TransientError } from "../contracts/errors.ts";
import type { Runtime } from "../contracts/runtime.ts";
import type { Cursor, Page, Source, Stream } from "../contracts/source.ts";

/** Passing faults of a source in a row, without a page between them, before the run gives up. */
const MAX_FAULTS = 6;
const FIRST_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 20_000;

export interface ReadPorts {
  readonly runtime: Runtime;
  readonly signal: AbortSignal;
  readonly onFault: (error: TransientError, waitMs: number) => void;
}

/**
 * The pages of a stream after a cursor, one read ahead of the one being worked on. A passing fault of the source is tried
 * again from the last page's cursor.
 */
export async function* read(
  source: Source,
  stream: Stream,
  after: Cursor | null,
  ports: ReadPorts,
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

async function* resuming(source: Source, stream: Stream, after: Cursor | null, ports: ReadPorts): AsyncGenerator<Page> {
  let cursor = after;
  let faults = 0;
  for (;;) {
    try {
      for await (const page of source.read(stream, cursor, ports.signal)) {
        faults = 0;
        cursor = page.cursor;
        yield page;
      }
      return;
    } catch (error) {
      ports.signal.throwIfAborted();
      faults += 1;
      if (!isTransient(error) || faults > MAX_FAULTS) throw error;
      const backoffMs = Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (faults - 1));
      const waitMs = Math.max(error.retryAfterMs ?? 0, backoffMs / 2 + (backoffMs / 2) * ports.runtime.random());
      ports.onFault(error, waitMs);
      await ports.runtime.sleep(waitMs, ports.signal);
    }
  }
}

function isTransient(error: unknown): error is TransientError {
  return SyncError.is(error) && error.kind === "transient";
}
