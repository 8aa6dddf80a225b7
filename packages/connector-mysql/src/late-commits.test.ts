import type { Page } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  isMariadbInstalled,
  never,
  onlyStream,
  readAll,
  ROOT,
  runtime,
  startServer,
  type TestServer,
} from "./__fixtures__/server.ts";

const keysOf = (pages: readonly Page[]): string[] => pages.flatMap((page) => page.rows.map((row) => row.key));
const noticesOf = (pages: readonly Page[]): string => pages.flatMap((page) => page.notices ?? []).join("\n");
const pause = (ms: number): Promise<void> => runtime.sleep(ms, never);
const cursorOf = (pages: readonly Page[]): Page["cursor"] => pages.at(-1)?.cursor ?? null;

const CHANGED = "updated_at timestamp(6) not null default current_timestamp(6) on update current_timestamp(6)";

describe.skipIf(!isMariadbInstalled)("late commits [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
    const admin = await server.connect();
    await admin.query(`create user shy@'%' identified by '${ROOT.password}'; grant select on shop.* to shy@'%'`);
  });

  afterEach(() => server.release());

  afterAll(() => server.stop());

  const follow = async (table: string, options: Record<string, unknown> = {}) => {
    const source = server.source({ table, cursor: "updated_at", ...options });
    const stream = await onlyStream(source);
    let after: Page["cursor"] | null = null;
    return {
      source,
      async pass(): Promise<Page[]> {
        const pages = await readAll(source, stream, after);
        after = cursorOf(pages) ?? after;
        return pages;
      },
    };
  };

  it("an open transaction keeps what changed after it began from being passed, and is read when it ends", async () => {
    const admin = await server.connect();
    await admin.query(`create table held (id int primary key, ${CHANGED}); insert into held (id) values (1)`);
    const reader = await follow("held");
    expect(keysOf(await reader.pass())).toStrictEqual(["1"]);
    const writer = await server.connect();
    await writer.query("begin");
    await writer.query("insert into held (id) values (2)");
    await admin.query("insert into held (id) values (3)");
    const held = await reader.pass();
    expect(keysOf(held)).toStrictEqual([]);
    expect(noticesOf(held)).toContain("reading waits for what was under way");
    await writer.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["2", "3"]);
  });

  it("a long transaction does not keep a first run from everything older", async () => {
    const admin = await server.connect();
    await admin.query(
      `create table old (id int primary key, ${CHANGED}); insert into old values (1, now(6) - interval 1 hour), (2, now(6))`,
    );
    const writer = await server.connect();
    await writer.query("begin");
    await writer.query("insert into old (id) values (3)");
    const reader = await follow("old");
    expect(keysOf(await reader.pass())).toStrictEqual(["1"]);
    await writer.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["2", "3"]);
  });

  it("a statement that waited before InnoDB heard of it keeps its time", { timeout: 60_000 }, async () => {
    const admin = await server.connect();
    await admin.query(`create table waited (id int primary key, ${CHANGED})`);
    const reader = await follow("waited");
    await reader.pass();
    const locker = await server.connect();
    await locker.query("lock tables waited write");
    const writer = await server.connect();
    await writer.query("begin");
    // Its time is taken now, its transaction begins when the table is free: two seconds and more apart.
    const writing = writer.query("insert into waited (id) values (1)");
    await pause(2500);
    await locker.query("unlock tables");
    await writing;
    const [row] = await writer.query(
      "select timestampdiff(microsecond, updated_at, trx_started) > 1000000 as apart from waited, information_schema.innodb_trx where trx_mysql_thread_id = connection_id()",
    );
    expect(row).toStrictEqual({ apart: 1 });
    // Whoever believes in the start of the transaction goes on behind this row, and never sees the other one.
    const [own] = await writer.query("select updated_at + interval 200000 microsecond as soon from waited");
    await admin.query("insert into waited values (2, ?)", [own?.["soon"]]);
    expect(keysOf(await reader.pass())).toStrictEqual([]);
    await writer.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["1", "2"]);
  });

  it("a picture of transactions that is not fresh is not believed", { timeout: 60_000 }, async () => {
    const admin = await server.connect();
    await admin.query(`create table stale (id int primary key, ${CHANGED})`);
    const reader = await follow("stale");
    await reader.pass();
    const poller = await server.connect();
    let isPolling = true;
    // Whoever asks all the time keeps InnoDB from ever taking a new picture.
    const polling = (async () => {
      while (isPolling) await poller.query("select count(*) from information_schema.innodb_trx");
    })();
    const writer = await server.connect();
    await writer.query("begin");
    await writer.query("insert into stale (id) values (1)");
    await admin.query("insert into stale (id) values (2)");
    const blind = await reader.pass();
    expect(keysOf(blind)).toStrictEqual([]);
    expect(noticesOf(blind)).toContain("kept from being fresh");
    isPolling = false;
    await polling;
    await writer.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["1", "2"]);
  });

  it("a transaction that was prepared and left its session is waited for", async () => {
    const admin = await server.connect();
    await admin.query(`create table two_phase (id int primary key, ${CHANGED})`);
    const reader = await follow("two_phase");
    await reader.pass();
    const writer = await server.connect();
    await writer.query("xa start 'x'");
    await writer.query("insert into two_phase (id) values (1)");
    await writer.query("xa end 'x'");
    await writer.query("xa prepare 'x'");
    writer.connection.destroy();
    await pause(300);
    await admin.query("insert into two_phase (id) values (2)");
    expect(keysOf(await reader.pass())).toStrictEqual([]);
    await admin.query("xa commit 'x'");
    expect(keysOf(await reader.pass())).toStrictEqual(["1", "2"]);
  });

  it("read-only transactions and plain selects hold nothing back", async () => {
    const admin = await server.connect();
    await admin.query(`create table free (id int primary key, ${CHANGED}); insert into free (id) values (1)`);
    const dump = await server.connect();
    await dump.query("start transaction read only");
    await dump.query("select * from free");
    const slow = await server.connect();
    const selecting = slow.query("select sleep(3), count(*) from free where id < 2").catch(() => []);
    await pause(50);
    const reader = await follow("free");
    const startedAt = performance.now();
    expect(keysOf(await reader.pass())).toStrictEqual(["1"]);
    expect(performance.now() - startedAt).toBeLessThan(2500);
    await selecting;
  });

  it("lagMs keeps more distance", async () => {
    const admin = await server.connect();
    await admin.query(
      `create table distant (id int primary key, ${CHANGED}); insert into distant values (1, now(6) - interval 10 second), (2, now(6) - interval 1 second)`,
    );
    const reader = await follow("distant", { lagMs: 5000 });
    expect(keysOf(await reader.pass())).toStrictEqual(["1"]);
  });

  it("without PROCESS reading stays five minutes behind, and check says what to grant", async () => {
    const admin = await server.connect();
    await admin.query(
      `create table unseen (id int primary key, ${CHANGED}); insert into unseen values (1, now(6) - interval 10 minute), (2, now(6) - interval 1 minute)`,
    );
    const shy = { host: "127.0.0.1", port: server.port, database: "shop", user: "shy", password: ROOT.password };
    const reader = await follow("unseen", shy);
    const pages = await reader.pass();
    expect(keysOf(pages)).toStrictEqual(["1"]);
    expect(noticesOf(pages)).toContain("reading stays 300 s behind: open transactions of others cannot be seen");
    const warnings = async (): Promise<string> =>
      (await reader.source.check(never)).map((finding) => `${finding.level} ${finding.hint}`).join("\n");
    expect(await warnings()).toContain("warning Run grant process on *.* to shy");
    await admin.query("grant process on *.* to shy@'%'");
    const granted = await follow("unseen", shy);
    expect(keysOf(await granted.pass())).toStrictEqual(["1", "2"]);
    await admin.query("revoke process on *.* from shy@'%'");
  });

  it("a rising number does not pass a smaller one that is not committed yet", { timeout: 60_000 }, async () => {
    const admin = await server.connect();
    await admin.query(
      "create table numbered (id bigint primary key auto_increment, v int); insert into numbered (v) values (1)",
    );
    const reader = await follow("numbered", { cursor: "id" });
    expect(keysOf(await reader.pass())).toStrictEqual(["1"]);
    const slow = await server.connect();
    await slow.query("begin");
    await slow.query("insert into numbered (v) values (2)");
    await admin.query("insert into numbered (v) values (3)");
    const held = await reader.pass();
    expect(keysOf(held)).toStrictEqual([]);
    expect(cursorOf(held)).toMatchObject({ provedThrough: "1", pending: { value: "3" } });
    // The old pair is safe as soon as the transaction ends, though another one is open by then.
    const other = await server.connect();
    await other.query("begin");
    await other.query("insert into numbered (v) values (4)");
    await slow.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["2", "3"]);
    await other.query("commit");
    expect(keysOf(await reader.pass())).toStrictEqual(["4"]);
  });

  it.each([
    ["timestamp", "1 second"],
    ["timestamp(3)", "1000 microsecond"],
    ["datetime", "1 second"],
    ["datetime(2)", "10000 microsecond"],
  ])("a cursor of %s is complete only when no more rows can get its newest value", async (type) => {
    const table = `tick_${type.replaceAll(/\W/g, "_")}`;
    const digits = /\(\d\)/.exec(type)?.[0] ?? "";
    const admin = await server.connect();
    await admin.query(
      `create table ${table} (id int primary key auto_increment, updated_at ${type} not null default current_timestamp${digits})`,
    );
    const reader = await follow(table, { cursorTimeZone: "+00:00" });
    const keys = new Set<string>();
    for (let round = 0; round < 12; round += 1) {
      await admin.query(`insert into ${table} values ()`);
      for (const key of keysOf(await reader.pass())) keys.add(key);
      await admin.query(`insert into ${table} values ()`);
    }
    await pause(2100);
    for (const key of keysOf(await reader.pass())) keys.add(key);
    expect(keys.size).toBe(24);
  });
});

