import { ConfigError, type Json } from "@acme/sync-core";
import * as fc from "fast-check";
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

/** Type, SQL value, JSON value, and the field type where it is not text. */
const VALUES: readonly (readonly [type: string, sql: string, json: Json, fieldType?: string])[] = [
  ["tinyint", "-128", -128, "number"],
  ["tinyint(1)", "1", 1, "number"],
  ["tinyint(1)", "127", 127, "number"],
  ["tinyint unsigned", "255", 255, "number"],
  ["smallint", "-32768", -32768, "number"],
  ["mediumint unsigned", "16777215", 16777215, "number"],
  ["int unsigned", "4294967295", 4294967295, "number"],
  ["int(6) zerofill", "42", 42, "number"],
  ["bigint", "-9223372036854775808", "-9223372036854775808", "bigint"],
  ["bigint unsigned", "18446744073709551615", "18446744073709551615", "bigint"],
  ["bigint(20) zerofill", "7", "7", "bigint"],
  [
    "decimal(65,30)",
    "'12345678901234567890123456789012345.123456789012345678901234567890'",
    "12345678901234567890123456789012345.123456789012345678901234567890",
    "decimal",
  ],
  ["decimal(10,2)", "1.1", "1.10", "decimal"],
  ["float", "0.1", 0.1, "number"],
  ["float", "16777217", 16777216, "number"],
  ["float", "3.4028235e38", 3.4028235e38, "number"],
  ["double", "0.30000000000000004", 0.30000000000000004, "number"],
  ["double", "1.7976931348623157e308", 1.7976931348623157e308, "number"],
  ["double", "5e-324", 5e-324, "number"],
  ["bit(1)", "b'1'", true, "boolean"],
  ["bit(1)", "b'0'", false, "boolean"],
  ["bit(8)", "b'101'", "00000101"],
  ["bit(64)", "18446744073709551615", "1".repeat(64)],
  ["date", "'2024-02-29'", "2024-02-29", "date"],
  ["date", "'0001-01-01'", "0001-01-01", "date"],
  ["datetime", "'9999-12-31 23:59:59'", "9999-12-31T23:59:59", "datetime"],
  ["datetime(6)", "'2024-01-01 12:00:00.123456'", "2024-01-01T12:00:00.123456", "datetime"],
  ["timestamp null", "'2024-01-01 12:00:00'", "2024-01-01T06:15:00Z", "datetime"],
  ["timestamp(6) null", "'2024-01-01 12:00:00.123456'", "2024-01-01T06:15:00.123456Z", "datetime"],
  ["time", "'838:59:59'", "838:59:59"],
  ["time(6)", "'-25:00:00.5'", "-25:00:00.500000"],
  ["year", "2155", 2155, "number"],
  ["year", "0", 0, "number"],
  ["enum('it''s','b')", "'it''s'", "it's"],
  ["set('a','b','c')", "'c,a'", "a,c"],
  ["json", `'{"b": 12345678901234567890, "a": [1.50, null]}'`, { b: "12345678901234567890", a: [1.5, null] }, "json"],
  ["json", "'null'", null, "json"],
  ["varchar(20)", "'line\\n\"quote\" \\\\ ü 🦊'", 'line\n"quote" \\ ü 🦊'],
  ["varchar(20) character set latin1", "'Größe'", "Größe"],
  ["varchar(20) character set utf16", "'🦊'", "🦊"],
  ["char(5)", "'ab'", "ab"],
  ["varchar(5)", "'ab '", "ab "],
  ["longtext", "''", ""],
  ["uuid", "'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"],
  ["inet6", "'::ffff:192.0.2.1'", "::ffff:192.0.2.1"],
];

