import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { defaultCollections, type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { type SalesforceApi, type SalesforceApiOptions, startSalesforceApi } from "@acme/salesforce-api";
import type { Receipt } from "@acme/sync-core";
import { afterAll } from "vitest";
import { type Ended, endProcesses, type Running, startCommand } from "./command-line.ts";
import { type Config, CONTENT, type Document, KEY, readDocument } from "./world.ts";

const BIN = fileURLToPath(new URL("../../../packages/connector-salesforce/dist/bin.js", import.meta.url));
const SECRET = "stand-in-secret";

/** A folder with a configuration, a Salesforce org and a Personize stand-in of one test. */
export interface SalesforceWorld {
  readonly folder: string;
  readonly salesforce: SalesforceApi;
  readonly api: PersonizeApi;
  /** Writes `sync.config.json` with one sync for each name. */
  configure(syncs: Readonly<Record<string, SalesforceSync>>): Promise<void>;
  start(words: readonly string[]): Running;
  run(...words: readonly string[]): Promise<Ended>;
  /** Runs `sync --json` and returns its first receipt. Throws when there is none. */
  sync(...words: readonly string[]): Promise<Receipt>;
}

export interface SalesforceSync {
  readonly source: Readonly<Record<string, unknown>>;
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

const dealCollection = {
  collectionName: "Deals",
  entityType: "deal",
  properties: ["name", "amount", "stage"].map((name) => ({
    propertyName: name,
    systemName: name,
    type: "text" as const,
  })),
};

/** For the top of a test file: as many worlds as its tests want, gone when all of them are over. */
export function useSalesforceWorlds(): (options?: SalesforceApiOptions) => Promise<SalesforceWorld> {
  const endings: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await endProcesses();
    await Promise.all(endings.map((end) => end()));
  });
  return async (options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), "sync-tests-salesforce-"));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const salesforce = await startSalesforceApi(options);
    endings.push(() => salesforce.close());
    const plan = { perMinute: 100_000, perMonth: 10_000_000, maxConcurrent: 50 };
    const api = await startPersonizeApi({
      landingDelayMs: { minMs: 5, maxMs: 60 },
      organizations: [{ id: "org_tests", keys: [KEY], plan, collections: [...defaultCollections, dealCollection] }],
    });
    endings.push(() => api.close());
    return createWorld(folder, salesforce, api);
  };
}

function createWorld(folder: string, salesforce: SalesforceApi, api: PersonizeApi): SalesforceWorld {
  const shared = {
    bin: BIN,
    folder,
    env: {
      PERSONIZE_SECRET_KEY: KEY,
      PERSONIZE_BASE_URL: api.url,
      SALESFORCE_LOGIN_URL: salesforce.url,
      SALESFORCE_CLIENT_ID: "stand-in-client",
      SALESFORCE_CLIENT_SECRET: SECRET,
    },
    secrets: [KEY, SECRET],
    contents: [CONTENT],
  };
  const start: SalesforceWorld["start"] = (words) => startCommand(shared, words);
  const ask = async (...words: readonly string[]): Promise<Document> => {
    const { out, err } = await start([...words, "--json"]).ended;
    if (err !== "") throw new Error(`${words.join(" ")} --json wrote to stderr:\n${err}`);
    return readDocument(out);
  };
  return {
    folder,
    salesforce,
    api,
    start,
    run: (...words) => start(words).ended,
    async configure(syncs) {
      const source = {
        loginUrl: "${SALESFORCE_LOGIN_URL}",
        clientCredentials: { clientId: "${SALESFORCE_CLIENT_ID}", clientSecret: "${SALESFORCE_CLIENT_SECRET}" },
      };
      const config: Config = {
        personize: { baseUrl: "${PERSONIZE_BASE_URL}" },
        engine: { lateLandingMs: 1500, landingTimeoutMs: 20_000, interruptGraceMs: 3000 },
        syncs: Object.fromEntries(
          Object.entries(syncs).map(([name, { source: own, ...rest }]) => [
            name,
            { connector: "salesforce", source: { ...source, ...own }, ...rest },
          ]),
        ),
      };
      await writeFile(join(folder, "sync.config.json"), JSON.stringify(config));
    },
    async sync(...words) {
      const document = await ask("sync", ...words);
      const receipt = document.syncs[0]?.receipt;
      if (receipt === undefined) throw new Error(`sync wrote no receipt:\n${JSON.stringify(document, null, 2)}`);
      return receipt;
    },
  };
}