describe.skipIf(!isMariadbInstalled)(
  "a server in another zone [needs MariaDB: apt-get install mariadb-server-core]",
  () => {
    it("is read by its own wall clock, and its transactions' starts are understood", async () => {
      const tokyo = await startServer([], "Asia/Tokyo");
      try {
        const admin = await tokyo.connect();
        await admin.query(`set time_zone = 'SYSTEM'; create table local (id int primary key, updated_at datetime(6) not null default current_timestamp(6));
          insert into local values (1, now(6) - interval 1 hour); insert into local (id) values (2)`);
        const source = tokyo.source({ table: "local", cursor: "updated_at" });
        const stream = await onlyStream(source);
        const pages = await readAll(source, stream);
        expect(keysOf(pages)).toStrictEqual(["1", "2"]);
        const writer = await tokyo.connect();
        await writer.query("set time_zone = 'SYSTEM'; begin");
        await writer.query("insert into local (id) values (3)");
        await admin.query("insert into local (id) values (4)");
        expect(keysOf(await readAll(source, stream, cursorOf(pages)))).toStrictEqual([]);
        // A first run reads what is five minutes older than the transaction, and nothing newer.
        expect(keysOf(await readAll(source, stream))).toStrictEqual(["1"]);
        await writer.query("commit");
        expect(keysOf(await readAll(source, stream, cursorOf(pages)))).toStrictEqual(["3", "4"]);
      } finally {
        await tokyo.stop();
      }
    });
  },
);