describe.skipIf(!isMariadbInstalled)("types [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    // Settings that would spoil values if a session relied on the server's own.
    server = await startServer([
      "--default-time-zone=+05:45",
      "--sql-mode=ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,PAD_CHAR_TO_FULL_LENGTH,NO_ZERO_DATE,NO_ZERO_IN_DATE,STRICT_ALL_TABLES",
      "--character-set-server=latin1",
    ]);
  });

  afterEach(() => server.release());

  afterAll(() => server.stop());

  const plainMode = "set sql_mode = '', time_zone = '+05:45', names utf8mb4";

  it("arrive as plain JSON, whatever the server's settings, from a table and through a query", async () => {
    const admin = await server.connect();
    const columns = VALUES.map(([type], index) => `c${index} ${type}`);
    await admin.query(
      `${plainMode}; create table every_type (id int primary key, ${columns.join(", ")}) character set utf8mb4`,
    );
    await admin.query(`insert into every_type values (1, ${VALUES.map(([, sql]) => sql).join(", ")})`);
    await admin.query("insert into every_type (id) values (2)");
    const source = server.source({ table: "every_type" });
    const stream = await onlyStream(source);
    const rows = (await readAll(source, stream)).flatMap((page) => page.rows);
    for (const [index, [type, sql, json, fieldType]] of VALUES.entries()) {
      const label = `${type} ${sql}`;
      expect(rows[0]?.fields[`c${index}`], label).toStrictEqual(json);
      expect(stream.fields.find((field) => field.name === `c${index}`)?.type, label).toBe(fieldType ?? "text");
      expect(rows[1]?.fields[`c${index}`], label).toBeNull();
    }
    expect(JSON.parse(JSON.stringify(rows))).toStrictEqual(rows);

    const query = server.source({ query: "select * from every_type where id = 1", key: "id" });
    const queried = await onlyStream(query);
    const [row] = (await readAll(query, queried)).flatMap((page) => page.rows);
    for (const [index, [type, sql, json, fieldType]] of VALUES.entries()) {
      expect(row?.fields[`c${index}`], `${type} ${sql} in a query`).toStrictEqual(json);
      expect(queried.fields.find((field) => field.name === `c${index}`)?.type, `${type} in a query`).toBe(
        fieldType ?? "text",
      );
    }
  });

  it("tinyint(1) may be boolean, and other numbers in it stay numbers", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table flags (id int primary key, f tinyint(1), g tinyint); insert into flags values (1, 0, 0), (2, 1, 1), (3, 2, 2), (4, null, null)",
    );
    const source = server.source({ table: "flags", tinyint1: "boolean" });
    const rows = (await readAll(source, await onlyStream(source))).flatMap((page) => page.rows);
    expect(rows.map((row) => row.fields["f"])).toStrictEqual([false, true, 2, null]);
    expect(rows.map((row) => row.fields["g"])).toStrictEqual([0, 1, 2, null]);
  });

  it("zero dates are refused, null or text, as configured", async () => {
    const admin = await server.connect();
    await admin.query(`${plainMode}; create table zero (id int primary key, d date, t datetime(3), s timestamp null, updated_at datetime not null);
      insert into zero values (1, '0000-00-00', '0000-00-00', 0, '0000-00-00'), (2, '2024-00-15', '2024-05-00 01:02:03', null, '2024-00-00'), (3, '2024-10-10', '2024-10-10 10:00:00', '2024-10-10 10:00:00', '2024-01-01')`);
    const refusing = server.source({ table: "zero" });
    const stream = await onlyStream(refusing);
    await expect(readAll(refusing, stream)).rejects.toThrow(ConfigError);
    await expect(readAll(refusing, narrow(stream, ["id", "d"]))).rejects.toThrow(
      "shop.zero.d holds a date that does not exist",
    );
    const read = async (zeroDates: string, cursor: Record<string, string>) => {
      const source = server.source({ table: "zero", zeroDates, pageRows: 1, cursorTimeZone: "+00:00", ...cursor });
      return (await readAll(source, narrow(await onlyStream(source), ["d", "t", "s"]))).flatMap((page) => page.rows);
    };
    for (const cursor of [{}, { cursor: "updated_at" }]) {
      expect((await read("null", cursor)).map((row) => row.fields)).toStrictEqual([
        { d: null, t: null, s: null },
        { d: null, t: null, s: null },
        { d: "2024-10-10", t: "2024-10-10T10:00:00.000", s: "2024-10-10T04:15:00Z" },
      ]);
      expect((await read("text", cursor)).map((row) => row.fields["d"])).toStrictEqual([
        "0000-00-00",
        "2024-00-15",
        "2024-10-10",
      ]);
    }
  });

  it("bytes and shapes are listed with the reason, refused, and may be the key", async () => {
    const admin = await server.connect();
    await admin.query(`create table bytes (k binary(16) primary key, b blob, v varbinary(9), g point, n int);
      insert into bytes select unhex(md5(seq)), 'x', 'y', point(1, 2), seq from seq_1_to_50`);
    const source = server.source({ table: "bytes", pageRows: 7 });
    const stream = await onlyStream(source);
    expect(stream.fields.map((field) => field.unreadable !== null)).toStrictEqual([true, true, true, true, false]);
    await expect(readAll(source, stream)).rejects.toThrow(
      /shop\.bytes\.k cannot be read: binary\(16\) holds bytes.*hex\(k\)/,
    );
    expect(stream.fields.find((field) => field.name === "g")?.unreadable).toContain("st_asgeojson(g)");
    const rows = (await readAll(source, narrow(stream, ["n"]))).flatMap((page) => page.rows);
    expect(rows).toHaveLength(50);
    expect(rows[0]?.key).toMatch(/^[0-9A-F]{32}$/);
    const query = server.source({
      query: "select hex(k) as k, to_base64(b) as b, st_asgeojson(g) as g from bytes",
      key: "k",
    });
    const [page] = await readAll(query, await onlyStream(query));
    expect(page?.rows[0]?.fields).toMatchObject({ b: "eA==" });
    await source.check(never);
  });

  it("keep their values on a round trip", async () => {
    const admin = await server.connect();
    await admin.query(
      `${plainMode}; create table trip (id int primary key, j json, t longtext, n decimal(50,10), i bigint, u bigint unsigned, f double, g float) character set utf8mb4`,
    );
    const text = fc.string({ unit: "grapheme" }).map((value) => value.toWellFormed());
    const row = fc.record({
      j: fc
        .jsonValue({ noUnicodeString: false })
        .map((value): Json => JSON.parse(JSON.stringify(value).toWellFormed())),
      t: text,
      n: fc
        .tuple(fc.bigInt(-(10n ** 38n), 10n ** 38n), fc.nat(9))
        .map(([whole, digit]) => `${whole}.${String(digit).repeat(10)}`),
      i: fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
      u: fc.bigInt(0n, 2n ** 64n - 1n),
      f: fc.double({ noNaN: true, noDefaultInfinity: true }),
      g: fc.float({ noNaN: true, noDefaultInfinity: true }),
    });
    const rows = fc.sample(row, { numRuns: 150, seed: 7 });
    for (const [index, { j, t, n, i, u, f, g }] of rows.entries()) {
      await admin.query("insert into trip values (?, ?, ?, ?, ?, ?, ?, ?)", [
        index,
        JSON.stringify(j),
        t,
        n,
        String(i),
        String(u),
        f,
        g,
      ]);
    }
    const source = server.source({ table: "trip", pageRows: 17 });
    const read = (await readAll(source, await onlyStream(source))).flatMap((page) => page.rows);
    for (const [index, { j, t, n, i, u, f, g }] of rows.entries()) {
      const fields = read[index]?.fields ?? {};
      expect(fields["j"]).toEqual(j);
      expect(fields["t"]).toBe(t);
      expect(fields["n"]).toBe(n.replace(/^-0\.0+$/, n));
      expect(fields["i"]).toBe(String(i));
      expect(fields["u"]).toBe(String(u));
      expect(Number(fields["f"]) + 0).toBe(f + 0);
      expect(Math.fround(Number(fields["g"])) + 0).toBe(g + 0);
    }
  });
});
