import { rename } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { AuthError, ConfigError, type SyncError, TransientError } from "@acme/sync-core";
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

const failureOf = (work: Promise<unknown>): Promise<SyncError> =>
  work.then(
    () => {
      throw new Error("expected a failure");
    },
    (error: SyncError) => error,
  );

describe.skipIf(!isMariadbInstalled)("failures [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer();
    const admin = await server.connect();
    await admin.query(`create table numbers (id int primary key, secret varchar(20), v int);
      insert into numbers select seq, 'ada@example.com', seq from seq_1_to_5000;
      create user narrow@'%' identified by 'narrow'; grant select (id, v) on shop.numbers to narrow@'%';
      create user blind@'%' identified by 'blind'; grant insert on shop.numbers to blind@'%'; grant usage on *.* to blind@'%';
      create user locked@'%' identified by 'locked' account lock;
      create user expired@'%' identified by 'expired'; grant select on shop.numbers to expired@'%'; alter user expired@'%' password expire`);
    await admin.end();
  });

  afterEach(() => server.release());

  afterAll(() => server.stop());

  const login = (user: string, rest: Record<string, unknown> = {}): Record<string, unknown> => ({
    host: "127.0.0.1",
    port: server.port,
    database: "shop",
    user,
    password: user,
    sslmode: "disable",
    table: "numbers",
    ...rest,
  });
  const sessions = async (): Promise<number> => {
    const admin = await server.connect();
    const rows = await admin.query(
      "select id from information_schema.processlist where user <> 'system user' and id <> connection_id() and command <> 'Daemon'",
    );
    await admin.end();
    return rows.length;
  };

  it.each<[string, () => Record<string, unknown>, new (...words: never[]) => SyncError, RegExp]>([
    [
      "a wrong password",
      () => login("narrow", { password: "hunter2" }),
      AuthError,
      /refused the password of user narrow/,
    ],
    ["an unknown user", () => login("nobody"), AuthError, /refused the password of user nobody/],
    [
      "an unknown database",
      () => login(ROOT.user, { password: ROOT.password, database: "none" }),
      ConfigError,
      /there is no database "none"/,
    ],
    ["a locked account", () => login("locked"), AuthError, /refused user locked/],
    ["an expired password", () => login("expired"), AuthError, /refused user expired/],
    ["a table that is not there", () => login("narrow", { table: "none" }), ConfigError, /there is no table shop.none/],
    ["a name that is none", () => login("narrow", { table: "a.b.c" }), ConfigError, /is not the name of a table/],
    ["nothing that listens", () => login("narrow", { port: 1 }), TransientError, /ECONNREFUSED/],
    [
      "a socket that is not there",
      () => login("narrow", { host: "/nowhere/s" }),
      TransientError,
      /no such socket file/,
    ],
    [
      "a host that is not there",
      () => login("narrow", { host: "no.such.host.invalid" }),
      TransientError,
      /cannot be resolved/,
    ],
    ["no right to read a column", () => login("blind"), AuthError, /may read none of its columns/],
  ])("%s is said in words", async (_name, options, kind, expected) => {
    const error = await failureOf(server.source(options()).check(never));
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toMatch(expected);
    expect(error.hint).not.toBeNull();
    expect(`${error.message}${error.hint}${error.stack}`).not.toMatch(/hunter2|secret-of-owner/);
  });

  it("a column that may not be read is listed with its grant, and the others are read", async () => {
    const source = server.source(login("narrow"));
    const stream = await onlyStream(source);
    expect(stream.fields.map((field) => field.name)).toStrictEqual(["id", "v"]);
    expect((await readAll(source, stream)).flatMap((page) => page.rows)).toHaveLength(5000);
    const secret = stream.fields.slice(1).map((field) => ({ ...field, name: "secret" }));
    const gone = { ...stream, fields: [...stream.fields, ...secret] };
    expect(await failureOf(readAll(source, gone))).toBeInstanceOf(ConfigError);
  });

  it("files that the server cannot write are its fault, passing, and never ours", async () => {
    const folder = join(server.folder, "tmp");
    const source = server.source({
      query:
        "select seq as id, repeat('x', 2000) as v from seq_1_to_20000 group by seq, reverse(seq) order by v, reverse(seq)",
      key: "id",
    });
    const stream = await onlyStream(source);
    await rename(folder, `${folder}-away`);
    try {
      const error = await failureOf(readAll(source, stream));
      expect(error).toBeInstanceOf(TransientError);
      expect(error.message).toMatch(/MySQL reports an internal fault \(\d+\)/);
    } finally {
      await rename(`${folder}-away`, folder);
    }
    expect((await readAll(source, stream)).flatMap((page) => page.rows)).toHaveLength(20_000);
  });

  it("a unix socket works as host", async () => {
    const source = server.source({ ...login(ROOT.user), password: ROOT.password, host: server.socketPath });
    expect((await onlyStream(source)).name).toBe("shop.numbers");
  });

  it("a server that says nothing is given up on, or left at once", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const error = await failureOf(server.source(login("u", { port, connectTimeoutMs: 200 })).check(never));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain("did not answer within 200 ms");
    const controller = new AbortController();
    const attempt = server.source(login("u", { port })).check(controller.signal);
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(attempt).rejects.toThrow("enough");
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("a statement that takes too long is stopped by the server", async () => {
    const source = server.source({
      query: "select seq as id, sleep(0.2) as s from seq_1_to_100",
      key: "id",
      statementTimeoutMs: 700,
    });
    const error = await failureOf(onlyStream(source).then((stream) => readAll(source, stream)));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain("700 ms (statementTimeoutMs)");
  });

  it("an abort stops a running statement at once, here and on the server", async () => {
    const source = server.source({
      query: "select seq as id, benchmark(2000000000, md5(seq)) as s from seq_1_to_3",
      key: "id",
    });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    const attempt = readAll(source, stream, null, controller.signal);
    await runtime.sleep(200, never);
    const started = performance.now();
    controller.abort(new Error("stop now"));
    await expect(attempt).rejects.toThrow("stop now");
    expect(performance.now() - started).toBeLessThan(500);
    await expect.poll(sessions, { timeout: 10_000, interval: 200 }).toBe(0);
  });

  it("nothing is written, whatever a query tries", async () => {
    const admin = await server.connect();
    await admin.query(
      "drop function if exists sneak; create function sneak() returns int modifies sql data begin delete from numbers; return 1; end",
    );
    const source = server.source({ query: "select sneak() as id", key: "id" });
    const error = await failureOf(onlyStream(source).then((stream) => readAll(source, stream)));
    expect(error.message).toContain("tries to write");
    expect((await admin.query("select count(*) as n from numbers"))[0]).toStrictEqual({ n: "5000" });
  });

  it("a connection killed between pages is replaced, or is a passing fault; nothing is lost or read twice", async () => {
    const admin = await server.connect();
    const source = server.source({ table: "numbers", pageRows: 1000, user: ROOT.user });
    const stream = await onlyStream(source);
    const keys: string[] = [];
    let cursor = null;
    let passes = 0;
    for (let isDone = false; !isDone; passes += 1) {
      try {
        for await (const page of source.read(stream, cursor, never)) {
          keys.push(...page.rows.map((row) => row.key));
          cursor = page.cursor;
          const others = await admin.query(
            "select id from information_schema.processlist where user = ? and id <> connection_id()",
            [ROOT.user],
          );
          for (const { id } of others) await admin.query(`kill ${String(id)}`).catch(() => undefined);
        }
        isDone = true;
      } catch (error) {
        // The death of a connection may be noticed late: a passing fault, and reading goes on from the last page.
        expect(error).toBeInstanceOf(TransientError);
      }
    }
    expect(passes).toBeLessThan(20);
    expect(keys).toHaveLength(5000);
  });

  it("one killed in mid-statement is a passing fault, and reading goes on from the last page", async () => {
    const admin = await server.connect();
    const source = server.source({
      query: "select seq as id, if(seq > 300, sleep(0.05), 0) as s from seq_1_to_400",
      key: "id",
      pageRows: 100,
    });
    const stream = await onlyStream(source);
    let cursor = null;
    const keys: string[] = [];
    const killing = (async () => {
      for (let round = 0; round < 50; round += 1) {
        await runtime.sleep(100, never);
        const busy = await admin.query(
          "select id from information_schema.processlist where info like '%sleep%' and id <> connection_id()",
        );
        if (busy.length === 0 || keys.length < 300) continue;
        for (const { id } of busy) await admin.query(`kill ${String(id)}`).catch(() => undefined);
        return;
      }
    })();
    const failure = await failureOf(
      (async () => {
        for await (const page of source.read(stream, null, never)) {
          keys.push(...page.rows.map((row) => row.key));
          cursor = page.cursor;
        }
      })(),
    );
    await killing;
    expect(failure).toBeInstanceOf(TransientError);
    expect(failure.message).toContain("closed the connection");
    keys.push(...(await readAll(source, stream, cursor)).flatMap((page) => page.rows.map((row) => row.key)));
    expect(new Set(keys).size).toBe(400);
    expect(keys).toHaveLength(400);
  });

  it("a server that goes away is a passing fault, nothing is unhandled, and reading goes on", {
    timeout: 60_000,
  }, async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
    const own = await startServer();
    try {
      const admin = await own.connect();
      await admin.query("create table t (id int primary key); insert into t select seq from seq_1_to_1000");
      const source = own.source({ table: "t", pageRows: 100 });
      const stream = await onlyStream(source);
      const pages = source.read(stream, null, never)[Symbol.asyncIterator]();
      const first = await pages.next();
      const slow = own.source({ query: "select seq as id, sleep(30) as s from seq_1_to_3", key: "id" });
      const hanging = failureOf(readAll(slow, await onlyStream(slow)));
      await runtime.sleep(200, never);
      await own.halt();
      expect(await hanging).toBeInstanceOf(TransientError);
      expect(await failureOf(pages.next())).toBeInstanceOf(TransientError);
      await own.resume();
      const rest = await readAll(source, stream, first.value?.cursor ?? null);
      expect(rest.flatMap((page) => page.rows)).toHaveLength(1000 - (first.value?.rows.length ?? 0));
    } finally {
      await own.stop();
      await runtime.sleep(50, never);
      process.off("unhandledRejection", note);
      process.off("uncaughtException", note);
    }
    expect(unhandled).toStrictEqual([]);
  });

  it("check finds what slows reading down", async () => {
    const admin = await server.connect();
    await admin.query(`create table slow (id int primary key, updated_at datetime); insert into slow select seq, now() from seq_1_to_100; analyze table slow;
      create table quick (id int primary key, updated_at timestamp not null, key (updated_at))`);
    const text = async (table: string): Promise<string> =>
      (await server.source({ table, cursor: "updated_at" }).check(never))
        .map((finding) => `${finding.level}: ${finding.message} ${finding.hint}`)
        .join("\n");
    const slow = await text("slow");
    expect(slow).toMatch(/ok: MariaDB \d+.*not encrypted/);
    expect(slow).toContain("ok: every read runs in a read-only transaction");
    expect(slow).toContain("ok: open transactions of others can be seen");
    expect(slow).toContain("about 100 rows");
    expect(slow).toContain("create index updated_at_sync on shop.slow (updated_at, id);");
    expect(slow).toContain("updated_at may be null");
    expect(slow).toContain("has no time zone of its own");
    const quick = await text("quick");
    expect(quick).toContain("ok: an index begins with (updated_at, id)");
    expect(quick).not.toContain("warning");
    expect((await server.source({}).check(never)).at(-1)?.message).toContain("no table and no query is configured");
  });
});