describe.skipIf(!isMariadbInstalled)("a replica [needs MariaDB: apt-get install mariadb-server-core]", () => {
  it("is read five minutes behind what it has applied, and check says so", { timeout: 120_000 }, async () => {
    const primary = await startServer(["--log-bin", "--server-id=1"]);
    const replica = await startServer(["--server-id=2", "--read-only"]);
    try {
      const writer = await primary.connect();
      const admin = await replica.connect();
      await admin.query(
        `change master to master_host='127.0.0.1', master_port=${primary.port}, master_user='${ROOT.user}', master_password='${ROOT.password}', master_use_gtid=no, master_log_file='', master_log_pos=4; set global replicate_do_db='shop'; start slave`,
      );
      await writer.query(
        `create table copied (id int primary key, ${CHANGED}); insert into copied values (1, now(6) - interval 1 hour), (2, now(6) - interval 1 second)`,
      );
      await expect
        .poll(
          () =>
            admin.query("select count(*) as n from copied").then(
              ([row]) => row?.["n"],
              () => 0,
            ),
          { timeout: 30_000 },
        )
        .toBe("2");
      const source = replica.source({ table: "copied", cursor: "updated_at" });
      const stream = await onlyStream(source);
      const pages = await readAll(source, stream);
      expect(keysOf(pages)).toStrictEqual(["1"]);
      expect(noticesOf(pages)).toContain("this server is a replica");
      expect((await source.check(never)).some((finding) => finding.message.includes("is a replica"))).toBe(true);
      const whole = replica.source({ table: "copied" });
      expect(keysOf(await readAll(whole, await onlyStream(whole)))).toStrictEqual(["1", "2"]);
      // Stopped, it does not say how far it is behind: nothing new is proved.
      await admin.query("stop slave");
      const stopped = await readAll(source, stream, null);
      expect(keysOf(stopped)).toStrictEqual([]);
      expect(noticesOf(stopped)).toContain("it does not say how far behind it is");
    } finally {
      await replica.stop();
      await primary.stop();
    }
  });
});
