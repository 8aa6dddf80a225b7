import type { Cursor, Page, Stream } from "@acme/sync-core";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { cursorBounds } from "./query.ts";
import { never, onlyStream, readAll, runtime, startServer, type TestServer } from "./__fixtures__/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const admin = await server.connect();
  await admin.query("create role reader login password 'reader'; grant pg_read_all_data to reader");
});

afterEach(() => server.release());

afterAll(() => server.stop());

const keysOf = (pages: readonly Page[]): string[] => pages.flatMap((page) => page.rows.map((row) => row.key));
const noticesOf = (pages: readonly Page[]): string => pages.flatMap((page) => page.notices ?? []).join("\n");
const pause = (ms: number): Promise<void> => runtime.sleep(ms, never);

/** Reads passes one after another and keeps the last version of every row. */
function follow(source: ReturnType<TestServer["source"]>, stream: Stream) {
  let cursor: Cursor | null = null;
  const seen = new Map<string, string>();
  return {
    seen,
    async pass(): Promise<Page[]> {
      const pages = await readAll(source, stream, cursor);
      for (const page of pages) {
        for (const row of page.rows) seen.set(row.key, JSON.stringify(row.fields["version"]));
      }
      cursor = pages.at(-1)?.cursor ?? cursor;
      return pages;
    },
  };
}

/** Writers that hold their transactions for a while; some roll back, some write late, some write the same row again. */
async function write(client: Client, table: string, seed: number, count: number): Promise<void> {
  let state = seed;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
  for (let round = 0; round < count; round += 1) {
    await client.query("begin");
    for (let row = 0; row <= random(4); row += 1) {
      if (random(3) === 0) await pause(random(15));
      const version = seed * 100_000 + round * 10 + row;
      if (random(2) === 0) await client.query(`insert into ${table} (version) values ($1)`, [version]);
      else {
        await client.query(
          `update ${table} set version = $1, updated_at = default, seq = default where id in (select id from ${table} order by id offset $2 limit 1 for update skip locked)`,
          [version, random(200)],
        );
      }
    }
    await pause(random(40));
    await client.query(random(6) === 0 ? "rollback" : "commit");
  }
}

describe.each([
  ["timestamptz", "updated_at", "timestamptz not null default now()"],
  ["timestamptz(0)", "updated_at", "timestamptz(0) not null default now()"],
  ["timestamp without time zone", "updated_at", "timestamp not null default now()"],
  ["clock_timestamp()", "updated_at", "timestamptz not null default clock_timestamp()"],
  ["a sequence", "seq", "timestamptz"],
])("concurrent writers with a cursor of %s", (name, cursor, type) => {
  it("lose nothing", { timeout: 60_000 }, async () => {
    const table = `busy_${name.replaceAll(/\W+/g, "_")}`;
    const admin = await server.connect();
    await admin.query(`create table ${table} (id bigserial primary key, version int not null, updated_at ${type}, seq bigserial);
      insert into ${table} (version) select 0 from generate_series(1, 300);
      create index on ${table} (${cursor}, id)`);
    const source = server.source({ table, cursor, pageRows: 23 });
    const reader = follow(source, await onlyStream(source));
    const writers = await Promise.all([1, 2, 3, 4, 5].map(() => server.connect()));
    let isWriting = true;
    const writing = Promise.all(writers.map((client, index) => write(client, table, index + 1, 25))).finally(() => {
      isWriting = false;
    });
    let passes = 0;
    while (isWriting) {
      await reader.pass();
      passes += 1;
    }
    await writing;
    // A column that rounds to seconds proves the last second only when it is over.
    if (name === "timestamptz(0)") await pause(2100);
    await reader.pass();
    const { rows } = await admin.query<{ id: string; version: number }>(`select id::text, version from ${table}`);
    expect(passes).toBeGreaterThan(3);
    const stale = rows.filter((row) => reader.seen.get(row.id) !== String(row.version));
    expect(stale).toStrictEqual([]);
  });
});

