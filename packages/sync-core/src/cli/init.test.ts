import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Connector } from "../contracts/connector.ts";
import type { Collection } from "../contracts/destination.ts";
import { AuthError } from "../contracts/errors.ts";
import type { Starter } from "../contracts/starter.ts";
import { createArrayConnector } from "./__fixtures__/array-connector.ts";
import { createFakeDestination } from "./__fixtures__/fake-destination.ts";
import { createFakeIo } from "./__fixtures__/fake-io.ts";
import { createCli } from "./create-cli.ts";
import { engineEntries } from "./engine-entries.ts";

const SECRET_KEY = "sk_live_abcdefgh12345678";
const PASSWORD = "correct-horse-9";
const complete = { PERSONIZE_SECRET_KEY: SECRET_KEY, ARRAY_PASSWORD: PASSWORD };

const collections: readonly Collection[] = [
  { id: "col_1", name: "People", entityType: "contact", properties: [{ names: ["name", "Name"], appendOnly: false }] },
];

let cwd: string;
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "sync-init-"));
});
afterEach(() => rm(cwd, { recursive: true, force: true }));

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly connectors?: readonly Connector[];
}

async function init(args: readonly string[], { env = complete, connectors }: RunOptions = {}) {
  const used = connectors ?? [createArrayConnector()];
  const cli = createCli({
    program: { name: "connector-array", packageName: "@acme/connector-array", version: "1.2.3" },
    connectors: used,
    entries: {
      ...engineEntries,
      sdkVersion: () => "0.18.0",
      createDestination: () => createFakeDestination({ collections: async () => collections }),
    },
  });
  const fake = createFakeIo({ cwd, env });
  const exitCode = await cli.run(["init", ...args], fake.io);
  const shown = fake.out() + fake.err();
  for (const secret of [SECRET_KEY, PASSWORD, "s3cret-in-a-flag"]) expect(shown).not.toContain(secret);
  return { exitCode, out: fake.out(), err: fake.err() };
}

const file = (name = "sync.config.yaml"): Promise<string> => readFile(join(cwd, name), "utf8");

/** A connector that brings ready mappings of two streams; `--stream` and the token decide which of them can be read. */
function withReadyMappings(starter: Partial<Starter> = {}, refused: readonly string[] = []): Connector {
  const connector = createArrayConnector();
  const ready = (stream: string, sourceField: string) => ({
    stream,
    entityType: "contact",
    identity: { kind: "email", keyName: null, sourceField: "email", reason: "each has one" } as const,
    collectionName: "People",
    properties: [{ property: "name", sourceField, reason: "the same" }],
  });
  return {
    ...connector,
    starter: {
      source: { password: "${ARRAY_PASSWORD}" },
      stream: { option: "table", example: "people" },
      keyOption: null,
      cursorOption: null,
      mappings: [ready("people", "name"), ready("members", "name"), ready("strangers", "no_such_field")],
      ...starter,
    },
    create: (config, runtime) => {
      const parsed = connector.config.parse(config);
      const source = connector.create(parsed, runtime);
      if (!refused.includes(parsed.table)) return source;
      const streams = async (): Promise<never> => {
        throw new AuthError(`the token may not read ${parsed.table}`, { hint: "Grant it." });
      };
      return { ...source, streams };
    },
  };
}

