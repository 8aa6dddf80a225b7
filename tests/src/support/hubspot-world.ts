import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type HubspotApi, type HubspotApiOptions, startHubspotApi } from "@acme/hubspot-api";
import { defaultCollections, type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import type { Receipt } from "@acme/sync-core";
import { afterAll } from "vitest";
import { type Ended, endProcesses, type Running, startCommand } from "./command-line.ts";
import { type Config, CONTENT, type Document, KEY, readDocument } from "./world.ts";

const BIN = fileURLToPath(new URL("../../../packages/connector-hubspot/dist/bin.js", import.meta.url));
export const TOKEN = "pat-eu1-stand-in-t0ken";

/** A folder with a configuration, a HubSpot portal and a Personize stand-in of one test. */
export interface HubspotWorld {
  readonly folder: string;
  readonly hubspot: HubspotApi;
  readonly api: PersonizeApi;
  /** Writes `sync.config.json` with one sync for each name. */
  configure(syncs: Readonly<Record<string, HubspotSync>>): Promise<void>;
  start(words: readonly string[], env?: Readonly<Record<string, string | undefined>>): Running;
  run(...words: readonly string[]): Promise<Ended>;
  /** Runs `sync --json` and returns its first receipt. Throws when there is none. */
  sync(...words: readonly string[]): Promise<Receipt>;
  /** Runs a command with `--json` and reads its document. */
  ask(...words: readonly string[]): Promise<Document>;
}

export interface HubspotSync {
  readonly source: Readonly<Record<string, unknown>>;
  readonly mapping: Readonly<Record<string, unknown>>;
  readonly [option: string]: unknown;
}

export const dealCollection = {
  collectionName: "Deals",
  entityType: "deal",
  properties: ["name", "amount", "stage"].map((name) => ({
    propertyName: name,
    systemName: name,
    type: "text" as const,
  })),
};
export const noteCollection = {
  collectionName: "Notes",
  entityType: "note",
  properties: [
    { propertyName: "Body", systemName: "body", type: "text" as const },
    { propertyName: "Contacts", systemName: "contacts", type: "array" as const },
  ],
};

/** For the top of a test file: as many worlds as its tests want, gone when all of them are over. */
export function useHubspotWorlds(): (options?: HubspotApiOptions) => Promise<HubspotWorld> {
  const endings: (() => Promise<void>)[] = [];
  afterAll(async () => {
    await endProcesses();
    await Promise.all(endings.map((end) => end()));
  });
  return async (options = {}) => {
    const folder = await mkdtemp(join(tmpdir(), "sync-tests-hubspot-"));
    endings.push(() => rm(folder, { recursive: true, force: true }));
    const hubspot = await startHubspotApi({ apps: [{ kind: "private-app", token: TOKEN }], ...options });
    endings.push(() => hubspot.close());
    const plan = { perMinute: 100_000, perMonth: 10_000_000, maxConcurrent: 50 };
    const collections = [...defaultCollections, dealCollection, noteCollection];
    const api = await startPersonizeApi({
      landingDelayMs: { minMs: 5, maxMs: 60 },
      organizations: [{ id: "org_tests", keys: [KEY], plan, collections }],
    });
    endings.push(() => api.close());
    return createWorld(folder, hubspot, api);
  };
}

function createWorld(folder: string, hubspot: HubspotApi, api: PersonizeApi): HubspotWorld {
  const shared = {
    bin: BIN,
    folder,
    env: {
      PERSONIZE_SECRET_KEY: KEY,
      PERSONIZE_BASE_URL: api.url,
      HUBSPOT_TOKEN: TOKEN,
      HUBSPOT_BASE_URL: hubspot.url,
    },
    secrets: [KEY, TOKEN],
    contents: [CONTENT],
  };
  const start: HubspotWorld["start"] = (words, env) => startCommand(shared, words, env);
  const ask: HubspotWorld["ask"] = async (...words) => {
    const { out, err } = await start([...words, "--json"]).ended;
    if (err !== "") throw new Error(`${words.join(" ")} --json wrote to stderr:\n${err}`);
    return readDocument(out);
  };
  return {
    folder,
    hubspot,
    api,
    start,
    ask,
    run: (...words) => start(words).ended,
    async configure(syncs) {
      const config: Config = {
        personize: { baseUrl: "${PERSONIZE_BASE_URL}" },
        engine: { lateLandingMs: 1500, landingTimeoutMs: 20_000, interruptGraceMs: 3000 },
        syncs: Object.fromEntries(
          Object.entries(syncs).map(([name, { source, ...rest }]) => [
            name,
            {
              connector: "hubspot",
              source: { token: "${HUBSPOT_TOKEN}", baseUrl: "${HUBSPOT_BASE_URL}", ...source },
              ...rest,
            },
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
