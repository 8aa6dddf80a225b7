import { AuthError, ConfigError, SyncError, TransientError } from "@acme/sync-core";
import { writeFile } from "node:fs/promises";
import { createServer, type Socket } from "node:net";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { never, onlyStream, readAll, runtime, startServer, type TestServer } from "./__fixtures__/server.ts";

let server: TestServer;

beforeAll(async () => {
  server = await startServer();
  const admin = await server.connect();
  await admin.query(`create table rows (id int primary key, body text);
    insert into rows select g, repeat('x', 1000) from generate_series(1, 5000) g;
    create role reader login password 'reader'; create role outsider login password 'outsider';
    create table private (id int primary key, email text); insert into private values (1, 'ada@example.com');
    create table partly (id int primary key, open text, secret text); grant select (id, open) on partly to reader;
    insert into partly values (1, 'o', 's');
    create schema hidden; create table hidden.t (id int primary key);`);
  await admin.end();
});

afterEach(() => server.release());

afterAll(() => server.stop());

/** What ends a call, as the user would see it. */
async function failureOf(work: Promise<unknown>): Promise<SyncError> {
  try {
    await work;
  } catch (error) {
    if (!SyncError.is(error)) throw error;
    const shown = `${error.message}\n${error.hint}\n${JSON.stringify(error)}\n${String(error.cause)}`;
    for (const secret of ["secret-of-root", "hunter2", "ada@example.com"]) expect(shown).not.toContain(secret);
    expect(error.message).not.toContain("\n");
    expect(error.hint).not.toBeNull();
    return error;
  }
  throw new Error("nothing failed");
}

const sessions = async (): Promise<number> => {
  const admin = await server.connect();
  const { rows } = await admin.query(
    "select count(*)::int as n from pg_stat_activity where application_name = 'acme-sync'",
  );
  return rows[0]?.n;
};

describe("bad input ends in one message", () => {
  const url = (change: {
    user?: string;
    password?: string;
    port?: number;
    database?: string;
    host?: string;
    rest?: string;
  }): string => {
    const {
      user = "postgres",
      password = "secret-of-root",
      host = "127.0.0.1",
      port = server.port,
      database = "postgres",
      rest = "?sslmode=disable",
    } = change;
    return `postgres://${user}:${password}@${host}:${port}/${database}${rest}`;
  };

  it.each([
    ["a wrong password", { password: "hunter2" }, AuthError, "refused the password of user postgres"],
    ["an unknown user", { user: "nobody_here" }, AuthError, "user nobody_here"],
    ["a wrong database", { database: "nowhere" }, ConfigError, 'there is no database "nowhere"'],
    ["a wrong port", { port: 1 }, TransientError, "nothing listens there"],
    ["a wrong host", { host: "no-such-host.invalid" }, TransientError, "cannot be resolved"],
    ["no TLS", { rest: "?sslmode=require" }, ConfigError, "does not offer TLS"],
  ])("%s", async (_name, change, kind, message) => {
    const source = server.source({ url: url(change), table: "rows" });
    for (const attempt of [() => source.check(never), () => source.streams(never)]) {
      const error = await failureOf(attempt());
      expect(error).toBeInstanceOf(kind);
      expect(error.message).toContain(message);
    }
  });

  it("prefer goes on without TLS", async () => {
    const source = server.source({ url: url({ rest: "" }), table: "rows" });
    expect((await onlyStream(source)).name).toBe("public.rows");
  });

  it("a right that is missing, with the GRANT to run", async () => {
    for (const [table, grant] of [
      ["private", "grant select on public.private to outsider;"],
      ["hidden.t", "grant usage on schema hidden to outsider; grant select on hidden.t to outsider;"],
    ]) {
      const source = server.source({ table, user: "outsider", password: "outsider" });
      const error = await failureOf(source.check(never));
      expect(error).toBeInstanceOf(AuthError);
      expect(error.hint).toContain(grant);
    }
  });

  it("columns that may not be read are named", async () => {
    const source = server.source({ table: "partly", user: "reader", password: "reader" });
    const stream = await onlyStream(source);
    expect(stream.fields.map((field) => field.unreadable !== null)).toStrictEqual([false, false, true]);
    expect((await failureOf(readAll(source, stream))).message).toContain(
      "grant select (secret) on public.partly to reader",
    );
    const open = { ...stream, fields: stream.fields.filter((field) => field.unreadable === null) };
    expect(await readAll(source, open)).toMatchObject([{ rows: [{ key: "1", fields: { id: 1, open: "o" } }] }]);
    await source.check(never);
  });

  it("a statement that takes too long", async () => {
    const source = server.source({
      query: "select g as id from generate_series(1, 3) g, pg_sleep(5)",
      key: "id",
      statementTimeoutMs: 200,
    });
    const stream = await onlyStream(source);
    const error = await failureOf(readAll(source, stream));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toContain("200 ms (statementTimeoutMs)");
    expect(error.hint).toContain("index");
    // The connection is still good.
    expect((await onlyStream(source)).name).toBe("query");
  });

  it("a server that never answers", async () => {
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
    const address = silent.address();
    const port = address !== null && typeof address === "object" ? address.port : 0;
    const source = server.source({
      host: "127.0.0.1",
      port,
      database: "d",
      user: "u",
      table: "t",
      connectTimeoutMs: 200,
    });
    expect((await failureOf(source.check(never))).message).toContain("did not answer within 200 ms");
    const controller = new AbortController();
    const patient = server.source({ host: "127.0.0.1", port, database: "d", user: "u", table: "t" });
    const attempt = patient.check(controller.signal);
    const started = performance.now();
    setTimeout(() => controller.abort(new Error("enough")), 50);
    await expect(attempt).rejects.toThrow("enough");
    expect(performance.now() - started).toBeLessThan(500);
    for (const socket of sockets) socket.destroy();
    silent.close();
  });

  it("a socket file that is not there, and one that is", async () => {
    const options = {
      port: server.port,
      database: "postgres",
      user: "postgres",
      password: "secret-of-root",
      table: "rows",
    };
    expect((await failureOf(server.source({ ...options, host: "/nowhere" }).check(never))).message).toContain(
      "no such socket",
    );
    expect((await onlyStream(server.source({ ...options, host: server.folder }))).name).toBe("public.rows");
  });
});

