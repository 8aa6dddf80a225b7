import { ConfigError, type Cursor, type Page, type Source, type Stream } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { narrow, never, onlyStream, readAll, startServer, type TestServer } from "./__fixtures__/server.ts";

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

const keysOf = (pages: readonly Page[]): string[] => pages.flatMap((page) => page.rows.map((row) => row.key));

/** Reads again from every page's cursor and expects exactly the rows of the pages behind it, in order. */
async function expectResumable(source: Source, stream: Stream, pages: readonly Page[]): Promise<void> {
  for (const [index, page] of pages.entries()) {
    if (index === pages.length - 1) break;
    const rest = keysOf(await readAll(source, stream, page.cursor));
    expect(rest).toStrictEqual(keysOf(pages.slice(index + 1)));
  }
}

const lastCursor = (pages: readonly Page[]): Cursor => pages.at(-1)?.cursor ?? null;

describe("paging by cursor and key", () => {
  it("survives thousands of equal times, from every cursor", async () => {
    await run(`create table ties (id int primary key, updated_at timestamptz not null);
      create index on ties (updated_at, id);
      insert into ties select g, timestamptz '2024-01-01' + (g / 3000) * interval '1 s' from generate_series(1, 9000) g;`);
    const source = server.source({ table: "ties", cursor: "updated_at", pageRows: 701 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toStrictEqual(Array.from({ length: 9000 }, (_item, index) => String(index + 1)));
    expect(pages.every((page) => page.rows.length <= 701)).toBe(true);
    expect(pages.slice(0, -1).every((page) => page.proved === null)).toBe(true);
    expect(pages.at(-1)?.proved).toMatchObject({ field: "updated_at", after: null, throughExclusive: true });
    await expectResumable(source, stream, pages);
  });

  it("reads nothing twice and says what an empty pass proved", async () => {
    const source = server.source({ table: "ties", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const first = await readAll(source, stream);
    const second = await readAll(source, stream, lastCursor(first));
    expect(second).toHaveLength(1);
    expect(second[0]).toMatchObject({
      rows: [],
      proved: { field: "updated_at", after: first.at(-1)?.proved?.through },
    });
    await run("update ties set updated_at = now() where id = 77");
    expect(keysOf(await readAll(source, stream, lastCursor(second)))).toStrictEqual(["77"]);
  });

  it.each([
    ["int", "g"],
    ["bigint", "g * 4000000000::bigint"],
    ["numeric", "g / 7.0"],
    ["uuid", "md5(g::text)::uuid"],
    ["text", "md5(g::text)"],
    ["varchar(40)", "md5(g::text)"],
    ["char(40)", "md5(g::text)"],
    ["timestamptz", "timestamptz '2024-01-01' + g * interval '1 microsecond'"],
    ["date", "date '2024-01-01' + g"],
    ["double precision", "g / 3.0"],
    ["inet", "'10.0.0.0'::inet + g"],
    ['"char"[]', 'array[chr(64 + g % 50)::"char", chr(64 + g / 50)::"char"]'],
    ["boolean[]", "(select array_agg((g >> i) % 2 = 1) from generate_series(0, 8) i)"],
  ])("works with a key of type %s", async (type, expression) => {
    const table = `key_${type.replaceAll(/\W+/g, "_")}`;
    await run(`create table ${table} (k ${type} primary key, n int not null, updated_at timestamptz not null);
      insert into ${table} select ${expression}, g, timestamptz '2024-01-01' + (g / 40) * interval '1 s' from generate_series(1, 200) g;`);
    for (const cursor of ["updated_at", undefined]) {
      const source = server.source({ table, ...(cursor === undefined ? {} : { cursor }), pageRows: 33 });
      const stream = narrow(await onlyStream(source), ["n"]);
      const pages = await readAll(source, stream);
      const numbers = pages.flatMap((page) => page.rows.map((row) => Number(row.fields["n"])));
      expect(numbers.toSorted((left, right) => left - right)).toStrictEqual(
        Array.from({ length: 200 }, (_item, index) => index + 1),
      );
      expect(new Set(keysOf(pages)).size).toBe(200);
      await expectResumable(source, stream, pages);
    }
  });

  it("works with composite keys in odd collations and any script", async () => {
    await run(`create collation insensitive (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table composite (tenant text collate "de-x-icu", code text collate insensitive, n int not null,
        updated_at timestamptz not null default '2024-01-01', primary key (tenant, code));
      insert into composite (tenant, code, n)
      select (array['Äpfel', 'apfel', 'Zebra', 'zoo', '東京', '🦊', 'a"b', 'a,b', E'a\\\\b', ''])[1 + g % 10],
        (array['x', 'é', 'ß', 'Ω', '1', '10', '9', '_', ' ', '%'])[1 + (g / 10) % 10] || g, g from generate_series(0, 499) g;`);
    for (const cursor of ["updated_at", undefined]) {
      const source = server.source({ table: "composite", ...(cursor === undefined ? {} : { cursor }), pageRows: 37 });
      const stream = narrow(await onlyStream(source), ["n"]);
      const pages = await readAll(source, stream);
      expect(keysOf(pages)).toHaveLength(500);
      expect(new Set(keysOf(pages)).size).toBe(500);
      expect(pages[0]?.rows[0]?.key).toMatch(/^\["/);
      await expectResumable(source, stream, pages);
    }
  });

  it("keeps rows apart whose keys are equal only by their collation or their scale", async () => {
    await run(`create collation if not exists no_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create table alike (code text collate no_case not null, n numeric not null, updated_at timestamptz not null default '2024-01-01');
      insert into alike (code, n) values ('a', 1), ('A', 1), ('a', 1.0), ('A', 1.00), ('b', 2), ('B', 2.0);`);
    for (const key of [
      ["code", "n"],
      ["n", "code"],
    ]) {
      for (const cursor of ["updated_at", undefined]) {
        const source = server.source({ table: "alike", key, ...(cursor === undefined ? {} : { cursor }), pageRows: 1 });
        const stream = await onlyStream(source);
        const pages = await readAll(source, stream);
        expect(new Set(keysOf(pages)).size).toBe(6);
        await expectResumable(source, stream, pages);
        const keys = keysOf(pages);
        expect((await source.lookup(stream, [keys[0] ?? ""], never)).map((row) => row.key)).toStrictEqual([keys[0]]);
      }
    }
  });

  it("takes a cursor that is its own key", async () => {
    await run("create table log (id bigserial primary key); insert into log select from generate_series(1, 100);");
    const source = server.source({ table: "log", cursor: "id", pageRows: 30 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toHaveLength(100);
    expect(pages.at(-1)?.proved).toStrictEqual({ field: "id", after: null, through: "100" });
    await expectResumable(source, stream, pages);
    expect(await readAll(source, stream, lastCursor(pages))).toStrictEqual([]);
  });

  it.each([
    ["timestamptz(0)", "updated_at"],
    ["timestamptz(3)", "updated_at"],
    ["timestamp", "updated_at"],
    ["timestamp(0)", "updated_at"],
    ["date", "updated_at"],
  ])("takes a cursor of type %s", async (type, cursor) => {
    const table = `cursor_${type.replaceAll(/\W+/g, "_")}`;
    await run(`create table ${table} (id int primary key, updated_at ${type} not null);
      insert into ${table} select g, timestamptz '2024-01-01 10:00:00.123456+00' + (g / 5) * interval '1 day' from generate_series(1, 60) g;
      insert into ${table} values (1000, now());`);
    const source = server.source({ table, cursor, pageRows: 7 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    const expected = Array.from({ length: 60 }, (_item, index) => String(index + 1));
    // What was written this second (or today) may still get company with the same value.
    expect(keysOf(pages).filter((key) => key !== "1000")).toStrictEqual(expected);
    if (type === "date" || type.endsWith("(0)")) expect(keysOf(pages)).not.toContain("1000");
    await run(`delete from ${table} where id = 1000`);
    await expectResumable(source, stream, await readAll(source, stream));
  });

  it("reads a timestamp in the zone in which it is written", async () => {
    await run(`create table local (id int primary key, updated_at timestamp not null);
      insert into local values (1, now() at time zone 'Asia/Tokyo' - interval '10 s'), (2, now() at time zone 'Asia/Tokyo' + interval '10 min');`);
    const tokyo = server.source({ table: "local", cursor: "updated_at", cursorTimeZone: "Asia/Tokyo" });
    expect(keysOf(await readAll(tokyo, await onlyStream(tokyo)))).toStrictEqual(["1"]);
    const wrong = server.source({ table: "local", cursor: "updated_at", cursorTimeZone: "Mars/Olympus" });
    await expect(readAll(wrong, await onlyStream(wrong))).rejects.toThrow(ConfigError);
  });
});

describe("rows that paging by cursor cannot reach", () => {
  it("without a cursor value are read on every run, resumably", async () => {
    await run(`create table nulls (id int primary key, updated_at timestamptz);
      insert into nulls select g, case when g % 2 = 0 then timestamptz '2024-01-01' + g * interval '1 s' end from generate_series(1, 100) g;`);
    const source = server.source({ table: "nulls", cursor: "updated_at", pageRows: 9 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(
      keysOf(pages)
        .map(Number)
        .toSorted((left, right) => left - right),
    ).toStrictEqual(Array.from({ length: 100 }, (_item, index) => index + 1));
    expect(new Set(keysOf(pages)).size).toBe(100);
    await expectResumable(source, stream, pages);
    const second = await readAll(source, stream, lastCursor(pages));
    expect(keysOf(second)).toStrictEqual(Array.from({ length: 50 }, (_item, index) => String(2 * index + 1)));
    expect(second.at(-1)?.proved).not.toBeNull();
  });

  it("dated far ahead or at infinity are read on every run, and check says so", async () => {
    await run(`create table future (id int primary key, updated_at timestamptz not null);
      insert into future values (1, '2024-01-01'), (2, 'infinity'), (3, now() + interval '9 years'), (4, '-infinity'), (5, now() + interval '1 hour');`);
    const source = server.source({ table: "future", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages).toSorted()).toStrictEqual(["1", "2", "3", "4"]);
    expect(keysOf(await readAll(source, stream, lastCursor(pages)))).toStrictEqual(["2", "3"]);
    expect((await source.check(never)).map((finding) => finding.message).join("\n")).toContain(
      "3 rows have a updated_at in the future".replace("a updated_at", "a updated_at"),
    );
  });

  it("at infinity or NaN of a number are read on every run", async () => {
    await run(
      `create table endless (id int primary key, seq float8 not null); insert into endless values (1, 1), (2, 'NaN'), (3, 'Infinity'), (4, 2.5);`,
    );
    const source = server.source({ table: "endless", cursor: "seq" });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages).toSorted()).toStrictEqual(["1", "2", "3", "4"]);
    await run("insert into endless values (5, 7)");
    expect(keysOf(await readAll(source, stream, lastCursor(pages))).toSorted()).toStrictEqual(["2", "3", "5"]);
  });
});

describe("full comparison", () => {
  it("reads everything, starts over when done, and resumes in the middle", async () => {
    await run("create table whole (id int primary key); insert into whole select g from generate_series(1, 100) g");
    const source = server.source({ table: "whole", pageRows: 9 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toHaveLength(100);
    expect(pages.at(-1)?.proved).toStrictEqual({ field: null, after: null, through: null });
    await expectResumable(source, stream, pages);
    expect(keysOf(await readAll(source, stream, lastCursor(pages)))).toStrictEqual(keysOf(pages));
  });

  it("ends although rows are added faster than it reads, and skips none that was there", async () => {
    await run("create table growing (id int primary key); insert into growing select g from generate_series(1, 50) g");
    const writer = await server.connect();
    const source = server.source({ table: "growing", pageRows: 10 });
    const stream = await onlyStream(source);
    const keys: string[] = [];
    let next = 51;
    for await (const page of source.read(stream, null, never)) {
      keys.push(...page.rows.map((row) => row.key));
      await writer.query("insert into growing select g from generate_series($1::int, $1::int + 19) g", [next]);
      await writer.query("delete from growing where id = $1", [keys.length + 5]);
      next += 20;
      if (keys.length > 200) break;
    }
    expect(keys.length).toBeLessThanOrEqual(50);
    const deleted = [15, 24, 33, 42];
    expect(keys.map(Number)).toStrictEqual(expect.arrayContaining([1, 10, 20, 50]));
    expect(50 - keys.length).toBeLessThanOrEqual(deleted.length);
  });

  it("of an empty table proves that it is empty", async () => {
    await run("create table nothing (id int primary key)");
    const source = server.source({ table: "nothing" });
    const pages = await readAll(source, await onlyStream(source));
    expect(pages).toMatchObject([{ rows: [], cursor: { done: true }, proved: { field: null } }]);
  });
});

describe("queries", () => {
  it("are paged like tables, whatever they end with", async () => {
    await run(`create table orders (id int primary key, customer int not null, at timestamptz not null);
      insert into orders select g, g % 30, timestamptz '2024-01-01' + g * interval '1 min' from generate_series(1, 300) g;`);
    const query =
      "with latest as (select customer, max(at) as at, count(*) as n from orders group by customer)\nselect * from latest -- one a customer\n;";
    for (const cursor of ["at", undefined]) {
      const source = server.source({
        query,
        key: "customer",
        ...(cursor === undefined ? {} : { cursor }),
        pageRows: 7,
      });
      const stream = await onlyStream(source);
      expect(stream).toMatchObject({ name: "query", key: ["customer"], estimatedRows: null });
      const pages = await readAll(source, stream);
      expect(keysOf(pages)).toHaveLength(30);
      await expectResumable(source, stream, pages);
      await source.check(never);
    }
  });

  it.each([
    ["select 1 as id, 2 as id", "two columns named"],
    ["select 1 as other", 'no column "id"'],
    ["selec 1 as id", "syntax error"],
    ["select 1 as id; select 2", "syntax error"],
    ["select 1 as id) as x; drop table orders; select * from (select 1 as id", "multiple commands"],
    ["select 1 as id) as source; commit; create table hacked (a int); --", "syntax error"],
    ["delete from orders returning id", "syntax error"],
    ["select null::int as id", "is null in a row"],
    ["select 7 as id from generate_series(1, 3)", "does not identify a row"],
    ["select 1 / (g - 1) as id from generate_series(1, 3) g", "could not compute a value"],
    ["select nextval('log_id_seq') as id", "tries to write"],
  ])("%s is refused in words", async (query, expected) => {
    const source = server.source({ query, key: "id" });
    const attempt = onlyStream(source).then((stream) => readAll(source, stream));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(expected);
    expect(
      await (await server.connect()).query("select to_regclass('hacked') as found, count(*) from orders"),
    ).toMatchObject({
      rows: [{ found: null, count: "300" }],
    });
  });
});

describe("names", () => {
  it("with quotes, dots, capitals and SQL inside are only names", async () => {
    const evil = `x"; drop table ties; --`;
    const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`;
    await run(`create schema "My Schema"; create table "My Schema"."My.Table" (${quote(evil)} int primary key, "Upper" timestamptz not null, "a.b" text, "naïve 東" int);
      insert into "My Schema"."My.Table" select g, '2024-01-01', 'v' || g, g from generate_series(1, 20) g;`);
    const source = server.source({ table: '"My Schema"."My.Table"', key: evil, cursor: "Upper", pageRows: 6 });
    const stream = await onlyStream(source);
    expect(stream.name).toBe('"My Schema"."My.Table"');
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toHaveLength(20);
    expect(pages[0]?.rows[0]?.fields).toMatchObject({ "a.b": "v1", "naïve 東": 1 });
    await expectResumable(source, stream, pages);
    await source.check(never);
    await (await server.connect()).query("select 1 from ties limit 1");
  });

  it("without quotes are found as written, then in lower case", async () => {
    await run(`create table "Mixed" (id int primary key); create table lower (id int primary key);`);
    expect((await onlyStream(server.source({ table: "Mixed" }))).name).toBe('public."Mixed"');
    expect((await onlyStream(server.source({ table: "PUBLIC.Lower" }))).name).toBe("public.lower");
    await expect(onlyStream(server.source({ table: '"Lower"' }))).rejects.toThrow(/there is no table "Lower"/);
    await expect(onlyStream(server.source({ table: "mixed" }))).rejects.toMatchObject({
      hint: 'Did you mean public."Mixed"?',
    });
  });

  it.each([
    [{ table: "ties; drop table ties" }, /there is no table/],
    [{ table: "ties", key: "id; drop table ties" }, /no column "id; drop table ties"/],
    [{ table: "ties", cursor: `updated_at" > now(); --` }, /no column/],
    [{ table: "ties", cursor: "Updated_At" }, /no column "Updated_At"/],
  ])("%j is refused", async (options, expected) => {
    await expect(onlyStream(server.source(options))).rejects.toThrow(expected);
    await (await server.connect()).query("select 1 from ties limit 1");
  });
});

describe("discovery", () => {
  it("lists what can be read, with keys and cursors", async () => {
    await run(`create schema shop;
      create table shop.customers (id bigint generated always as identity primary key, created_at timestamptz not null default now(),
        modified timestamp, updated_at timestamptz not null default now(), birthday date, name text, upper_name text generated always as (upper(name)) stored);
      create index on shop.customers (updated_at);
      insert into shop.customers (name) select 'n' || g from generate_series(1, 1000) g; analyze shop.customers;
      create view shop.names as select name from shop.customers;
      create materialized view shop.counts as select count(*) as n from shop.customers;
      create table shop.parts (id int, day date, primary key (id, day)) partition by range (day);
      create table shop.parts_2024 partition of shop.parts for values from ('2024-01-01') to ('2025-01-01');
      insert into shop.parts values (1, '2024-05-05'); analyze shop.parts_2024;
      create table shop.by_unique (a int, b int not null, c text not null unique, unique (a), unique (b, c));
      create table shop.nothing ();`);
    const all = await server.source({}).streams(never);
    const shop = new Map(
      all.filter((stream) => stream.name.startsWith("shop.")).map((stream) => [stream.name, stream]),
    );
    expect([...shop.keys()]).toStrictEqual([
      "shop.by_unique",
      "shop.counts",
      "shop.customers",
      "shop.names",
      "shop.parts",
    ]);
    expect(shop.get("shop.customers")).toMatchObject({
      key: ["id"],
      cursorField: null,
      cursorCandidates: ["updated_at", "modified", "birthday", "created_at"].toSorted(
        (left, right) =>
          ["updated_at", "modified", "created_at", "birthday"].indexOf(left) -
          ["updated_at", "modified", "created_at", "birthday"].indexOf(right),
      ),
      estimatedRows: 1000,
    });
    expect(shop.get("shop.by_unique")?.key).toStrictEqual(["c"]);
    expect(shop.get("shop.parts")).toMatchObject({ key: ["id", "day"], estimatedRows: 1 });
    expect(shop.get("shop.names")?.key).toStrictEqual(["name"]);
    const source = server.source({});
    const customers = shop.get("shop.customers");
    if (customers === undefined) throw new Error("not listed");
    expect(keysOf(await readAll(source, customers))).toHaveLength(1000);
  });

  it("asks for a key where there is none", async () => {
    await run("create table keyless (a int, b int); insert into keyless select g, g from generate_series(1, 20) g");
    await expect(onlyStream(server.source({ table: "keyless" }))).rejects.toMatchObject({
      name: "ConfigError",
      hint: expect.stringContaining("Set key"),
    });
    const source = server.source({ table: "keyless", key: ["a", "b"], pageRows: 3 });
    expect(keysOf(await readAll(source, await onlyStream(source)))).toHaveLength(20);
    await run("insert into keyless values (3, 3)");
    const one = server.source({ table: "keyless", key: "a", pageRows: 3 });
    await expect(onlyStream(one).then((stream) => readAll(one, stream))).rejects.toThrow(/does not identify a row/);
    await run("insert into keyless values (null, 3)");
    await expect(onlyStream(one).then((stream) => readAll(one, stream))).rejects.toThrow(/is null in a row/);
  });
});

describe("what changes between pages and runs", () => {
  it("a dropped column ends in one message", async () => {
    await run(
      "create table dropping (id int primary key, a text, b text); insert into dropping select g, 'a', 'b' from generate_series(1, 30) g",
    );
    const source = server.source({ table: "dropping", pageRows: 10 });
    const stream = await onlyStream(source);
    const pages = source.read(stream, null, never)[Symbol.asyncIterator]();
    await pages.next();
    await run("alter table dropping drop column b");
    const between = pages.next();
    await expect(between).rejects.toThrow(ConfigError);
    await expect(between).rejects.toThrow(/column "b" does not exist/);
    await expect(readAll(source, stream)).rejects.toThrow(
      /public\.dropping has no column "b", which the mapping names/,
    );
    expect(keysOf(await readAll(source, narrow(stream, ["id", "a"])))).toHaveLength(30);
    await run("drop table dropping");
    await expect(readAll(source, stream)).rejects.toThrow(/there is no table/);
  });

  it("a position of something else is refused", async () => {
    const ties = server.source({ table: "ties", cursor: "updated_at" });
    const stream = await onlyStream(ties);
    const cursor = lastCursor(await readAll(ties, stream));
    const whole = server.source({ table: "ties" });
    await expect(readAll(whole, await onlyStream(whole), cursor)).rejects.toMatchObject({
      name: "ConfigError",
      hint: expect.stringContaining("state reset"),
    });
    const other = server.source({ table: "nulls", cursor: "updated_at" });
    await expect(readAll(other, await onlyStream(other), cursor)).rejects.toThrow(
      /belongs to public\.ties by updated_at/,
    );
  });

  it("a key that changed its type is refused without its value", async () => {
    await run(
      "create table retyped (id text primary key); insert into retyped select 'secret' || g from generate_series(1, 10) g",
    );
    const source = server.source({ table: "retyped", pageRows: 3 });
    const stream = await onlyStream(source);
    const [page] = await readAll(source, stream);
    await run("drop table retyped; create table retyped (id int primary key); insert into retyped values (1)");
    const attempt = readAll(source, stream, page?.cursor ?? null);
    await expect(attempt).rejects.toThrow(/could not compute a value/);
    await expect(attempt).rejects.not.toThrow(/secret/);
  });
});

describe("memory", () => {
  it("pages end at pageBytes, however wide the rows suddenly are", async () => {
    await run(`create table wide (id int primary key, body text);
      insert into wide select g, case when g > 500 then repeat(md5(g::text), 32768) else 'x' end from generate_series(1, 530) g;`);
    const source = server.source({ table: "wide", pageBytes: 3_000_000 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toHaveLength(530);
    for (const page of pages) expect(page.bytes).toBeLessThanOrEqual(3_000_000 + 1_100_000);
    expect(pages.length).toBeGreaterThanOrEqual(10);
    await expectResumable(source, narrow(stream, ["id"]), await readAll(source, narrow(stream, ["id"])));
  });

  it("a single row larger than pageBytes is a page", async () => {
    const source = server.source({
      query: "select g as id, repeat('x', 1000) as body from generate_series(1, 5) g",
      key: "id",
      pageBytes: 10,
    });
    const pages = await readAll(source, await onlyStream(source));
    expect(pages.map((page) => page.rows.length)).toStrictEqual([1, 1, 1, 1, 1]);
  });
});
