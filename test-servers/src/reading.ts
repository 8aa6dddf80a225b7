import { createSystemRuntime, type Page, type Runtime, type Source, type Stream } from "@acme/sync-core";

/** The real clock, the real chance. */
export const runtime: Runtime = createSystemRuntime();

export const never: AbortSignal = new AbortController().signal;

export async function onlyStream(source: Source): Promise<Stream> {
  const [stream, ...others] = await source.streams(never);
  if (stream === undefined || others.length > 0) throw new Error("expected one stream");
  return stream;
}

/** A stream narrowed to some fields, as the engine does. */
export function narrow(stream: Stream, names: readonly string[]): Stream {
  return { ...stream, fields: stream.fields.filter((field) => names.includes(field.name)) };
}

/** All pages of a pass. Fails instead of going on for ever. */
export async function readAll(
  source: Source,
  stream: Stream,
  after: Page["cursor"] | null = null,
  signal: AbortSignal = never,
): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of source.read(stream, after, signal)) {
    // Cursors travel as text between runs.
    pages.push({ ...page, cursor: JSON.parse(JSON.stringify(page.cursor)) });
    if (pages.length > 20_000) throw new Error("the pass does not end");
  }
  return pages;
}
