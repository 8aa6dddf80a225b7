import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { AuthError, ConfigError, type Source } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { findFreePort, never, onlyStream, readAll, ROOT, startServer, type TestServer } from "./__fixtures__/server.ts";

const isInstalled = spawnSync("pgbouncer", ["--version"]).status === 0;
if (!isInstalled) process.stderr.write("not run: PgBouncer (apt-get install pgbouncer)\n");

let server: TestServer;
let pooler: ChildProcess;
let port: number;

/** One server connection for everybody: whoever relies on its session meets the others' leftovers. */
const settings = (own: TestServer, listen: number): string => `
[databases]
postgres = host=127.0.0.1 port=${own.port} dbname=postgres pool_size=1
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listen}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${join(own.folder, "users.txt")}
pool_mode = transaction
logfile = ${join(own.folder, "pgbouncer.log")}
`;

describe.skipIf(!isInstalled)("through PgBouncer [needs PgBouncer: install pgbouncer]", () => {
  beforeAll(async () => {
    server = await startServer();
    port = await findFreePort();
    const file = join(server.folder, "pgbouncer.ini");
    await writeFile(file, settings(server, port));
    await writeFile(join(server.folder, "users.txt"), `"${ROOT.user}" "${ROOT.password}"\n`);
    await chmod(join(server.folder, "users.txt"), 0o644);
    // It does not run as root.
    const asUser = process.getuid?.() === 0 ? ["-u", "postgres"] : [];
    pooler = spawn("pgbouncer", ["-q", ...asUser, file], { stdio: "ignore" });
    await vi.waitFor(() => server.connect({ port }), { timeout: 10_000 });
    const admin = await server.connect();
    await admin.query(`create table t (id int primary key, updated_at timestamptz not null, f float8, d date);
      insert into t select g, timestamptz '2024-01-01' + (g / 100) * interval '1 s', 0.1::float8 + 0.2::float8, '2024-02-03' from generate_series(1, 5000) g;
      create index on t (updated_at, id)`);
  });

  afterEach(() => server.release());

  afterAll(async () => {
    pooler.kill("SIGKILL");
    await server.stop();
  });

  const pooled = (options: Record<string, unknown>): Source =>
    server.source({ host: "127.0.0.1", port, database: "postgres", sslmode: "prefer", ...ROOT, ...options });

  it("reads, resumes and shares the one connection, whatever others leave set on it", async () => {
    const source = pooled({ table: "t", cursor: "updated_at", pageRows: 300 });
    const whole = pooled({ table: "t", pageRows: 300 });
    const stream = await onlyStream(source);
    const spoiler = await server.connect({ port });
    const pages = source.read(stream, null, never)[Symbol.asyncIterator]();
    const wholePages = whole.read(await onlyStream(whole), null, never)[Symbol.asyncIterator]();
    const keys: string[] = [];
    let other = 0;
    for (;;) {
      const page = await pages.next();
      if (page.done === true) break;
      for (const row of page.value.rows) {
        keys.push(row.key);
        expect(row.fields).toMatchObject({ f: 0.30000000000000004, d: "2024-02-03" });
        expect(row.fields["updated_at"]).toMatch(/^2024-01-01T00:00:\d\dZ$/);
      }
      const otherPage = await wholePages.next();
      if (otherPage.done !== true) other += otherPage.value.rows.length;
      await spoiler.query(
        "set timezone to 'Asia/Tokyo'; set datestyle to 'German'; set extra_float_digits to -5; set statement_timeout to 1",
      );
      await spoiler.query("set statement_timeout to 0");
    }
    expect(keys).toStrictEqual(Array.from({ length: 5000 }, (_item, index) => String(index + 1)));
    expect(other).toBe(5000);
    const rest = (await readAll(source, stream, (await readAll(source, stream))[3]?.cursor ?? null)).flatMap(
      (page) => page.rows,
    );
    expect(rest[0]?.key).toBe("1201");
  });

  it("sees the open transactions of those who do not use it", async () => {
    const writer = await server.connect();
    await writer.query("begin; insert into t values (100001, now(), 1, now())");
    const source = pooled({ table: "t", cursor: "updated_at" });
    const stream = await onlyStream(source);
    const pages = await readAll(source, stream);
    const direct = await server.connect();
    await direct.query("insert into t values (100002, clock_timestamp(), 1, now())");
    await writer.query("commit");
    const next = (await readAll(source, stream, pages.at(-1)?.cursor ?? null)).flatMap((page) =>
      page.rows.map((row) => row.key),
    );
    expect(next).toStrictEqual(["100001", "100002"]);
    expect(
      (await source.check(never)).some((finding) =>
        finding.message.includes("open transactions of others can be seen"),
      ),
    ).toBe(true);
  });

  it("says what is wrong", async () => {
    await expect(pooled({ table: "t", database: "nowhere" }).check(never)).rejects.toBeInstanceOf(ConfigError);
    const wrong = pooled({ table: "t", password: "hunter2" }).check(never);
    await expect(wrong).rejects.toBeInstanceOf(AuthError);
    await expect(wrong).rejects.not.toThrow(/hunter2/);
    await expect(pooled({ table: "t", sslmode: "require" }).check(never)).rejects.toThrow(/does not offer TLS/);
  });

  it("stops at once when aborted, and leaves the pool usable", async () => {
    const source = pooled({ query: "select 1 as id, pg_sleep(30)", key: "id" });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    const attempt = readAll(source, stream, null, controller.signal);
    setTimeout(() => controller.abort(new Error("stop now")), 100);
    await expect(attempt).rejects.toThrow("stop now");
    const other = pooled({ table: "t" });
    expect((await onlyStream(other)).name).toBe("public.t");
  });
});
