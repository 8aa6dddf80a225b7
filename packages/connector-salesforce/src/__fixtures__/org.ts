import { type Control, type SalesforceApi, type SalesforceApiOptions, startSalesforceApi } from "@acme/salesforce-api";
import type { Cursor, JsonObject, Page, Row, Source, Stream } from "@acme/sync-core";
import type { z } from "zod";
import { salesforceConfig } from "../config.ts";
import { type Machine, thisMachine } from "../machine.ts";
import { createSalesforceSource } from "../source.ts";
import { createTestRuntime, type TestRuntime } from "./test-runtime.ts";

export const never: AbortSignal = new AbortController().signal;
export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
/** When the tests take place; seeded records are older. */
export const TODAY = Date.UTC(2026, 10, 22, 12);

export const CLIENT = { clientId: "stand-in-client", clientSecret: "stand-in-secret" };
export const SECRETS = ["stand-in-secret", "stand-in-refresh", "stand-in-password", "stand-in-token"];

type Config = z.input<typeof salesforceConfig>;
export type Settings = Partial<Config>;

export interface TestOrg {
  readonly api: SalesforceApi;
  readonly control: Control;
  readonly runtime: TestRuntime;
  source(config?: Settings, machine?: Machine): Source;
  /** Paths and queries of requests since a number, in the order in which they came; without logins. */
  calls(afterNumber?: number): readonly string[];
  lastNumber(): number;
  stop(): Promise<void>;
}

/** A stand-in and a clock that both sides read. */
export async function startOrg(options: SalesforceApiOptions = {}): Promise<TestOrg> {
  const runtime = createTestRuntime(TODAY);
  const api = await startSalesforceApi({
    now: () => runtime.now(),
    requestLogSize: 100_000,
    logBodies: true,
    ...options,
    org: { untilMs: TODAY - DAY, ...options.org },
  });
  const open: Source[] = [];
  return {
    api,
    control: api.control,
    runtime,
    source(config = {}, machine = thisMachine) {
      const hasWay = ["oauth", "jwt", "password"].some((way) => way in config);
      const source = createSalesforceSource(
        salesforceConfig.parse({
          object: "Contact",
          loginUrl: api.url,
          ...(hasWay ? {} : { clientCredentials: CLIENT }),
          ...config,
        }),
        runtime,
        machine,
      );
      open.push(source);
      return source;
    },
    calls: (afterNumber = 0) =>
      api.control
        .requests({ afterNumber })
        .filter(({ path }) => !path.includes("/oauth2/"))
        .map(({ method, path, query }) => decodeURIComponent(`${method} ${path}${query}`)),
    lastNumber: () => api.control.requests().at(-1)?.number ?? 0,
    async stop() {
      await Promise.all(open.map((source) => source.close()));
      await api.close();
    },
  };
}

/** The only stream of a source, with only these fields beside the key and the cursor field. */
export async function streamOf(source: Source, fields: readonly string[] = []): Promise<Stream> {
  const [stream] = await source.streams(never);
  if (stream === undefined) throw new Error("the source has no stream");
  const wanted = new Set([...fields, ...stream.key, stream.cursorField]);
  for (const field of fields) {
    if (!stream.fields.some((known) => known.name === field)) throw new Error(`the stream has no field ${field}`);
  }
  return { ...stream, fields: stream.fields.filter((field) => wanted.has(field.name)) };
}

export async function readAll(source: Source, stream: Stream, after: Cursor | null = null): Promise<Page[]> {
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
export const lastCursor = (pages: readonly Page[]): Cursor => pages.at(-1)?.cursor ?? null;
export const noticesOf = (pages: readonly Page[]): readonly string[] => pages.flatMap((page) => page.notices ?? []);

/** A field's value where it is a text; else nothing. */
export function textOf({ fields }: Pick<Row, "fields">, name: string): string {
  const value = fields[name];
  return typeof value === "string" ? value : "";
}

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

/** What the org holds now: live records, with their value of one field. */
export function truth(control: Control, object: string, field: string): ReadonlyMap<string, unknown> {
  return new Map([...control.eachRow({ object })].map((row) => [row.id, row.values[field] ?? null]));
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

/** Fails where a reader does not hold what the org holds. */
export function missingOf(
  { control }: TestOrg,
  reader: Reader,
  object = "Contact",
  field = "LastName",
): readonly string[] {
  return differences(truth(control, object, field), heldValues(reader, field));
}
