import { type Control, type HubspotApi, type HubspotApiOptions, startHubspotApi } from "@acme/hubspot-api";
import type { Cursor, JsonObject, Page, Row, Stream } from "@acme/sync-core";
import type { z } from "zod";
import { createLibraryTransport } from "../client.ts";
import { hubspotConfig } from "../config.ts";
import { createHubspotSource, type HubspotSource } from "../source.ts";
import { createTestRuntime, type TestRuntime } from "./test-runtime.ts";

export const never: AbortSignal = new AbortController().signal;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When the tests take place; seeded records are older. */
export const TODAY = Date.UTC(2026, 10, 22, 12);

type Config = Omit<z.input<typeof hubspotConfig>, "baseUrl">;

export interface TestPortal {
  readonly api: HubspotApi;
  readonly control: Control;
  readonly runtime: TestRuntime;
  /** @param before is called before every request, with its body as JSON: what others do between two calls. */
  source(config?: Partial<Config>, before?: (body: string) => void): HubspotSource;
  stop(): Promise<void>;
}

export const TOKEN = "pat-eu1-stand-in";

/** A stand-in and a clock that both sides read. */
export async function startPortal(options: HubspotApiOptions = {}): Promise<TestPortal> {
  const runtime = createTestRuntime(TODAY);
  const api = await startHubspotApi({ now: () => runtime.now(), requestLogSize: 100_000, logBodies: true, ...options });
  const transport = createLibraryTransport(api.url);
  const open: HubspotSource[] = [];
  return {
    api,
    control: api.control,
    runtime,
    source(config = {}, before = () => undefined) {
      const credential = config.oauth === undefined ? { token: TOKEN } : {};
      const source = createHubspotSource(
        hubspotConfig.parse({ object: "contacts", ...credential, ...config, baseUrl: api.url }),
        runtime,
        async (request) => {
          before(JSON.stringify(request.body ?? null));
          return await transport(request);
        },
      );
      open.push(source);
      return source;
    },
    async stop() {
      await Promise.all(open.map((source) => source.close()));
      await api.close();
    },
  };
}

/** The only stream of a source, with only these fields beside the key and the modified date. */
export async function streamOf(source: HubspotSource, fields: readonly string[] = []): Promise<Stream> {
  const [stream] = await source.streams(never);
  if (stream === undefined) throw new Error("the source has no stream");
  const wanted = new Set([...fields, ...stream.key, stream.cursorField]);
  for (const field of fields) {
    if (!stream.fields.some((known) => known.name === field)) throw new Error(`the stream has no field ${field}`);
  }
  return { ...stream, fields: stream.fields.filter((field) => wanted.has(field.name)) };
}

export async function readAll(source: HubspotSource, stream: Stream, after: Cursor | null = null): Promise<Page[]> {
  const pages: Page[] = [];
  for await (const page of source.read(stream, after, never)) pages.push(page);
  return pages;
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
  /** Reads until there is nothing more for now. Returns the pages of this run. */
  run(maxPages?: number): Promise<readonly Page[]>;
}

export function createReader(source: HubspotSource, stream: Stream): Reader {
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

/** What the portal holds now: live records, with their value of one property. */
export function truth(control: Control, type: string, property: string): ReadonlyMap<string, string | null> {
  const found = new Map<string, string | null>();
  for (const record of control.eachRecord({ type })) found.set(record.id, record.properties[property] ?? null);
  return found;
}

export function heldValues(reader: Reader, property: string): ReadonlyMap<string, unknown> {
  return new Map([...reader.held].map(([key, fields]) => [key, fields[property] ?? null]));
}

/** Sorted, for comparing two maps with a readable difference. */
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
