import { ConfigError, type Page, type Source, type Stream } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  isMariadbInstalled,
  narrow,
  never,
  onlyStream,
  readAll,
  startServer,
  type TestServer,
} from "./__fixtures__/server.ts";

const keysOf = (pages: readonly Page[]): string[] => pages.flatMap((page) => page.rows.map((row) => row.key));
const lastCursor = (pages: readonly Page[]): Page["cursor"] => pages.at(-1)?.cursor ?? null;

/** Reads again from every page's cursor and expects exactly the rows of the pages behind it, in order. */
async function expectResumable(source: Source, stream: Stream, pages: readonly Page[]): Promise<void> {
  for (const [index, page] of pages.entries()) {
    if (index === pages.length - 1) break;
    const rest = keysOf(await readAll(source, stream, page.cursor));
    expect(rest).toStrictEqual(keysOf(pages.slice(index + 1)));
  }
}

describe.skipIf(!isMariadbInstalled)("reading [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
  });

  afterEach(() => server.release());

  afterAll(() => server.stop());

  const run = async (sql: string): Promise<void> => {
    const admin = await server.connect();
    await admin.query(sql);
    await admin.end();
  };

  it("survives thousands of equal times, from every cursor, along the index", async () => {
    await run(`create table ties (id int primary key, updated_at datetime not null, key (updated_at));
      insert into ties select seq, timestamp('2024-01-01') + interval (seq div 3000) second from seq_1_to_9000;`);
    const source = server.source({ table: "ties", cursor: "updated_at", pageRows: 701, cursorTimeZone: "+00:00" });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toStrictEqual(Array.from({ length: 9000 }, (_item, index) => String(index + 1)));
    expect(pages.every((page) => page.rows.length <= 701)).toBe(true);
    expect(pages.at(-1)?.proved).toMatchObject({ field: "updated_at", after: null, throughExclusive: true });
    await expectResumable(source, stream, pages);
    const again = await readAll(source, stream, lastCursor(pages));
    expect(keysOf(again)).toStrictEqual([]);
    await run("update ties set updated_at = now() - interval 5 second where id = 77");
    expect(keysOf(await readAll(source, stream, lastCursor(again)))).toStrictEqual(["77"]);
    const findings = (await source.check(never)).map((finding) => `${finding.level} ${finding.message}`).join("\n");
    expect(findings).toContain("ok an index begins with (updated_at, id)");
  });

  it("touches no more rows than it returns", async () => {
    const admin = await server.connect();
    await admin.query("flush status");
    const source = server.source({ table: "ties", cursor: "updated_at", pageRows: 500, cursorTimeZone: "+00:00" });
    const stream = narrow(await onlyStream(source), ["id"]);
    const rowsRead = async (): Promise<number> => {
      const status = await admin.query("show global status like 'Handler_read_next'");
      return Number(status[0]?.["Value"]);
    };
    const before = await rowsRead();
    await readAll(source, stream);
    // Every row once, and one behind each page; a scan a page would be nine times as many.
    expect((await rowsRead()) - before).toBeLessThan(15_000);
  });

  it.each([
    ["int", "seq"],
    ["bigint unsigned", "18446744073709551615 - seq"],
    ["bigint", "seq * 4000000000000000"],
    ["decimal(30,10)", "seq / 7.0"],
    ["double", "seq / 3.0"],
    ["float", "seq / 3.0"],
    ["binary(16)", "unhex(md5(seq))"],
    ["varbinary(40)", "unhex(concat('00', hex(seq)))"],
    ["uuid", "concat('018f0000-0000-7000-8000-', lpad(hex(seq * 77), 12, '0'))"],
    ["varchar(40)", "md5(seq)"],
    ["char(40) character set latin1", "concat('ü', md5(seq))"],
    ["char(40) collate utf8mb4_bin", "md5(seq)"],
    ["datetime(6)", "timestamp('2024-01-01') + interval seq microsecond"],
    ["timestamp(3)", "timestamp('2024-01-01') + interval seq * 1000 microsecond"],
    ["date", "date('2024-01-01') + interval seq day"],
    ["time(2)", "sec_to_time(cast(seq as signed) * 3600 - 300000)"],
    ["bit(20)", "seq"],
    ["year", "1901 + seq"],
  ])("works with a key of type %s", async (type, expression) => {
    const table = `key_${type.replaceAll(/\W+/g, "_")}`;
    await run(`create table ${table} (k ${type} primary key, n int not null, updated_at timestamp(6) not null);
      insert into ${table} select ${expression}, seq, timestamp('2024-01-01') + interval (seq div 40) second from seq_1_to_200;`);
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
      const some = keysOf(pages).slice(20, 40);
      expect((await source.lookup(stream, some, never)).map((row) => row.key).toSorted()).toStrictEqual(
        some.toSorted(),
      );
    }
  });

  const WORDS = [
    "a",
    "A",
    "ä",
    "Ä",
    "b ",
    "b",
    "é",
    "e",
    "E",
    "ß",
    "ss",
    "z",
    "Z ",
    "ñ",
    "n",
    "",
    " ",
    "東",
    "🦊",
    "a\\'b",
    "%",
  ];

  it.each([
    "utf8mb4_general_ci",
    "utf8mb4_unicode_ci",
    "utf8mb4_swedish_ci",
    "utf8mb4_unicode_520_nopad_ci",
    "utf8mb4_bin",
    "utf8mb4_nopad_bin",
    "utf8mb4_german2_ci",
    "utf8mb3_general_ci",
    "latin1_swedish_ci",
    "latin1_german2_ci",
  ])("loses no row whose key only %s takes for another's", async (collation) => {
    const table = `words_${collation}`;
    const most = collation.startsWith("latin1") ? 0xff : collation.startsWith("utf8mb3") ? 0xffff : 0x10ffff;
    const words = WORDS.filter((word) =>
      Array.from(word).every((character) => (character.codePointAt(0) ?? 0) <= most),
    );
    const admin = await server.connect();
    // No unique index: rows that are equal by the collation stand side by side.
    await admin.query(`create table ${table} (w varchar(20) character set ${collation.split("_")[0]} collate ${collation} not null,
      n int not null, updated_at timestamp(6) not null default '2024-01-01', key (updated_at, w))`);
    for (const [index, word] of words.entries())
      await admin.query(`insert into ${table} (w, n) values (?, ?)`, [word, index]);
    for (const [pageRows, cursor] of [
      [2, "updated_at"],
      [1, undefined],
    ] as const) {
      for (const from of [{ table }, { query: `select * from ${table}` }]) {
        const source = server.source({ ...from, key: "w", pageRows, ...(cursor === undefined ? {} : { cursor }) });
        const stream = await onlyStream(source);
        const pages = await readAll(source, stream);
        expect(keysOf(pages).toSorted()).toStrictEqual(words.toSorted());
        if ("table" in from) await expectResumable(source, stream, pages);
        const found = await source.lookup(stream, ["a", "é", "b "], never);
        expect(found.map((row) => row.key).toSorted()).toStrictEqual(["a", "b ", "é"].toSorted());
      }
    }
  });

  it("follows the collation's order along a unique index, and asks for exactly the key", async () => {
    await run(`create table people (email varchar(50) collate utf8mb4_general_ci primary key, n int);
      insert into people values ('Zoe', 1), ('adam', 2), ('Éve', 3), ('bob ', 4), ('CARL', 5), ('dora', 6);`);
    const source = server.source({ table: "people", pageRows: 1 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toStrictEqual(["adam", "bob ", "CARL", "dora", "Éve", "Zoe"]);
    await expectResumable(source, stream, pages);
    // Another spelling is another key: the one that was asked for is gone.
    expect(await source.lookup(stream, ["ADAM", "bob", "dora"], never)).toMatchObject([{ key: "dora" }]);
  });

  it("works with composite keys of enums, texts and bytes", async () => {
    await run(`create table composite (kind enum('z','a','m') not null, code varchar(20) collate utf8mb4_unicode_ci not null, hash binary(4) not null,
        n int not null, updated_at datetime(3) not null default '2024-01-01', primary key (kind, code, hash));
      insert into composite (kind, code, hash, n) select elt(1 + seq % 3, 'a', 'm', 'z'), elt(1 + seq % 5, 'x', 'É', 'ß', '10', '9'), unhex(lpad(hex(seq), 8, '0')), seq from seq_1_to_300;`);
    for (const cursor of ["updated_at", undefined]) {
      const source = server.source({
        table: "composite",
        ...(cursor === undefined ? {} : { cursor }),
        pageRows: 37,
        cursorTimeZone: "+00:00",
      });
      const stream = narrow(await onlyStream(source), ["n"]);
      const pages = await readAll(source, stream);
      expect(new Set(keysOf(pages)).size).toBe(300);
      expect(keysOf(pages)[0]).toMatch(/^\["z",/);
      await expectResumable(source, stream, pages);
    }
  });

  it("takes a cursor that is its own key", async () => {
    await run(
      "create table log (id bigint auto_increment primary key, v int); insert into log (v) select seq from seq_1_to_100;",
    );
    const source = server.source({ table: "log", cursor: "id", pageRows: 30 });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toHaveLength(100);
    expect(pages.at(-1)?.proved).toStrictEqual({ field: "id", after: null, through: "100" });
    await expectResumable(source, stream, pages);
    expect(keysOf(await readAll(source, stream, lastCursor(pages)))).toStrictEqual([]);
  });

  it("reads rows without a cursor value and those dated far ahead on every run", async () => {
    await run(`create table outside (id int primary key, updated_at datetime(6) null);
      insert into outside values (1, '2024-01-01'), (2, null), (3, '2999-01-01'), (4, null), (5, '2024-01-02'), (6, now(6) + interval 1 hour);`);
    const source = server.source({ table: "outside", cursor: "updated_at", pageRows: 1, cursorTimeZone: "+00:00" });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages).toSorted()).toStrictEqual(["1", "2", "3", "4", "5"]);
    await expectResumable(source, stream, pages);
    expect(keysOf(await readAll(source, stream, lastCursor(pages))).toSorted()).toStrictEqual(["2", "3", "4"]);
  });

  it("reads a datetime in the zone in which it is written", async () => {
    await run(`create table local (id int primary key, updated_at datetime not null);
      insert into local values (1, utc_timestamp() + interval 9 hour - interval 10 second), (2, utc_timestamp() + interval 9 hour + interval 10 minute);`);
    const tokyo = server.source({ table: "local", cursor: "updated_at", cursorTimeZone: "Asia/Tokyo" });
    expect(keysOf(await readAll(tokyo, await onlyStream(tokyo)))).toStrictEqual(["1"]);
    const fixed = server.source({ table: "local", cursor: "updated_at", cursorTimeZone: "+09:00" });
    expect(keysOf(await readAll(fixed, await onlyStream(fixed)))).toStrictEqual(["1"]);
    const wrong = server.source({ table: "local", cursor: "updated_at", cursorTimeZone: "Mars/Olympus" });
    await expect(readAll(wrong, await onlyStream(wrong))).rejects.toThrow("there is no time zone Mars/Olympus");
    const unsaid = server.source({ table: "local", cursor: "updated_at" });
    expect((await unsaid.check(never)).find((finding) => finding.hint?.includes("cursorTimeZone"))?.level).toBe(
      "warning",
    );
  });

  it("takes reserved words and quotes for names", async () => {
    await run(
      "create table `order` (`key` int primary key, `select` varchar(5), `we``ird \"name` int, `a.b?` int); insert into `order` values (1, 'x?', 2, 3)",
    );
    const source = server.source({ table: "`order`" });
    const [page] = await readAll(source, await onlyStream(source));
    expect(page?.rows).toStrictEqual([{ key: "1", fields: { key: 1, select: "x?", 'we`ird "name': 2, "a.b?": 3 } }]);
    await source.check(never);
  });

  it("pages a query whatever it ends with and whatever it holds", async () => {
    await run(`create table orders (id int primary key, customer int not null, at timestamp(6) not null);
      insert into orders select seq, seq % 30, timestamp('2024-01-01') + interval seq minute from seq_1_to_300;`);
    const query =
      "with latest as (select customer, max(at) as at, count(*) as n, 'what?' as q from orders group by customer)\nselect * from latest where q <> '??' -- one a customer ?\n;";
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
    ["select 1 as id, 2 as id", /two columns named|Duplicate column/],
    ["select 1 as other", /no column "id"/],
    ["selec 1 as id", /error in your SQL syntax/],
    ["select 1 as id; select 2", /error in your SQL syntax/],
    ["select 1 as id) as x; drop table orders; select * from (select 1 as id", /error in your SQL syntax/],
    ["delete from orders returning id", /error in your SQL syntax/],
    ["select null as id", /is null in a row/],
    ["select 7 as id from seq_1_to_3", /does not identify a row/],
    ["select nosuch(1) as id", /nosuch/],
    ["select nextval(drawer) as id", /tries to write|drawer/],
  ])("refuses %s in words", async (query, expected) => {
    await run("create sequence if not exists drawer");
    const source = server.source({ query, key: "id" });
    const attempt = onlyStream(source).then((stream) => readAll(source, stream));
    await expect(attempt).rejects.toThrow(ConfigError);
    await expect(attempt).rejects.toThrow(expected);
  });

  it("lists tables and views with their keys, and finds a table by its name alone", async () => {
    await run(`create table listed (a int, b int not null, c varchar(9) not null, unique key (c), unique key (b, c), key (a));
      create view seen as select a, b from listed`);
    const all = await server.source({}).streams(never);
    expect(all.find((stream) => stream.name === "shop.listed")).toMatchObject({ key: ["c"] });
    expect(all.find((stream) => stream.name === "shop.seen")).toMatchObject({ key: ["a"] });
    expect(all.some((stream) => stream.name.startsWith("mysql."))).toBe(false);
    await expect(onlyStream(server.source({ table: "Listed" }))).rejects.toThrow(/there is no table shop.Listed/);
    await expect(onlyStream(server.source({ table: "Listed" }))).rejects.toMatchObject({
      hint: "Did you mean shop.listed?",
    });
    await expect(onlyStream(server.source({ table: "seen" }))).rejects.toThrow(/no primary key/);
  });

  it("keeps memory bounded when rows turn out wider than expected", async () => {
    await run(`create table wide (id int primary key, t longtext not null);
      insert into wide select seq, repeat('x', if(seq <= 200, 10, 200000)) from seq_1_to_320;`);
    const source = server.source({ table: "wide", pageBytes: 1_000_000 });
    const pages = await readAll(source, await onlyStream(source));
    expect(keysOf(pages)).toHaveLength(320);
    expect(Math.max(...pages.map((page) => page.bytes))).toBeLessThan(1_300_000);
  });
});
