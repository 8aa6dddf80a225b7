import { AuthError, ConfigError } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { narrow, never, onlyStream, readAll, startServer, type TestServer } from "./__fixtures__/server.ts";
import { fromRowKey, toRowKey } from "@acme/sql-source";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});

afterEach(() => server.release());

afterAll(() => server.stop());

async function run(sql: string): Promise<void> {
  const admin = await server.connect();
  await admin.query(sql);
  await admin.end();
}

describe("lookup", () => {
  it("reads rows by key as they are now; those that are gone are absent", async () => {
    await run(`create table people (id int primary key, name text, secret text);
      insert into people select g, 'name ' || g, 'no' from generate_series(1, 1000) g;`);
    const source = server.source({ table: "people" });
    const stream = narrow(await onlyStream(source), ["id", "name"]);
    await run("update people set name = 'new' where id = 2; delete from people where id = 3");
    const rows = await source.lookup(stream, ["1", "2", "3", "4711"], never);
    expect(rows.toSorted((left, right) => left.key.localeCompare(right.key))).toStrictEqual([
      { key: "1", fields: { id: 1, name: "name 1" } },
      { key: "2", fields: { id: 2, name: "new" } },
    ]);
    const many = Array.from({ length: 500 }, (_item, index) => String(index + 501));
    const found = await source.lookup(stream, many, never);
    expect(new Set(found.map((row) => row.key))).toStrictEqual(new Set(many));
    expect(await source.lookup(stream, [], never)).toStrictEqual([]);
    expect(await source.lookup({ ...stream, fields: [] }, ["1"], never)).toStrictEqual([{ key: "1", fields: {} }]);
  });

  it.each([
    ["bigint", "9223372036854775807"],
    ["uuid", "00000000-0000-4000-8000-000000000001"],
    ["timestamptz", "2024-02-29T23:59:59.999999+00"],
    ["numeric", "1.50"],
    ["varchar(40)", 'it\'s "quoted", (really) \\ $1'],
    ["date", "2024-02-29"],
    ["bytea", "\\x00ff"],
  ])("finds a %s by the key that read gave it", async (type, value) => {
    await run(`drop table if exists typed; create table typed (id ${type} primary key, other int);`);
    const admin = await server.connect();
    await admin.query("insert into typed values ($1, 7)", [value]);
    const source = server.source({ table: "typed" });
    const stream = narrow(await onlyStream(source), ["other"]);
    const [read] = (await readAll(source, stream)).flatMap((page) => page.rows);
    expect(read).toBeDefined();
    expect(await source.lookup(stream, [read?.key ?? ""], never)).toStrictEqual([read]);
  });

  it("finds rows by several columns", async () => {
    await run(`create table pairs (a text, b int, note text, primary key (a, b));
      insert into pairs values ('x', 1, 'one'), ('x', 2, 'two'), ('["x","1"]', 1, 'odd');`);
    const source = server.source({ table: "pairs" });
    const stream = narrow(await onlyStream(source), ["note"]);
    const read = (await readAll(source, stream)).flatMap((page) => page.rows);
    const keys = read.map((row) => row.key);
    const found = await source.lookup(stream, [...keys, toRowKey(["y", "1"])], never);
    expect(new Set(found.map((row) => row.fields["note"]))).toStrictEqual(new Set(["one", "two", "odd"]));
    expect(new Set(found.map((row) => row.key))).toStrictEqual(new Set(keys));
    const wrongKey = source.lookup(stream, ["x"], never);
    await expect(wrongKey).rejects.toBeInstanceOf(ConfigError);
    await expect(wrongKey).rejects.toThrow("another key than (a, b)");
  });

  it("works on a query, and says when two rows share a key", async () => {
    await run("create table doubled (id int, name text); insert into doubled values (1, 'a'), (2, 'b'), (2, 'c')");
    const source = server.source({ query: "select * from doubled", key: "id" });
    const stream = await onlyStream(source);
    expect(await source.lookup(stream, ["1", "3"], never)).toStrictEqual([{ key: "1", fields: { id: 1, name: "a" } }]);
    await expect(source.lookup(stream, ["1", "2"], never)).rejects.toThrow("two rows share it");
  });

  it("fails when it may not look, instead of finding nothing", async () => {
    await run(`create table closed (id int primary key); insert into closed values (1);
      create role nobody login password 'nobody-password'; grant select on closed to nobody;`);
    const source = server.source({ table: "closed", user: "nobody", password: "nobody-password" });
    const stream = await onlyStream(source);
    await run("revoke select on closed from nobody");
    const looking = source.lookup(stream, ["1"], never);
    await expect(looking).rejects.toSatisfy((error) => error instanceof AuthError || error instanceof ConfigError);
  });

  it("ends as soon as it is aborted", async () => {
    const source = server.source({ query: "select 1 as id, pg_sleep(30)::text as slow", key: "id" });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    const looking = source.lookup(stream, ["1"], controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 100);
    await expect(looking).rejects.toThrow("enough");
  });
});

describe("row security", () => {
  it("keeps a pass from proving anything, on a table, through a view and in a query", async () => {
    await run(`create table guarded (id int primary key, updated_at timestamptz default now());
      insert into guarded select g from generate_series(1, 10) g;
      create view guarded_view with (security_invoker) as select * from guarded;
      create role limited login password 'limited-password';
      grant select on guarded, guarded_view to limited;`);
    const login = { user: "limited", password: "limited-password", key: "id" };
    const sources = [{ table: "guarded" }, { table: "guarded_view" }, { query: "select * from guarded" }].flatMap(
      (from) => [
        { ...login, ...from },
        { ...login, ...from, cursor: "updated_at" },
      ],
    );
    const lastPages = async () =>
      Promise.all(
        sources.map(async (options) => {
          const source = server.source(options);
          return (await readAll(source, await onlyStream(source))).at(-1);
        }),
      );

    for (const page of await lastPages()) expect(page?.proved).not.toBeNull();

    await run(`alter table guarded enable row level security;
      create policy half on guarded to limited using (id <= 5);`);
    for (const page of await lastPages()) {
      expect(page?.proved).toBeNull();
      expect(page?.notices?.join("\n")).toContain("row security hides rows");
    }
    // What a lookup does not find could be hidden: it must not look deleted.
    const guarded = server.source({ ...login, table: "guarded" });
    const stream = await onlyStream(guarded);
    expect(await guarded.lookup(stream, ["1"], never)).toHaveLength(1);
    await expect(guarded.lookup(stream, ["1", "7"], never)).rejects.toThrow("row security hides rows");

    const findings = await server.source({ ...login, table: "guarded" }).check(never);
    expect(findings.filter((finding) => finding.message.includes("row security"))).toHaveLength(1);

    await run("alter role limited bypassrls");
    for (const page of await lastPages()) expect(page?.proved).not.toBeNull();
  });
});

describe("a row's key as text", () => {
  it("is read back as it was written", () => {
    expect(fromRowKey(toRowKey(["a"]), 1)).toStrictEqual(["a"]);
    expect(fromRowKey(toRowKey(['["a"]']), 1)).toStrictEqual(['["a"]']);
    expect(fromRowKey(toRowKey(["a", "b"]), 2)).toStrictEqual(["a", "b"]);
    for (const text of ["a", "[]", '["a"]', '["a","b","c"]', '["a",1]']) expect(fromRowKey(text, 2)).toBeNull();
  });
});