describe("an open transaction", () => {
  it("holds reads back, is named once it is old, and is read when it ends", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table held (id int primary key, updated_at timestamptz not null default now()); insert into held values (1)",
    );
    const writer = await server.connect({ application_name: "nightly job" });
    await writer.query("begin");
    await writer.query("insert into held values (2)");
    await pause(20);
    await admin.query("insert into held values (3)");
    const source = server.source({ table: "held", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const first = await readAll(source, stream);
    expect(keysOf(first)).toStrictEqual(["1"]);
    await writer.query("commit");
    expect(keysOf(await readAll(source, stream, first.at(-1)?.cursor ?? null))).toStrictEqual(["2", "3"]);
  });

  it("that has not written yet counts from its beginning", async () => {
    const admin = await server.connect();
    await admin.query("create table lazy (id int primary key, updated_at timestamptz not null default now())");
    const writer = await server.connect();
    await writer.query("begin");
    await writer.query("select 1");
    await admin.query("insert into lazy values (1)");
    const source = server.source({ table: "lazy", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const first = await readAll(source, stream);
    expect(keysOf(first)).toStrictEqual([]);
    await writer.query("insert into lazy values (2); commit");
    expect(keysOf(await readAll(source, stream, first.at(-1)?.cursor ?? null))).toStrictEqual(["2", "1"]);
  });

  it("of another database does not matter", async () => {
    const admin = await server.connect();
    await admin.query("create database elsewhere");
    const other = await server.connect({ database: "elsewhere" });
    await other.query("begin; select 1");
    await admin.query(
      "create table alone (id int primary key, updated_at timestamptz not null default now()); insert into alone values (1)",
    );
    const source = server.source({ table: "alone", cursor: "updated_at" });
    expect(keysOf(await readAll(source, await onlyStream(source)))).toStrictEqual(["1"]);
  });

  it("that was prepared counts from before its time", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table two_phase (id int primary key, updated_at timestamptz not null default now()); insert into two_phase values (1)",
    );
    const writer = await server.connect();
    await writer.query("begin; insert into two_phase values (2); prepare transaction 'p'");
    const source = server.source({ table: "two_phase", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const held = await readAll(source, stream);
    expect(keysOf(held)).toStrictEqual([]);
    expect(noticesOf(held)).toContain("a prepared transaction of role postgres");
    const brave = server.source({ table: "two_phase", cursor: "updated_at", lagMs: 0 });
    expect(keysOf(await readAll(brave, stream))).toStrictEqual(["1"]);
    await writer.query("commit prepared 'p'");
    expect(keysOf(await readAll(source, stream, held.at(-1)?.cursor ?? null))).toStrictEqual(["1", "2"]);
  });

  it("lagMs keeps more distance", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table distant (id int primary key, updated_at timestamptz not null); insert into distant values (1, now() - interval '10 s'), (2, now() - interval '1 s')",
    );
    const source = server.source({ table: "distant", cursor: "updated_at", lagMs: 5000 });
    expect(keysOf(await readAll(source, await onlyStream(source)))).toStrictEqual(["1"]);
  });
});

describe("a role that cannot see others' transactions", () => {
  it("stays five minutes behind, and check says what to grant", async () => {
    const admin = await server.connect();
    await admin.query(`create table shy (id int primary key, updated_at timestamptz not null default now());
      insert into shy values (1, now() - interval '10 min'), (2, now() - interval '1 min')`);
    const options = { table: "shy", cursor: "updated_at", user: "reader", password: "reader" };
    const source = server.source(options);
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    expect(keysOf(pages)).toStrictEqual(["1"]);
    expect(noticesOf(pages)).toMatch(
      /reading stays 300 s behind: \d+ sessions of other roles hide.*grant pg_read_all_stats to reader/,
    );
    expect((await source.check(never)).find((finding) => finding.hint?.includes("pg_read_all_stats"))?.level).toBe(
      "warning",
    );
    const shorter = server.source({ ...options, lagMs: 30_000 });
    expect(keysOf(await readAll(shorter, stream))).toStrictEqual(["1", "2"]);
    await admin.query("grant pg_read_all_stats to reader");
    const exact = await readAll(source, stream, pages.at(-1)?.cursor ?? null);
    expect(keysOf(exact)).toStrictEqual(["2"]);
    expect((await source.check(never)).some((finding) => finding.hint?.includes("pg_read_all_stats"))).toBe(false);
    await admin.query("revoke pg_read_all_stats from reader");
  });
});