describe("abort", () => {
  it("stops a running statement at once, here and on the server", async () => {
    const source = server.source({ query: "select g as id from generate_series(1, 3) g, pg_sleep(30)", key: "id" });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    const attempt = readAll(source, stream, null, controller.signal);
    await runtime.sleep(100, never);
    const started = performance.now();
    controller.abort(new Error("stop now"));
    await expect(attempt).rejects.toThrow("stop now");
    expect(performance.now() - started).toBeLessThan(200);
    await expect.poll(sessions, { timeout: 6000, interval: 200 }).toBe(0);
  });

  it("between pages stops at the next one", async () => {
    const source = server.source({ table: "rows", pageRows: 100 });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    let pages = 0;
    const attempt = (async () => {
      for await (const page of source.read(stream, null, controller.signal)) {
        pages += page.rows.length > 0 ? 1 : 0;
        controller.abort(new Error("stop now"));
      }
    })();
    await expect(attempt).rejects.toThrow("stop now");
    expect(pages).toBe(1);
  });

  it("before the start connects to nothing", async () => {
    const source = server.source({ host: "127.0.0.1", port: 1, database: "d", user: "u", table: "t" });
    await expect(source.check(AbortSignal.abort(new Error("early")))).rejects.toThrow("early");
  });

  it("while waiting for a sequence's value", async () => {
    const admin = await server.connect();
    await admin.query("create table waiting (seq bigserial primary key); insert into waiting default values");
    const open = await server.connect();
    await open.query("begin; select 1");
    const source = server.source({ table: "waiting", cursor: "seq" });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error("stop now")), 300);
    const started = performance.now();
    await expect(readAll(source, stream, null, controller.signal)).rejects.toThrow("stop now");
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe("connections", () => {
  it("are given back: one for many passes, none after close", async () => {
    const source = server.source({ table: "rows", pageRows: 500 });
    const stream = await onlyStream(source);
    await readAll(source, stream);
    await failureOf(readAll(source, { ...stream, key: ["gone"] }));
    await source.check(never);
    expect(await sessions()).toBe(1);
    await source.close();
    await expect.poll(sessions).toBe(0);
    await expect(source.streams(never)).rejects.toThrow(ConfigError);
  });

  it("that died between pages are replaced, and nothing is lost", async () => {
    const admin = await server.connect();
    const source = server.source({ table: "rows", pageRows: 1000 });
    const stream = await onlyStream(source);
    const keys: string[] = [];
    for await (const page of source.read(stream, null, never)) {
      keys.push(...page.rows.map((row) => row.key));
      await admin.query("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'acme-sync'");
    }
    expect(keys).toHaveLength(5000);
  });

  it("hold no transaction while the caller works", async () => {
    const admin = await server.connect();
    const source = server.source({ table: "rows", pageRows: 1000 });
    const stream = await onlyStream(source);
    for await (const page of source.read(stream, null, never)) {
      expect(page.rows.length).toBeGreaterThan(0);
      const { rows } = await admin.query(
        "select state, xact_start from pg_stat_activity where application_name = 'acme-sync'",
      );
      expect(rows).toStrictEqual([{ state: "idle", xact_start: null }]);
    }
  });

  it("cannot write", async () => {
    const source = server.source({
      query: "select id, set_config('x.y', pg_notify('a', 'b')::text, true) as c from rows",
      key: "id",
    });
    // NOTIFY is refused in no read-only transaction; writing tables and sequences is.
    await onlyStream(source);
    const admin = await server.connect();
    await admin.query(
      "create or replace function sneak() returns int language sql as $$ delete from rows returning 1 $$",
    );
    const sneaky = server.source({ query: "select sneak() as id", key: "id" });
    const error = await failureOf(onlyStream(sneaky).then((stream) => readAll(sneaky, stream)));
    expect(error.message).toContain("tries to write");
  });

  it("leave no setting behind, as a pooler needs it", async () => {
    const source = server.source({ query: "select 1 as id, current_setting('timezone') as inside", key: "id" });
    expect(await readAll(source, await onlyStream(source))).toMatchObject([{ rows: [{ fields: { inside: "UTC" } }] }]);
  });
});

describe("a server that goes away", () => {
  it("mid-read is transient, nothing is unhandled, and reading goes on afterwards", { timeout: 60_000 }, async () => {
    const unhandled: unknown[] = [];
    const note = (error: unknown): void => void unhandled.push(error);
    process.on("unhandledRejection", note);
    process.on("uncaughtException", note);
    const own = await startServer();
    try {
      const admin = await own.connect();
      await admin.query("create table t (id int primary key); insert into t select g from generate_series(1, 1000) g");
      const source = own.source({ table: "t", pageRows: 100 });
      const stream = await onlyStream(source);
      const pages = source.read(stream, null, never)[Symbol.asyncIterator]();
      const first = await pages.next();
      const slow = own.source({ query: "select g as id from generate_series(1, 3) g, pg_sleep(30)", key: "id" });
      const slowStream = await onlyStream(slow);
      const hanging = failureOf(readAll(slow, slowStream));
      await runtime.sleep(200, never);
      await own.halt();
      expect(await hanging).toBeInstanceOf(TransientError);
      expect(await failureOf(pages.next())).toBeInstanceOf(TransientError);
      await own.resume();
      const rest = await readAll(source, stream, first.value?.cursor ?? null);
      expect(rest.flatMap((page) => page.rows)).toHaveLength(900);
    } finally {
      await own.stop();
      await runtime.sleep(50, never);
      process.off("unhandledRejection", note);
      process.off("uncaughtException", note);
    }
    expect(unhandled).toStrictEqual([]);
  });
});

describe("a standby", () => {
  it("stays behind what it has replayed, and check says so", { timeout: 60_000 }, async () => {
    const own = await startServer();
    try {
      const admin = await own.connect();
      await admin.query(`create table t (id int primary key, updated_at timestamptz not null, seq bigserial);
        insert into t values (1, now() - interval '1 hour'), (2, now())`);
      await own.release();
      await own.halt();
      // A server in recovery without a primary to follow is a standby all the same.
      await writeFile(`${own.folder}/data/standby.signal`, "");
      // It never says that it is ready, only that it is ready to be read.
      void own.resume().catch(() => undefined);
      await expect
        .poll(
          () =>
            own.connect().then(
              () => true,
              () => false,
            ),
          { timeout: 20_000 },
        )
        .toBe(true);
      const source = own.source({ table: "t", cursor: "updated_at" });
      const stream = await onlyStream(source);
      const pages = await readAll(source, stream);
      expect(pages.flatMap((page) => page.rows.map((row) => row.key))).toStrictEqual(["1"]);
      expect(pages[0]?.notices?.[0]).toContain("this server is a standby");
      expect((await source.check(never)).some((finding) => finding.message.includes("is a standby"))).toBe(true);
      const whole = own.source({ table: "t" });
      expect((await readAll(whole, await onlyStream(whole))).flatMap((page) => page.rows)).toHaveLength(2);
    } finally {
      await own.stop();
    }
  });
});

describe("check", () => {
  it("finds what slows reading down", async () => {
    const admin = await server.connect();
    await admin.query(`create table slow (id int primary key, updated_at timestamptz); insert into slow select g, now() from generate_series(1, 100) g; analyze slow;
      create table quick (id int primary key, updated_at timestamptz not null); create index on quick (updated_at, id)`);
    const text = async (table: string): Promise<string> =>
      (await server.source({ table, cursor: "updated_at" }).check(never))
        .map((finding) => `${finding.level}: ${finding.message} ${finding.hint}`)
        .join("\n");
    const slow = await text("slow");
    expect(slow).toMatch(/ok: PostgreSQL \d+/);
    expect(slow).toContain("ok: every read runs in a read-only transaction");
    expect(slow).toContain("ok: open transactions of others can be seen");
    expect(slow).toContain("about 100 rows");
    expect(slow).toContain("create index concurrently on public.slow (updated_at, id);");
    expect(slow).toContain("updated_at may be null");
    const quick = await text("quick");
    expect(quick).toContain("ok: an index begins with (updated_at, id)");
    expect(quick).not.toContain("warning");
  });

  it("mentions row security", async () => {
    const admin = await server.connect();
    await admin.query(
      "create table guarded (id int primary key); alter table guarded enable row level security; grant select on guarded to reader",
    );
    const source = server.source({ table: "guarded", user: "reader", password: "reader" });
    expect((await source.check(never)).some((finding) => finding.message.includes("row security"))).toBe(true);
  });

  it("without a table checks the connection", async () => {
    const findings = await server.source({}).check(never);
    expect(findings.at(-1)?.message).toContain("no table and no query is configured");
  });
});
