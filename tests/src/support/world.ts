import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type PersonizeApi, type PersonizeApiOptions, startPersonizeApi } from "@acme/personize-api";
import type { Receipt, SyncSummary } from "@acme/sync-core";
import { afterAll, beforeAll } from "vitest";
import { endProcesses, type Ended, RUNNER_BIN, type Running, startCommand } from "./command-line.ts";
import { type Database, type DatabaseServer, POSTGRES_PASSWORD, startDatabaseServer } from "./database-server.ts";

export const KEY = "sk_test_wr1tten4tests";
/** Stands in every value that tests write into rows, so that it can be looked for where it must not be. */
export const CONTENT = "rowcontent";

/** A folder with a configuration, a database and a Personize stand-in of one test. */
export interface World {
  readonly folder: string;
  readonly database: Database;
  readonly api: PersonizeApi;
  /** The same database and the same service, seen from another folder. */
  inFolder(folder: string): World;
  /** Writes `sync.config.json`. */
  configure(config: Config): Promise<void>;
  /** Runs one command to its end. */
  run(...words: readonly string[]): Promise<Ended>;
  /** Runs one command with `--json` to its end and reads its document. */
  ask(...words: readonly string[]): Promise<{ readonly code: number | null; readonly document: Document }>;
  start(words: readonly string[], env?: Readonly<Record<string, string | undefined>>): Running;
  /** The same with the runner's program in place of the connector's. */
  startRunner(words: readonly string[], env?: Readonly<Record<string, string | undefined>>): Running;
  /** Runs `sync --json` and returns its receipt. Throws when there is none. */
  sync(...words: readonly string[]): Promise<Receipt>;
  /** Write requests that the stand-in was sent, refused ones included. */
  writes(): number;
  summary(): Promise<SyncSummary | null>;
}

/** What `--json` prints, as far as tests look at it by name. */
export interface Document {
  readonly command: string | null;
  readonly exitCode: number;
  readonly error?: { readonly kind: string; readonly message: string; readonly hint: string | null };
  readonly syncs: readonly {
    readonly sync: string;
    readonly receipt?: Receipt;
    readonly summary?: SyncSummary | null;
    readonly error?: { readonly kind: string; readonly message: string; readonly hint: string | null };
    readonly [name: string]: unknown;
  }[];
  readonly [name: string]: unknown;
}

export interface Config {
  readonly personize?: Readonly<Record<string, unknown>>;
  readonly engine?: Readonly<Record<string, unknown>>;
  readonly state?: string;
  readonly runner?: Readonly<Record<string, unknown>>;
  readonly syncs: Readonly<Record<string, unknown>>;
}

export interface Property {
  readonly sourceField: string;
  readonly collectionName?: string;
  readonly [name: string]: unknown;
}

export const CONTACTS = "Contacts Standard Schema";
export const COMPANIES = "Companies Standard Schema";
export const TEXTS = "Generated Content";

/** A mapping entry for a property of the contacts' schema, by default from the column of its name. */
export function contact(sourceField: string, rest: Readonly<Record<string, unknown>> = {}): Property {
  return { sourceField, collectionName: CONTACTS, ...rest };
}

/** One sync of `table` into contacts. */
export function contactSync(
  table: string,
  properties: Readonly<Record<string, Property>>,
  rest: {
    readonly source?: Readonly<Record<string, unknown>>;
    readonly mapping?: Readonly<Record<string, unknown>>;
    /** Beside source and mapping, or in their place. */
    readonly sync?: Readonly<Record<string, unknown>>;
  } = {},
): Config["syncs"][string] {
  return {
    connector: "postgres",
    source: { url: "${DATABASE_URL}", table, cursor: "updated_at", ...rest.source },
    mapping: { entityType: "contact", email: "email", properties, ...rest.mapping },
    ...rest.sync,
  };
}

/** A plan that no test reaches, unless it wants to. */
const ROOMY = { perMinute: 100_000, perMonth: 10_000_000, maxConcurrent: 50 };
/** Slow enough to be asynchronous, fast enough for a test. */
const QUICK = { lateLandingMs: 1500, landingTimeoutMs: 20_000, interruptGraceMs: 3000 };

