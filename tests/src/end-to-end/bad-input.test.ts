import { execFileSync } from "node:child_process";
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { findFreePort } from "@acme/test-servers";
import { afterAll, describe, expect, it } from "vitest";
import { type Config, CONTACTS, contact, contactSync, TEXTS, useWorlds, type World } from "../support/world.ts";

const worlds = useWorlds();
const folders: string[] = [];
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

const PROPERTIES = {
  first_name: contact("first_name"),
  notes: { sourceField: "notes", collectionName: TEXTS, extractMemories: true },
};
const syncs = (sync: Config["syncs"][string]): Config => ({ syncs: { people: sync } });
/** The configuration with other source options. */
const source = (options: Readonly<Record<string, unknown>>): Config =>
  syncs(contactSync("people", PROPERTIES, { source: options }));
/** The configuration with other mapping options. */
const mapping = (options: Readonly<Record<string, unknown>>): Config =>
  syncs(contactSync("people", PROPERTIES, { mapping: options }));
const property = (entry: Readonly<Record<string, unknown>>): Config =>
  mapping({ properties: { first_name: { sourceField: "first_name", ...entry } } });

interface Case {
  readonly name: string;
  /** Makes something wrong in a world whose sync has run once. A string: the whole configuration file. */
  readonly config?: Config | string;
  readonly prepare?: (world: World) => Promise<unknown>;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly words?: readonly string[];
  readonly code: number;
  /** All of them stand in the message. */
  readonly says: readonly RegExp[];
}

