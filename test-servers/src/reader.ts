import type { Cursor, JsonObject, Page, Row, Source, Stream } from "@acme/sync-core";
import { never, onlyStream } from "./reading.ts";

/** The only stream of a source, with only these fields beside the key and the cursor field. */
export async function streamOf(source: Source, fields: readonly string[] = []): Promise<Stream> {
  const stream = await onlyStream(source);
  const wanted = new Set([...fields, ...stream.key, stream.cursorField]);
  for (const field of fields) {
    if (!stream.fields.some((known) => known.name === field)) throw new Error(`the stream has no field ${field}`);
  }
  return { ...stream, fields: stream.fields.filter((field) => wanted.has(field.name)) };
}

export const rowsOf = (pages: readonly Page[]): readonly Row[] => pages.flatMap((page) => page.rows);
export const keysOf = (pages: readonly Page[]): readonly string[] =>
  rowsOf(pages)
    .filter((row) => row.deleted !== true)
    .map((row) => row.key);
export const deletedOf = (pages: readonly Page[]): readonly string[] =>
  rowsOf(pages)
    .filter((row) => row.deleted === true)
    .map((row) => row.key);

/** What a destination would hold: the last version of each row. Cursors go through JSON, as a state store would have them. */
export interface Reader {
  readonly held: ReadonlyMap<string, JsonObject>;
  readonly pages: readonly Page[];
  cursor(): Cursor;
  /** Reads until there is nothing more for now, or for so many pages. Returns the pages of this run. */
  run(maxPages?: number): Promise<readonly Page[]>;
}

export function createReader(source: Source, stream: Stream): Reader {
  const held = new Map<string, JsonObject>();
  const pages: Page[] = [];
  let cursor: Cursor = null;
  return {
    held,
    pages,
    cursor: () => cursor,
    async run(maxPages = Number.POSITIVE_INFINITY) {
      const run: Page[] = [];
      for await (const page of source.read(stream, cursor, never)) {
        run.push(page);
        pages.push(page);
        cursor = JSON.parse(JSON.stringify(page.cursor));
        for (const row of page.rows) {
          if (row.deleted === true) held.delete(row.key);
          else held.set(row.key, row.fields);
        }
        if (run.length >= maxPages) break;
      }
      return run;
    },
  };
}

export function heldValues(reader: Reader, field: string): ReadonlyMap<string, unknown> {
  return new Map([...reader.held].map(([key, fields]) => [key, fields[field] ?? null]));
}

/** For comparing two maps with a readable difference. */
export function differences(
  left: ReadonlyMap<string, unknown>,
  right: ReadonlyMap<string, unknown>,
): readonly string[] {
  const found: string[] = [];
  for (const [key, value] of left) {
    if (!right.has(key)) found.push(`${key} is missing`);
    else if (right.get(key) !== value) found.push(`${key} is ${String(right.get(key))}, not ${String(value)}`);
  }
  for (const key of right.keys()) if (!left.has(key)) found.push(`${key} should not be there`);
  return found.slice(0, 10);
}