export interface Worlds {
  /** A world of its own for one test; gone when all tests of the file are over. */
  create(options?: PersonizeApiOptions): Promise<World>;
  server(): DatabaseServer;
}

/** For the top of a test file: one PostgreSQL server for all its tests, and as many worlds as they want. */
export function useWorlds(): Worlds {
  let server: DatabaseServer | null = null;
  const endings: (() => Promise<void>)[] = [];
  const started = (): DatabaseServer => {
    if (server === null) throw new Error("PostgreSQL has not been started yet");
    return server;
  };
  beforeAll(async () => {
    server = await startDatabaseServer();
  });
  afterAll(async () => {
    await endProcesses();
    await Promise.all(endings.map((end) => end()));
    await server?.stop();
  });
  return { server: started, create: (options) => createWorld(started(), options ?? {}, endings) };
}

async function createWorld(
  server: DatabaseServer,
  options: PersonizeApiOptions,
  endings: (() => Promise<void>)[],
): Promise<World> {
  const database = await server.createDatabase();
  return createWorldOver({ database, secrets: [POSTGRES_PASSWORD] }, options, endings);
}

/** What a world reads from. */
export interface Ground {
  /** The built program that runs in it; absent: the Postgres connector's. */
  readonly bin?: string;
  readonly database: Database;
  /** What no output may contain. */
  readonly secrets: readonly string[];
}

/** A folder and a service of its own over a database that is there already. */
export async function createWorldOver(
  ground: Ground,
  options: PersonizeApiOptions,
  endings: (() => Promise<void>)[],
): Promise<World> {
  const folder = await mkdtemp(join(tmpdir(), "sync-tests-"));
  endings.push(() => rm(folder, { recursive: true, force: true }));
  const api = await startPersonizeApi({
    landingDelayMs: { minMs: 5, maxMs: 60 },
    ...options,
    organizations: options.organizations ?? [{ id: "org_tests", keys: [KEY], plan: ROOMY }],
  });
  endings.push(() => api.close());
  return createView(folder, ground, api);
}

function createView(folder: string, ground: Ground, api: PersonizeApi): World {
  const { database, bin } = ground;
  const shared = {
    ...(bin === undefined ? {} : { bin }),
    folder,
    env: { PERSONIZE_SECRET_KEY: KEY, PERSONIZE_BASE_URL: api.url, DATABASE_URL: database.url },
    secrets: [KEY, ...ground.secrets],
    contents: [CONTENT],
  };
  const start: World["start"] = (words, env) => startCommand(shared, words, env);
  const run: World["run"] = (...words) => start(words).ended;
  const ask: World["ask"] = async (...words) => {
    const { code, out, err } = await run(...words, "--json");
    if (err !== "") throw new Error(`${words.join(" ")} --json wrote to stderr:\n${err}`);
    return { code, document: readDocument(out) };
  };
  return {
    folder,
    database,
    api,
    inFolder: (other) => createView(other, ground, api),
    start,
    startRunner: (words, env) => startCommand({ ...shared, bin: RUNNER_BIN }, words, env),
    run,
    ask,
    configure: (config) =>
      writeFile(
        join(folder, "sync.config.json"),
        JSON.stringify({
          ...config,
          personize: { baseUrl: "${PERSONIZE_BASE_URL}", ...config.personize },
          engine: { ...QUICK, ...config.engine },
        }),
      ),
    async sync(...words) {
      const { document } = await ask("sync", ...words);
      const receipt = document.syncs[0]?.receipt;
      if (receipt === undefined) throw new Error(`sync wrote no receipt:\n${JSON.stringify(document, null, 2)}`);
      return receipt;
    },
    writes: () => api.control.requests({ method: "POST", path: "batch-memorize|/memorize|upsert|/save" }).length,
    async summary() {
      const { document } = await ask("state", "show");
      return document.syncs[0]?.summary ?? null;
    },
  };
}

/** Reads the one JSON document of `--json`. Throws when there is anything else on stdout. */
export function readDocument(out: string): Document {
  const document: Document = JSON.parse(out);
  return document;
}
