import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";
import type { Connector } from "../contracts/connector.ts";
import { ConfigError } from "../contracts/errors.ts";
import { type ConfigNeeds, type LoadedConfig, loadConfig } from "./load-config.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

const connector: Connector = {
  name: "postgres",
  packageName: "@acme/connector-postgres",
  version: "1.2.3",
  config: z.strictObject({
    url: z.string().min(1).meta({ secret: true }),
    table: z.string(),
    pageSize: z.int().positive().default(500),
    strict: z.boolean().default(false),
  }),
  create() {
    throw new Error("not used here");
  },
};

const all: ConfigNeeds = { secretKey: "required", syncs: "selected", source: true, mapping: true };
const nothing: ConfigNeeds = { secretKey: "unused", syncs: "selected", source: false, mapping: false };

const good = `personize: { secretKey: \${PERSONIZE_SECRET_KEY} }
syncs:
  customers:
    connector: postgres
    source: { url: \${DATABASE_URL}, table: public.customers, pageSize: \${PAGE_SIZE:-250} }
    mapping:
      entityType: contact
      email: email
      properties:
        first_name: { sourceField: first_name, collectionName: Contacts }
    schedule: "0 2 * * *"
`;
const env = { PERSONIZE_SECRET_KEY: "sk_live_0123456789", DATABASE_URL: "postgres://app:swordfish-9@db/shop" };

let root: string;
let folders = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "sync-config-"));
});
afterAll(() => rm(root, { recursive: true, force: true }));

interface Setup {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly only?: readonly string[];
  readonly needs?: ConfigNeeds;
  readonly file?: string;
  readonly redactor?: Redactor;
}

async function load(setup: Setup): Promise<LoadedConfig> {
  folders += 1;
  const cwd = join(root, String(folders));
  await mkdir(cwd);
  for (const [name, text] of Object.entries(setup.files ?? { "sync.config.yaml": good })) {
    await writeFile(join(cwd, name), text);
  }
  return loadConfig({
    cwd,
    env: setup.env ?? env,
    file: setup.file ?? null,
    connectors: [connector],
    only: setup.only ?? null,
    needs: setup.needs ?? all,
    ...(setup.redactor === undefined ? {} : { redactor: setup.redactor }),
  });
}

async function problemsOf(setup: Setup): Promise<{ readonly message: string; readonly hint: string }> {
  try {
    await load(setup);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { message: error.message, hint: error.hint ?? "" };
  }
  throw new Error("the configuration was accepted");
}

const yaml = (text: string): Setup => ({ files: { "sync.config.yaml": text } });