const CASES: readonly Case[] = [
  // credentials
  {
    name: "wrong key",
    env: { PERSONIZE_SECRET_KEY: "sk_test_n0tthekey" },
    code: 3,
    says: [/secret key/, /PERSONIZE_SECRET_KEY/],
  },
  {
    name: "a key of the other environment",
    env: { PERSONIZE_SECRET_KEY: "sk_live_wr1tten4tests" },
    code: 3,
    says: [/secret key/],
  },
  {
    name: "no key",
    env: { PERSONIZE_SECRET_KEY: undefined },
    code: 2,
    says: [/no Personize secret key/, /Set the environment variable PERSONIZE_SECRET_KEY/],
  },
  {
    name: "wrong password",
    env: { DATABASE_URL: "postgres://owner:n0tthepassword@127.0.0.1:$PORT/postgres" },
    code: 3,
    says: [/refused the password of user owner/, /Correct the password/],
  },
  {
    name: "no password",
    env: { DATABASE_URL: "postgres://owner@127.0.0.1:$PORT/postgres" },
    code: 3,
    says: [/asks for a password/],
  },
  {
    name: "unknown user",
    env: { DATABASE_URL: "postgres://nobody:n0tthepassword@127.0.0.1:$PORT/postgres" },
    code: 3,
    says: [/nobody/],
  },
  {
    name: "a role without the right to select",
    prepare: ({ database }) =>
      database.query("drop role if exists reader; create role reader login password 'read3r-secret'"),
    env: { DATABASE_URL: "postgres://reader:read3r-secret@127.0.0.1:$PORT/$DATABASE" },
    code: 3,
    says: [/permission denied for public\.people/, /grant select on public\.people to reader/],
  },
  // the source
  {
    name: "wrong database",
    env: { DATABASE_URL: "postgres://owner:pg-secret-7Kq2@127.0.0.1:$PORT/nowhere" },
    code: 2,
    says: [/no database "nowhere"/, /Correct database/],
  },
  {
    name: "host unreachable",
    env: { DATABASE_URL: "postgres://owner:x@127.0.0.1:$CLOSED/postgres" },
    code: 6,
    says: [/cannot reach PostgreSQL at 127\.0\.0\.1:\d+/, /Check host and port/],
  },
  {
    name: "host unknown",
    env: { DATABASE_URL: "postgres://owner:x@no-such-host.invalid/postgres" },
    code: 6,
    says: [/no-such-host\.invalid/, /Check host/],
  },
  {
    name: "TLS required, not offered",
    config: source({ sslmode: "require" }),
    code: 2,
    says: [/does not offer TLS/, /sslmode: disable/],
  },
  {
    name: "a url that is none",
    env: { DATABASE_URL: "owner:pg-secret-7Kq2@127.0.0.1/postgres" },
    code: 2,
    says: [/postgres:\/\//],
  },
  { name: "no such table", config: source({ table: "persons" }), code: 2, says: [/persons/] },
  {
    name: "a table without a key",
    prepare: ({ database }) => database.query("alter table people drop constraint people_pkey"),
    code: 2,
    says: [/no primary key and no unique index/, /Set key/],
  },
  { name: "no such cursor", config: source({ cursor: "update_at" }), code: 2, says: [/update_at/, /updated_at/] },
  { name: "no such key column", config: source({ key: "idd" }), code: 2, says: [/idd/, /id/] },
  {
    name: "a query with a mistake",
    config: source({ table: undefined, query: "selct * from people", key: "id" }),
    code: 2,
    says: [/syntax error/, /Correct table, query/],
  },
  {
    name: "a query that writes",
    config: source({
      table: undefined,
      query: "with gone as (delete from people returning *) select * from gone",
      key: "id",
    }),
    code: 2,
    says: [/people|query/],
  },
  {
    name: "a query without key",
    config: source({ table: undefined, query: "select * from people" }),
    code: 2,
    says: [/a query needs key/],
  },
  {
    name: "table and query",
    config: source({ query: "select * from people" }),
    code: 2,
    says: [/either table or query/],
  },
  {
    name: "a mapped column that disappeared",
    prepare: ({ database }) => database.query("alter table people drop column first_name"),
    code: 2,
    says: [/no field "first_name"/],
  },
  {
    name: "the cursor column disappeared",
    prepare: ({ database }) => database.query("alter table people drop column updated_at"),
    code: 2,
    says: [/updated_at/],
  },
  {
    name: "a mapped column that became bytea",
    prepare: ({ database }) => database.query("alter table people alter first_name type bytea using first_name::bytea"),
    code: 2,
    says: [/field "first_name" cannot be mapped/, /bytea|binary/],
  },
  { name: "an unknown source option", config: source({ tabel: "people" }), code: 2, says: [/tabel/, /table/] },
  // the mapping
  {
    name: "a source field that is not there",
    config: mapping({ properties: { first_name: contact("frist_name") } }),
    code: 2,
    says: [/no field "frist_name"/, /first_name/],
  },
  {
    name: "a property that is not there",
    config: mapping({ properties: { frist_name: contact("first_name") } }),
    code: 2,
    says: [/no property "frist_name"/, /first_name/],
  },
  {
    name: "a collection that is not there",
    config: property({ collectionName: "Contact Standard Schema" }),
    code: 2,
    says: [/no collection "Contact Standard Schema"/, /Contacts Standard Schema/],
  },
  {
    name: "a placeholder for an id",
    config: property({ collectionId: "YOUR_COLLECTION_ID" }),
    code: 2,
    says: [/"YOUR_COLLECTION_ID" is a placeholder/, /discover/],
  },
  {
    name: "an id of nothing",
    config: property({ collectionId: "col_f00" }),
    code: 2,
    says: [/"col_f00" does not exist/],
  },
  { name: "no collection named", config: property({}), code: 2, says: [/name the collection/] },
  {
    name: "no identity",
    config: mapping({ email: undefined }),
    code: 2,
    says: [/no identity is mapped/, /customKeyName/],
  },
  {
    name: "mixed identities",
    config: mapping({ website: "first_name" }),
    code: 2,
    says: [/identities are mixed/, /Keep one/],
  },
  {
    name: "half of an identifier of one's own",
    config: mapping({ customKey: "first_name" }),
    code: 2,
    says: [/customKeyName belong together/],
  },
  {
    name: "an identity column that is not there",
    config: mapping({ email: "mail" }),
    code: 2,
    says: [/no field "mail"/, /email/],
  },
  {
    name: "an append-only property",
    config: mapping({ properties: { tags: contact("first_name") } }),
    code: 2,
    says: [/"tags" .* is append-only/, /allowAppendOnly: true/],
  },
  { name: "nothing mapped", config: mapping({ properties: {} }), code: 2, says: [/nothing is mapped/] },
  {
    name: "a collection of another entity type",
    config: mapping({ entityType: "company" }),
    code: 2,
    says: [/belongs to entity type "contact"/],
  },
  {
    name: "an unknown transform",
    config: property({ collectionName: CONTACTS, transform: "uper" }),
    code: 2,
    says: [/transform/, /uppercase/],
  },
  {
    name: "no mapping",
    config: syncs({ connector: "postgres", source: { url: "${DATABASE_URL}", table: "people" } }),
    code: 2,
    says: [/mapping is missing|mapping/, /discover/],
  },
  {
    name: "an organisation without collections",
    prepare: ({ api }) =>
      Promise.resolve(
        api.control.addFault({
          kind: "custom",
          path: "collections",
          status: 200,
          body: { success: true, data: { actions: [], count: 0 } },
          times: 100,
        }),
      ),
    code: 2,
    says: [/no collections yet/],
  },
  // the file
  { name: "unset variable", config: source({ url: "${DATABSE_URL}" }), code: 2, says: [/DATABSE_URL/, /[Ss]et/] },
  {
    name: "malformed YAML",
    config: "syncs:\n  people:\n   connector: postgres\n  source: [\n",
    code: 2,
    says: [/sync\.config\.yaml/, /line \d|:\d/],
  },
  { name: "a tab in YAML", config: "syncs:\n\tpeople: {}\n", code: 2, says: [/tab|indent/i, /line 2|:2/] },
  { name: "an empty file", config: "", code: 2, says: [/is empty/, /syncs/] },
  {
    name: "an unknown option",
    config: {
      ...syncs(contactSync("people", PROPERTIES)),
      personize: { baseUrl: "${PERSONIZE_BASE_URL}", timeoutMS: 5 },
    },
    code: 2,
    says: [/timeoutMS/, /timeoutMs/],
  },
  {
    name: "a number that is a text",
    config: { ...syncs(contactSync("people", PROPERTIES)), engine: { landingTimeoutMs: "soon" } },
    code: 2,
    says: [/landingTimeoutMs/],
  },
  {
    name: "another connector",
    config: syncs({ connector: "hubspot", source: {} }),
    code: 2,
    says: [/hubspot/, /postgres/],
  },
  {
    name: "no file",
    prepare: ({ folder }) => rm(join(folder, "sync.config.json")),
    code: 2,
    says: [/no configuration found/, /--config/],
  },
  { name: "no such file", words: ["sync", "--config", "sink.yaml"], code: 2, says: [/no file sink\.yaml/, /--config/] },
  {
    name: "two files",
    prepare: ({ folder }) => writeFile(join(folder, "sync.config.yaml"), "syncs: {}"),
    code: 2,
    says: [/2 configurations/, /Keep one/],
  },
  {
    name: "state in PostgreSQL without the package for it",
    config: { ...syncs(contactSync("people", PROPERTIES)), state: "postgres://x/y" },
    code: 2,
    says: [/not installed/, /npm install @acme\/state-postgres/],
  },
  {
    name: "state where nothing keeps one",
    config: { ...syncs(contactSync("people", PROPERTIES)), state: "mysql://x/y" },
    code: 2,
    says: [/mysql:\/\//, /path of a file/],
  },
  // the words
  { name: "unknown command", words: ["snyc"], code: 2, says: [/snyc/, /sync/] },
  { name: "unknown option of a command", words: ["sync", "--limt", "3"], code: 2, says: [/--limt/, /--limit/] },
  { name: "a limit that is no number", words: ["sync", "--limit", "many"], code: 2, says: [/many/, /--limit/] },
  { name: "no such sync", words: ["sync", "--only", "poeple"], code: 2, says: [/poeple/, /people/] },
  {
    name: "memorize without content",
    words: ["memorize", "--entity-type", "contact", "--email", "a@b.example"],
    code: 2,
    says: [/no content/, /--content/],
  },
  {
    name: "memorize for nobody",
    words: ["memorize", "--content", "x", "--entity-type", "contact"],
    code: 2,
    says: [/nothing says whose/, /--email/],
  },
  // the service
  {
    name: "Personize at the wrong address",
    config: { ...syncs(contactSync("people", PROPERTIES)), personize: { baseUrl: "${PERSONIZE_BASE_URL}/elsewhere" } },
    code: 2,
    says: [/me\(\)/, /baseUrl/],
  },
  {
    name: "an address that is none",
    config: { ...syncs(contactSync("people", PROPERTIES)), personize: { baseUrl: "agent.personize.ai" } },
    code: 2,
    says: [/baseUrl/, /https:\/\//],
  },
  {
    name: "Personize does not answer",
    env: { PERSONIZE_BASE_URL: "http://127.0.0.1:$CLOSED" },
    code: 6,
    says: [/no answer|ECONNREFUSED|did not answer/],
  },
];

/** A world whose sync has run once: ten people, all landed, all changed since. */
async function createPeople(): Promise<World> {
  const world = await worlds.create();
  await world.database.query(
    `create table people (id int primary key, email text, first_name text, notes text, updated_at timestamptz default now());
     create index on people (updated_at, id);
     insert into people select n, 'p' || n || '@people.example', 'name ' || n, 'Note.' from generate_series(1, 10) n`,
  );
  await world.configure(syncs(contactSync("people", PROPERTIES)));
  await world.sync();
  await world.database.query("update people set first_name = 'changed', updated_at = now()");
  return world;
}

/** Everything that is stored but what was used of the quota: cursor, digests, batches, parked rows, receipts. */
function storedIn(folder: string): unknown {
  const state = new DatabaseSync(join(folder, ".sync/state.db"), { readOnly: true });
  try {
    const tables = ["sync", "landed_row", "parked_row", "batch", "receipt"];
    // The fence rises with every claim, also of a run that then sends nothing.
    return tables.map((table) =>
      state
        .prepare(`select * from ${table}`)
        .all()
        .map((row) => ({ ...row, fence: null })),
    );
  } finally {
    state.close();
  }
}

/** A world of which many tests can have a folder each, with a copy of its state: none of them may send or change anything. */
let shared: Promise<World> | null = null;

describe.concurrent("whatever is wrong: one readable message, the documented exit code, nothing sent, nothing changed", () => {
  it.each(CASES.map((one) => [one.name, one] as const))("%s", { timeout: 60_000 }, async (_, one) => {
    const { config = syncs(contactSync("people", PROPERTIES)), prepare, env = {}, words = ["sync"], code, says } = one;
    shared ??= createPeople();
    // What changes the database or the service has both for itself.
    const world =
      prepare === undefined
        ? (await shared).inFolder(await mkdtemp(join(tmpdir(), "sync-bad-input-")))
        : await createPeople();
    if (prepare === undefined) {
      folders.push(world.folder);
      await cp(join((await shared).folder, ".sync"), join(world.folder, ".sync"), { recursive: true });
    }
    const before = storedIn(world.folder);
    const writes = world.writes();
    await rm(join(world.folder, "sync.config.json"), { force: true });
    if (typeof config === "string") await writeFile(join(world.folder, "sync.config.yaml"), config);
    else await world.configure(config);
    await prepare?.(world);
    const closed = await findFreePort();
    const database = new URL(world.database.url).pathname.slice(1);
    const filled = Object.fromEntries(
      Object.entries(env).map(([name, value]) => [
        name,
        value
          ?.replace("$PORT", String(worlds.server().port))
          .replace("$CLOSED", String(closed))
          .replace("$DATABASE", database),
      ]),
    );

    const ended = await world.start(words, filled).ended;

    expect(ended.code, ended.out + ended.err).toBe(code);
    for (const text of says) expect(ended.err).toMatch(text);
    expectOneMessage(ended.err);
    expect(ended.out).toBe("");
    for (const value of Object.values(filled)) {
      const secret = value === undefined ? undefined : (/:([^:@/]{4,})@/.exec(value)?.[1] ?? /^sk_.*/.exec(value)?.[0]);
      if (secret !== undefined) expect(ended.err).not.toContain(secret);
    }
    expect(world.writes()).toBe(writes);
    expect(storedIn(world.folder)).toEqual(before);
  });

  it("--debug shows where it came from", async () => {
    const world = await createPeople();
    await world.configure(source({ table: "persons" }));
    const ended = await world.run("sync", "--debug");
    expect(ended.code).toBe(2);
    expect(ended.err).toMatch(/^ {4}at /m);
  });

  it("check finds everything that is wrong with a mapping at once", async () => {
    const world = await createPeople();
    await world.configure(
      mapping({
        email: "mail",
        properties: { frist_name: contact("first_name"), city: contact("ctiy"), tags: contact("notes") },
      }),
    );
    const ended = await world.run("check");
    expect(ended.code).toBe(2);
    for (const text of [/no field "mail"/, /no property "frist_name"/, /no field "ctiy"/, /append-only/])
      expect(ended.out).toMatch(text);
    expect(ended.out).toContain("✓ The source answers");
  });
});

/** Exactly one error, with what to do about it, and no trace of the program's inside. */
function expectOneMessage(err: string): void {
  expect(err.match(/^error: /gm)).toHaveLength(1);
  expect(err).toMatch(/→ \S/);
  expect(err).not.toMatch(/^ +at /m);
  expect(err).not.toMatch(/undefined|\[object|NaN|unexpected/);
}

const isRoot = process.getuid?.() === 0;
const mounts: string[] = [];
afterAll(() => {
  for (const mount of mounts) execFileSync("umount", ["--lazy", mount]);
});

describe.concurrent("a state that cannot be used: it says so and destroys nothing", () => {
  const file = (world: World): string => join(world.folder, ".sync/state.db");

  it.each([
    ["nonsense", () => Buffer.from("this is not a database, whatever its name says\n".repeat(100))],
    ["cut in half", (whole: Buffer) => whole.subarray(0, Math.floor(whole.length / 2 / 4096) * 4096)],
    [
      "pages overwritten",
      (whole: Buffer) => Buffer.concat([whole.subarray(0, 4096), Buffer.alloc(whole.length - 4096, 0xa5)]),
    ],
    ["the header overwritten", (whole: Buffer) => Buffer.concat([Buffer.alloc(100, 0), whole.subarray(100)])],
    ["a database of somebody else", () => null],
  ] as const)("corrupt: %s", async (_, spoil) => {
    const world = await createPeople();
    const bytes = spoil(await readFile(file(world)));
    await rm(file(world));
    if (bytes === null) {
      const other = new DatabaseSync(file(world));
      other.exec("create table theirs (value text); insert into theirs values ('precious')");
      other.close();
    } else await writeFile(file(world), bytes);
    const spoilt = await readFile(file(world));
    const writes = world.writes();
    for (const words of [["sync"], ["status"], ["state", "reset", "--yes"]]) {
      const ended = await world.run(...words);
      expect(ended.code, `${words.join(" ")}: ${ended.out}${ended.err}`).toBe(2);
      expect(ended.err).toMatch(/\.sync\/state\.db/);
      expectOneMessage(ended.err);
    }
    expect((await readFile(file(world))).equals(spoilt)).toBe(true);
    expect(world.writes()).toBe(writes);
  });

  it("in a folder that cannot be made", async () => {
    const world = await createPeople();
    await rm(join(world.folder, ".sync"), { recursive: true });
    // A file where the folder would have to be: holds for root, too.
    await writeFile(join(world.folder, ".sync"), "");
    const writes = world.writes();
    const ended = await world.run("sync");
    expect(ended.code).toBe(2);
    expectOneMessage(ended.err);
    expect(ended.err).toMatch(/state/);
    expect(world.writes()).toBe(writes);
  });

  it.skipIf(isRoot)(
    "in a folder without the right to write [needs a user other than root: run the tests as one]",
    async () => {
      const world = await createPeople();
      await chmod(join(world.folder, ".sync"), 0o500);
      const ended = await world.run("sync");
      await chmod(join(world.folder, ".sync"), 0o700);
      expect(ended.code).toBe(2);
      expectOneMessage(ended.err);
    },
  );

  it.skipIf(!canMount())(
    "on a file system that is read-only [needs root and tmpfs: run the tests as root on Linux]",
    async () => {
      const world = await createPeople();
      const folder = await mountSmall(world);
      const config = { ...syncs(contactSync("people", PROPERTIES)), state: "small/state.db" };
      await world.configure(config);
      expect((await world.run("sync")).code).toBe(0);
      await world.database.query("update people set first_name = 'again', updated_at = now()");
      const before = await readFile(join(folder, "state.db"));
      execFileSync("mount", ["-o", "remount,ro", folder]);
      const writes = world.writes();
      const ended = await world.run("sync");
      expect([2, 6]).toContain(ended.code);
      expectOneMessage(ended.err);
      expect(ended.err).toMatch(/read-only/);
      expect(world.writes()).toBe(writes);
      expect((await readFile(join(folder, "state.db"))).equals(before)).toBe(true);
      // To look takes no right to write.
      const status = await world.run("status");
      expect(status).toMatchObject({ code: 0, err: "" });
      expect(status.out).toContain("10 rows");
      execFileSync("mount", ["-o", "remount,rw", folder]);
      expect((await world.sync()).rows.landed).toBe(10);
    },
  );

  it.skipIf(!canMount())("on a full disk [needs root and tmpfs: run the tests as root on Linux]", async () => {
    const world = await createPeople();
    const folder = await mountSmall(world);
    await world.configure({ ...syncs(contactSync("people", PROPERTIES)), state: "small/state.db" });
    expect((await world.run("sync")).code).toBe(0);
    await world.database.query("update people set first_name = 'again', updated_at = now()");
    fill(folder);
    const ended = await world.run("sync");
    expect([2, 6], ended.out + ended.err).toContain(ended.code);
    expectOneMessage(ended.err);
    expect(ended.err).toMatch(/no space left/);
    expect(ended.err).toMatch(/Make room/);
    await rm(join(folder, "filler"));
    expect((await world.run("sync")).code).toBe(0);
    expect(world.api.control.records().every(({ values }) => values["first_name"] === "again")).toBe(true);
    expect(await readdir(folder)).toContain("state.db");
  });
});

function canMount(): boolean {
  return isRoot && process.platform === "linux";
}

async function mountSmall(world: World): Promise<string> {
  const folder = join(world.folder, "small");
  await mkdir(folder);
  execFileSync("mount", ["-t", "tmpfs", "-o", "size=48m", "tmpfs", folder]);
  mounts.push(folder);
  return folder;
}

/** Leaves no room on the file system of `folder`. */
function fill(folder: string): void {
  try {
    execFileSync("dd", ["if=/dev/zero", `of=${join(folder, "filler")}`, "bs=4k"], { stdio: "ignore" });
  } catch {
    // It ends with "no space left": that is what it is for.
  }
}
