import type { Cursor, Page, Source, Stream } from "../../contracts/source.ts";

type ReadPages = (stream: Stream, after: Cursor | null, signal: AbortSignal) => AsyncIterable<Page>;

/** The same source with some of its methods replaced; each gets the original one. */
export function wrap(source: Source, changes: (original: Source) => Partial<Source>): Source {
  const original: Source = {
    check: (signal) => source.check(signal),
    streams: (signal) => source.streams(signal),
    read: (stream, after, signal) => source.read(stream, after, signal),
    lookup: (stream, keys, signal) => source.lookup(stream, keys, signal),
    close: () => source.close(),
  };
  return { ...original, ...changes(original) };
}

/** A `read` that gives every page of the original one changed. */
export function changing(source: Source, change: (page: Page) => Page): ReadPages {
  return async function* read(stream, after, signal) {
    for await (const page of source.read(stream, after, signal)) yield change(page);
  };
}