describe("a good configuration", () => {
  it("is loaded with defaults, interpolated, converted and checked by the connector", async () => {
    const config = await load({});
    expect(config.secretKey).toBe(env.PERSONIZE_SECRET_KEY);
    expect(config.personize).toEqual({
      baseUrl: "https://agent.personize.ai",
      timeoutMs: 60_000,
      rateUnit: "row",
      maxConcurrentRequests: 4,
    });
    expect(config.engine).toEqual({
      maxBufferedBytes: 64 * 1024 * 1024,
      landingTimeoutMs: 30 * 60_000,
      interruptGraceMs: 20_000,
      lateLandingMs: 10 * 60_000,
      readBackRecords: 12,
    });
    expect(config.state).toBe(join(config.directory, ".sync/state.db"));
    expect(config.syncs).toMatchObject([
      {
        name: "customers",
        source: { url: env.DATABASE_URL, table: "public.customers", pageSize: 250, strict: false },
        mapping: { entityType: "contact", where: [] },
        schedule: "0 2 * * *",
      },
    ]);
  });

  it.each([
    ["sync.config.yml", good],
    ["sync.config.json", JSON.stringify({ syncs: { a: { connector: "postgres", source: { url: "x", table: "t" } } } })],
    [
      "sync.config.mjs",
      'export default (env) => ({ syncs: { a: { connector: "postgres", source: { url: env.DATABASE_URL, table: "t" } } } });',
    ],
    [
      "sync.config.ts",
      'const table: string = "t";\nexport default { syncs: { a: { connector: "postgres", source: { url: "${DATABASE_URL}", table } } } };',
    ],
  ])("is found as %s", async (name, text) => {
    const config = await load({ files: { [name]: text }, needs: { ...all, mapping: false } });
    expect(config.syncs).toHaveLength(1);
  });

  it("is named with --config", async () => {
    const config = await load({ files: { "other.yaml": good }, file: "other.yaml" });
    expect(config.file).toContain("other.yaml");
  });

  it("takes the key from the environment when the file names none, and trims it", async () => {
    const text = good.replace(/^personize.*\n/, "");
    const config = await load({ ...yaml(text), env: { ...env, PERSONIZE_SECRET_KEY: "sk_live_0123456789\n" } });
    expect(config.secretKey).toBe("sk_live_0123456789");
  });

  it("reads .env beside it; the real environment wins", async () => {
    const files = {
      "sync.config.yaml": good,
      ".env": "DATABASE_URL=postgres://from-file/x\nPERSONIZE_SECRET_KEY='sk_live_from_file'\n",
    };
    const config = await load({ files, env: { DATABASE_URL: "postgres://real/x" } });
    expect(config.secretKey).toBe("sk_live_from_file");
    expect(config.syncs[0]?.source).toMatchObject({ url: "postgres://real/x" });
  });

  it("converts what comes from the environment to what the schema wants", async () => {
    const text = `${good.replace("pageSize: ${PAGE_SIZE:-250}", "pageSize: ${PAGE_SIZE}, strict: ${STRICT}")}engine: { interruptGraceMs: \${GRACE} }\n`;
    const config = await load({ ...yaml(text), env: { ...env, PAGE_SIZE: "7", STRICT: "true", GRACE: "5" } });
    expect(config.syncs[0]?.source).toMatchObject({ pageSize: 7, strict: true });
    expect(config.engine.interruptGraceMs).toBe(5);
  });

  it("needs no variable to be set where nothing of it is used", async () => {
    const text = `${good}state: \${STATE:-here.db}\nengine: { landingTimeoutMs: \${UNSET_TOO} }\n`.replace(
      "personize: {",
      "personize: { baseUrl: ${UNSET_URL}, rateUnit: ${UNSET_UNIT},",
    );
    const config = await load({ ...yaml(text), env: {}, needs: nothing });
    expect(config.secretKey).toBeNull();
    expect(config.personize).toMatchObject({ baseUrl: "https://agent.personize.ai", rateUnit: "row" });
    expect(config.state).toBe(join(config.directory, "here.db"));
    expect(config.syncs[0]?.source).toBeUndefined();
  });

  it("takes a URL for the state as it is, and tells its password to nobody", async () => {
    const redactor = createRedactor([]);
    const config = await load({ ...yaml(`${good}state: postgres://u:state-secret-1@h/x\n`), redactor });
    expect(config.state).toBe("postgres://u:state-secret-1@h/x");
    expect(redactor.redact("it said state-secret-1 again")).toBe("it said *** again");
  });

  it("lets other connectors' syncs be, and those that --only leaves out", async () => {
    const text = `${good}  deals:\n    connector: hubspot\n    source: { token: \${HUBSPOT_TOKEN} }\n  orders:\n    connector: postgres\n    source: { url: \${ORDERS_URL}, table: o }\n`;
    const config = await load({ ...yaml(text), only: ["customers"] });
    expect(config.syncs.map((sync) => sync.name)).toEqual(["customers"]);
    expect(config.otherSyncs).toEqual([{ name: "deals", connector: "hubspot" }]);
  });

  it("knows whether and how much may be deleted, and what is read apart from secrets", async () => {
    const deleting = good.replace("schedule", "deletes: delete\n    schedule");
    const [off, on] = [await load({}), await load(yaml(deleting))].map(({ syncs }) => syncs[0]?.deletes);
    expect(off).toBeNull();
    expect(on).toMatchObject({ maxShare: 0.05, selection: expect.stringMatching(/^[0-9a-f]{64}$/) });
    const selectionOf = async (text: string, changed: Record<string, string> = {}): Promise<string | undefined> =>
      (await load({ ...yaml(text), env: { ...env, ...changed } })).syncs[0]?.deletes?.selection;
    const rotated = await selectionOf(deleting, { DATABASE_URL: "postgres://app:another-secret@db/shop" });
    const moved = await selectionOf(deleting, { DATABASE_URL: "postgres://app:swordfish-9@db2/shop" });
    const remapped = await selectionOf(deleting.replace("schedule", "maxDeleteShare: 0.2\n    schedule"));
    expect([rotated === on?.selection, remapped === on?.selection, moved === on?.selection]).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("has a digest without secrets", async () => {
    const first = await load({});
    const rotated = await load({
      env: { PERSONIZE_SECRET_KEY: "sk_live_2", DATABASE_URL: "postgres://app:new@db/shop" },
    });
    const moved = await load({ env: { ...env, DATABASE_URL: "postgres://app:swordfish-9@db2/shop" } });
    const later = await load(yaml(good.replace("0 2 *", "0 3 *")));
    const [digest] = first.syncs.map((sync) => sync.digest);
    expect(rotated.syncs[0]?.digest).toBe(digest);
    expect(later.syncs[0]?.digest).toBe(digest);
    expect(moved.syncs[0]?.digest).not.toBe(digest);
  });
});

describe("a bad configuration", () => {
  it.each<readonly [string, Setup, readonly string[], string]>([
    ["no file", { files: {} }, ["no configuration found"], "--config FILE"],
    ["no such file", { file: "nope.yaml" }, ["there is no file nope.yaml"], "--config"],
    ["two files", { files: { "sync.config.yaml": good, "sync.config.json": "{}" } }, ["2 configurations"], "Keep one"],
    ["an empty file", yaml(""), ["is empty"], "syncs"],
    ["a list", yaml("- a\n"), ["holds no options"], "syncs"],
    ["no syncs", yaml("syncs: {}\n"), ["line 1: syncs: name at least one sync"], ""],
    [
      "an unset variable",
      { env: { PERSONIZE_SECRET_KEY: "sk_x" } },
      ["line 5: syncs.customers.source.url: the environment variable DATABASE_URL is not set"],
      "export DATABASE_URL",
    ],
    ["an empty variable", { env: { ...env, DATABASE_URL: "" } }, ["DATABASE_URL is set, but empty"], "DATABASE_URL"],
    [
      "an unset variable where a URL is expected",
      { ...yaml(good.replace("personize: {", "personize: { baseUrl: ${UNSET_URL},")), env },
      ["personize.baseUrl: the environment variable UNSET_URL is not set"],
      "UNSET_URL",
    ],
    [
      "a malformed reference",
      yaml(good.replace("public.customers", "${}")),
      ["syncs.customers.source.table: holds ${ without"],
      "$${",
    ],
    ["no key at all", { env: { DATABASE_URL: "x" } }, ["PERSONIZE_SECRET_KEY is not set"], "personize.secretKey"],
    [
      "another key variable",
      { ...yaml(good.replace("PERSONIZE_SECRET_KEY", "MY_KEY")), env: { DATABASE_URL: "x" } },
      ["neither MY_KEY nor PERSONIZE_SECRET_KEY"],
      "",
    ],
    ["a wrong option at the top", yaml(`${good}stat: x\n`), ['stat: unknown option. Did you mean "state"?'], ""],
    [
      "a wrong option of personize",
      yaml(good.replace("secretKey:", "secretkey:")),
      ['personize.secretkey: unknown option. Did you mean "secretKey"?'],
      "",
    ],
    [
      "a wrong option of the source",
      yaml(good.replace("table:", "tabel:")),
      [
        'line 5: syncs.customers.source.tabel: unknown option. Did you mean "table"?',
        "syncs.customers.source.table: is missing",
      ],
      "",
    ],
    [
      "a wrong option of the mapping",
      yaml(good.replace("sourceField", "sorceField")),
      ['syncs.customers.mapping.properties.first_name.sorceField: unknown option. Did you mean "sourceField"?'],
      "",
    ],
    [
      "a number for text",
      yaml(good.replace("email: email", "email: 12")),
      ["syncs.customers.mapping.email: expected text, found a number; put it in quotes"],
      "",
    ],
    [
      "an unknown choice",
      yaml(good.replace("{ secretKey", "{ rateUnit: rows, secretKey")),
      ['expected one of "row", "chunk", "call". Did you mean "row"?'],
      "",
    ],
    [
      "a condition of no known form",
      yaml(good.replace("email: email", "email: email\n      where: [{ field: a, equls: 1 }]")),
      ["where[0]: expected one of these forms: { field, equals }"],
      "",
    ],
    [
      "a newer file",
      yaml(`version: 2\n${good}`),
      ["configuration version 2; this program understands up to version 1"],
      "",
    ],
    [
      "deletes",
      yaml(good.replace("schedule", "deletes: purge\n    maxDeleteShare: 5\n    schedule")),
      ["deletes: ", "maxDeleteShare: "],
      "",
    ],
    [
      "a name that is none",
      yaml(good.replace("customers:", '"my customers":')),
      ["a sync's name is made of letters"],
      "",
    ],
    [
      "no sync of ours",
      yaml(good.replace("connector: postgres", "connector: hubspot")),
      ['no sync uses "postgres"; configured are "hubspot"'],
      "connector: postgres",
    ],
    [
      "a misspelt connector",
      yaml(good.replace("connector: postgres", "connector: postgress")),
      ['unknown connector. Did you mean "postgres"?'],
      "",
    ],
    [
      "an unknown name behind --only",
      { only: ["custmers"] },
      ['--only custmers: there is no such sync. Did you mean "customers"?'],
      "--only",
    ],
    [
      "another connector's name behind --only",
      { ...yaml(`${good}  deals: { connector: hubspot, source: {} }\n`), only: ["deals"] },
      ['uses the connector "hubspot"'],
      "",
    ],
    [
      "no mapping where one is needed",
      yaml(good.replace(/ {4}mapping:[\s\S]*Contacts }\n/, "")),
      ["syncs.customers.mapping: is missing"],
      "discover",
    ],
    [
      "a module that cannot be run",
      { files: { "sync.config.mjs": "export default {" } },
      ["sync.config.mjs could not be run ("],
      "node sync.config.mjs",
    ],
    [
      "a module without a default",
      { files: { "sync.config.mjs": "export const x = 1;" } },
      ["has no default export"],
      "",
    ],
    [
      "a forgotten space",
      yaml(`personize: {secretKey:sk_live_0123456789}\n${good.replace(/^personize.*\n/, "")}`),
      ['personize.…: unknown option. Write a space after the colon of "secretKey:".'],
      "",
    ],
  ])("%s", async (_, setup, messages, hint) => {
    const problems = await problemsOf(setup);
    for (const message of messages) expect(problems.message).toContain(message);
    expect(problems.hint).toContain(hint);
    expect(problems.message + problems.hint).not.toMatch(/sk_live_\d|swordfish/);
  });

  it("lists everything that is wrong at once, in the order of the file", async () => {
    const text = `${good.replace("table:", "tabel:").replace("email: email", "email: 12")}stat: x\n`;
    const { message } = await problemsOf({ ...yaml(text), env: {} });
    const lines = [...message.matchAll(/- line (\d+)/g)].map((match) => Number(match[1]));
    expect(lines).toEqual([1, 5, 5, 5, 8, 12]);
    expect(message).toMatch(/^sync\.config\.yaml has 6 problems:/);
  });
});

describe("secrets", () => {
  const ALPHABET = "abcXYZ0189!@#%^&*()-_=+[]{}|;:,.<>/?~`'\"\\ ";
  // Whatever goes wrong, and wherever a secret stands in the file or in the environment.
  const secret = fc
    .string({ unit: fc.constantFrom(...ALPHABET.split("")), minLength: 10, maxLength: 30 })
    .map((text) => `Zq7${text.trim()}vK9`);
  const mistakes = [
    (text: string) => text,
    (text: string) => text.replace("table:", "tabel:"),
    (text: string) => text.replace("connector: postgres", "connector: postgress"),
    (text: string) => text.replace("email: email", "email: [1"),
    (text: string) => text.replace("entityType", "\tentityType"),
    (text: string) => text.replace("properties:", "properties"),
    (text: string) => `${text}version: 9\n`,
  ];
  const places = [
    (value: string) => good.replace("${DATABASE_URL}", value),
    (value: string) => good.replace("{ url: ${DATABASE_URL}, ", `{ url: postgres://app:${value}@db/shop, `),
    (value: string) => good.replace("{ url: ${DATABASE_URL}, ", `{ url: x, password: ${value}, `),
    (value: string) => good.replace("${PERSONIZE_SECRET_KEY}", value),
    (value: string) =>
      good.replace(/source: \{.*\}/, `source:\n      url: "${value}"\n      password: ${value}\n      table: x`),
    (value: string) => good.replace(/source: \{.*\}/, `source:\n      url: '${value}\n      table: x`),
    (value: string) => good.replace("personize: {", `personize: {secretKey:${value}, `),
    (value: string) => `${good}state: postgres://app:${value}@db/sync\n`,
  ];

  it("never stand in an error, wherever they are written and whatever else is wrong", { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        secret,
        fc.constantFrom(...places),
        fc.constantFrom(...mistakes),
        fc.boolean(),
        async (value, place, mistake, inEnvironment) => {
          const text = mistake(inEnvironment ? good : place(value));
          const setEnv = inEnvironment
            ? { PERSONIZE_SECRET_KEY: value, DATABASE_URL: `postgres://app:${value}@db/x` }
            : env;
          let shown = "";
          try {
            await load({ ...yaml(text), env: setEnv });
          } catch (error) {
            if (!(error instanceof ConfigError)) throw error;
            shown = `${error.message}\n${error.hint ?? ""}`;
          }
          expect(shown).not.toContain(value);
          expect(shown).not.toContain("Zq7");
          expect(shown).not.toContain("vK9");
        },
      ),
      { numRuns: 500 },
    );
  });
});