describe("a cursor from a sequence", () => {
  it("does not pass a smaller number that is not committed yet", { timeout: 20_000 }, async () => {
    const admin = await server.connect();
    await admin.query("create table numbered (seq bigserial primary key, v text)");
    await admin.query("insert into numbered (v) values ('a')");
    const source = server.source({ table: "numbered", cursor: "seq" });
    const stream = await onlyStream(source);
    const first = await readAll(source, stream);
    expect(keysOf(first)).toStrictEqual(["1"]);

    const slow = await server.connect();
    await slow.query("begin; insert into numbered (v) values ('slow')");
    await admin.query("insert into numbered (v) values ('fast')");
    const started = performance.now();
    const second = await readAll(source, stream, first.at(-1)?.cursor ?? null);
    expect(performance.now() - started).toBeGreaterThan(2500);
    expect(keysOf(second)).toStrictEqual([]);
    expect(second.at(-1)?.cursor).toMatchObject({ provedThrough: "1", pending: { value: "3" } });
    expect(noticesOf(second)).toContain("reading waits for transactions");

    // The old pair is safe as soon as the transaction ends, though another one is open by then.
    const other = await server.connect();
    await other.query("begin; insert into numbered (v) values ('other')");
    await slow.query("commit");
    const third = await readAll(source, stream, second.at(-1)?.cursor ?? null);
    expect(keysOf(third)).toStrictEqual(["2", "3"]);
    await other.query("commit");
    const fourth = await readAll(source, stream, third.at(-1)?.cursor ?? null);
    expect(keysOf(fourth)).toStrictEqual(["4"]);
    expect(fourth.at(-1)?.proved).toStrictEqual({ field: "seq", after: "3", through: "4" });
  });

  it("warns where numbers do not rise", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table cached (id int primary key, seq bigint not null, own bigserial not null); alter sequence cached_own_seq cache 20",
    );
    const messages = async (cursor: string): Promise<string> =>
      (await server.source({ table: "cached", cursor }).check(never)).map((finding) => finding.message).join("\n");
    expect(await messages("own")).toContain("a block of 20 numbers");
    expect(await messages("seq")).toContain("no sequence of its own");
  });
});

describe("a wall clock that is set back", () => {
  it.each([
    ["Europe/Vienna", "2026-10-25 01:00:00+00"],
    ["America/New_York", "2026-11-01 06:00:00+00"],
    ["Australia/Lord_Howe", "2026-04-04 15:00:00+00"],
    ["UTC", "2026-10-25 01:00:00+00"],
  ])("never shows a time below a bound again: %s", async (zone, change) => {
    const admin = await server.connect();
    const moments = await admin.query<{ moment: string }>(
      "select (moment at time zone 'UTC')::text || '+00' as moment from generate_series($1::timestamptz - interval '3 h', $1::timestamptz + interval '3 h', interval '5 min') moment",
      [change],
    );
    for (const { moment } of moments.rows) {
      const { rows } = await admin.query<{ bound: string }>(cursorBounds("timestamp"), [
        moment,
        moment,
        "-infinity",
        zone,
      ]);
      const bound = rows[0]?.bound ?? "";
      const later = await admin.query<{ below: string }>(
        "select count(*) as below from generate_series($1::timestamptz, $1::timestamptz + interval '4 h', interval '5 min') t where t at time zone $2 < $3::timestamp",
        [moment, zone, bound],
      );
      expect(later.rows[0]?.below, `${moment} ${bound}`).toBe("0");
    }
  });
});