describe("init", () => {
  it("writes what it found on both sides, and what it writes passes the loader", async () => {
    const ran = await init(["--stream", "people", "--set", "slowMs=1"]);
    expect(ran).toMatchObject({ exitCode: 0, err: "" });
    expect(ran.out).toContain("The source answers: people, 3 fields.");
    expect(ran.out).toContain("Written to sync.config.yaml: people. Read it, then run `connector-array check`.");
    expect(await file()).toContain(`syncs:
  people:
    connector: array
    source:
      password: \${ARRAY_PASSWORD}
      slowMs: 1
      table: people
    mapping:
      entityType: contact # the rows have an email address, so they are taken for people
      email: email # one record for every email address; rows without one are parked
      properties:
        name: { sourceField: name, collectionName: People } # named like the property
        # Not mapped:
        # - keys and ids say nothing to a reader: n
        # - identifies the record already: email
`);
  });

  it("prints one document with the file's text in it", async () => {
    const ran = await init(["--stream", "people", "--json"]);
    expect(ran.err).toBe("");
    expect(JSON.parse(ran.out)).toMatchObject({
      command: "init",
      file: join(cwd, "sync.config.yaml"),
      content: await file(),
      syncs: [{ sync: "people", connector: "array", proposal: { identity: { kind: "email" } } }],
      findings: [{ level: "ok" }, { level: "ok" }],
      exitCode: 0,
    });
  });

  it.each([
    ["neither side", {}, 2],
    ["the source only", { ARRAY_PASSWORD: PASSWORD }, 1],
    ["Personize only", { PERSONIZE_SECRET_KEY: SECRET_KEY }, 1],
  ])("with credentials for %s it asks that much, and says what is left to do", async (_, env, warnings) => {
    const ran = await init(["--stream", "people"], { env });
    expect(ran.exitCode).toBe(0);
    expect(ran.out.match(/^! /gm)).toHaveLength(warnings);
    expect(await file()).toContain("${ARRAY_PASSWORD}");
    if (!("PERSONIZE_SECRET_KEY" in env)) await expect(stat(join(cwd, ".sync"))).rejects.toThrow("ENOENT");
  });

  it("reads the .env file beside the file that it writes", async () => {
    await writeFile(join(cwd, ".env"), `ARRAY_PASSWORD=${PASSWORD}\n`);
    expect((await init(["--stream", "people"], { env: {} })).out).toContain("The source answers");
  });

  it("writes a sync for every ready mapping that can be read, and says why others are missing", async () => {
    const connectors = [withReadyMappings({}, ["members"])];
    const ran = await init([], { connectors });
    expect(ran.exitCode).toBe(0);
    expect(ran.out).toContain("! members is left out: the token may not read members\n  → Grant it.");
    expect(ran.out).toContain("! Left out: strangers: no field of it fits a property of contact");
    expect(ran.out).toContain("Written to sync.config.yaml: people.");
    expect(await file()).not.toMatch(/members|strangers/);
  });

  it("writes nothing when no ready mapping can be read, or one that was named cannot", async () => {
    const none = [withReadyMappings({}, ["people", "members", "strangers"])];
    expect(await init([], { connectors: none })).toMatchObject({ exitCode: 3 });
    const named = [withReadyMappings({}, ["members"])];
    const ran = await init(["--stream", "people", "--stream", "members"], { connectors: named });
    expect(ran.exitCode).toBe(3);
    expect(ran.err).toContain("may not read members");
    const unfit = await init(["--stream", "strangers"], { connectors: named });
    expect(unfit.exitCode).toBe(2);
    expect(unfit.err).toContain("the source has no field no_such_field");
    await expect(file()).rejects.toThrow("ENOENT");
  });

  it("does not replace a file, nor stand beside another configuration, without being told", async () => {
    await writeFile(join(cwd, "sync.config.yaml"), "mine\n");
    const refused = await init(["--stream", "people"]);
    expect(refused.exitCode).toBe(2);
    expect(refused.err).toContain("sync.config.yaml is already there");
    expect(refused.err).toContain("--force");
    expect(await file()).toBe("mine\n");

    expect(await init(["--stream", "people", "--output", "other.yaml"])).toMatchObject({ exitCode: 0 });
    expect(await file("other.yaml")).toContain("`connector-array check --config other.yaml`");
    expect(await init(["--stream", "people", "--config", "other.yaml"])).toMatchObject({ exitCode: 2 });

    expect(await init(["--stream", "people", "--force"])).toMatchObject({ exitCode: 0 });
    expect(await file()).not.toContain("mine");

    await rm(join(cwd, "sync.config.yaml"));
    await writeFile(join(cwd, "sync.config.json"), "{}");
    const beside = await init(["--stream", "people", "--force"]);
    expect(beside.exitCode).toBe(2);
    expect(beside.err).toContain("already a configuration here: sync.config.json");
  });

  it.each<[string, readonly string[], string]>([
    ["a secret that is written out", ["--set", "password=s3cret-in-a-flag"], "password is a secret"],
    ["an option that does not exist", ["--set", "tabel=people"], 'Did you mean "table"?'],
    ["a value that does not fit", ["--set", "rows=many", "--stream", "people"], "rows: expected a number, found text"],
    ["a value that is no YAML", ["--set", "rows=[", "--stream", "people"], "cannot be understood"],
    ["no value", ["--set", "table"], "NAME=VALUE"],
    ["a file of another kind", ["--output", "sync.config.json"], "init writes YAML"],
    ["a folder that is not there", ["--output", "nowhere/sync.config.yaml"], "cannot be looked into"],
    ["a connector that is not there", ["--connector", "arry"], 'Did you mean "array"?'],
    ["nothing that says what to read", [], "table: is missing"],
  ])("%s: exit code 2, nothing written", async (_, args, message) => {
    const ran = await init(args);
    expect(ran.exitCode).toBe(2);
    expect(ran.err).toContain(message);
    await expect(file()).rejects.toThrow("ENOENT");
  });

  it("--set reaches the stream's option, too, and an empty value takes an option out", async () => {
    const ran = await init(["--set", "table=people", "--set", "password="], {
      env: { PERSONIZE_SECRET_KEY: SECRET_KEY, ARRAY_PASSWORD: PASSWORD },
    });
    expect(ran.exitCode).toBe(2);
    expect(ran.err).toContain("password: is missing");
    const other = await init(["--set", "table=people", "--set", "password=${OTHER_PASSWORD}"], {
      env: { OTHER_PASSWORD: PASSWORD },
    });
    expect(other.exitCode).toBe(0);
    expect(await file()).toContain("password: ${OTHER_PASSWORD}\n      table: people");
  });

  it("asks which connector where the program has several, and says which can do nothing", async () => {
    const { starter: _, ...bare } = createArrayConnector();
    const connectors: readonly Connector[] = [createArrayConnector(), { ...bare, name: "bare" }];
    expect((await init(["--stream", "people"], { connectors })).err).toContain("--connector NAME");
    expect((await init(["--connector", "bare"], { connectors })).err).toContain("brings nothing to begin");
    expect(await init(["--connector", "array", "--stream", "people"], { connectors })).toMatchObject({ exitCode: 0 });
  });
});
