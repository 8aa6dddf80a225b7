import { AuthError, ConfigError, type StateStore, TransientError } from "@acme/sync-core";
import { rowsOf, toBatch } from "@acme/sync-core/testing";
import type { Client } from "pg";
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { ROOT, startServer, type TestServer } from "./__fixtures__/server.ts";
import { stateBackend } from "./backend.ts";
import { migrations } from "./migrations.ts";
import { openPostgresState } from "./open-postgres-state.ts";
import type { PostgresStateOptions } from "./open-session.ts";

let server: TestServer;
let admin: Client;
beforeAll(async () => {
  server = await startServer();
  admin = await server.connect();
  await admin.query(`
    create role looker login password 'looker-secret';
    create role stranger login password 'stranger-secret';
    create role owner_of_schema login password 'owner-secret'`);
});
afterAll(() => server.stop());

let schemas = 0;
let schema = "";
beforeEach(() => {
  schema = `open_${++schemas}`;
});

const urlOf = (role: string, password: string, rest = ""): string =>
  `postgres://${role}:${password}@127.0.0.1:${server.port}/postgres?schema=${schema}${rest}`;
const open = (options: Partial<PostgresStateOptions> = {}): Promise<StateStore | null> =>
  openPostgresState({ url: urlOf(ROOT.user, ROOT.password), now: Date.now, mode: "create", ...options });
const fill = async (): Promise<void> => {
  const store = await open();
  const state = await store?.claim("customers", "run", 60_000);
  await state?.settle({ batchId: "b", landed: rowsOf("a", "b"), parked: [], replacedBy: [] });
  await state?.writeDown([toBatch("b", ["a"])], []);
  await state?.release();
  await store?.close();
};
const tables = async (): Promise<string[]> => {
  const { rows } = await admin.query<{ tablename: string }>("select tablename from pg_tables where schemaname = $1", [
    schema,
  ]);
  return rows.map(({ tablename }) => tablename);
};

describe("a new state", () => {
  test("is made in a schema of its own, and only where that is asked for", async () => {
    expect(await open({ mode: "look" })).toBeNull();
    expect(await open({ mode: "existing" })).toBeNull();
    expect(await tables()).toEqual([]);
    await fill();
    expect(await tables()).toContain("landed_row");
    const store = await open({ mode: "existing" });
    expect((await store?.summary("customers"))?.landedRows).toBe(2);
    expect(store?.location).toBe(`postgres://127.0.0.1:${server.port}/postgres?schema=${schema}`);
    await store?.close();
  });

  test("is made in a schema that somebody else made for its user, who may not make one", async () => {
    const url = urlOf("owner_of_schema", "owner-secret");
    await expect(open({ url })).rejects.toBeInstanceOf(AuthError);
    await expect(open({ url })).rejects.toHaveProperty(
      "hint",
      expect.stringContaining(`create schema if not exists "${schema}" authorization "owner_of_schema"`),
    );
    await admin.query(`create schema ${schema} authorization owner_of_schema`);
    const store = await open({ url });
    expect(await store?.claim("customers", "run", 1_000)).not.toBeNull();
    await store?.close();
  });

  test("never holds what is in a row", async () => {
    await fill();
    const { rows } = await admin.query<{ rows: Buffer }>(`select rows from ${schema}.batch`);
    const stored = rows[0]?.rows.toString("latin1") ?? "";
    expect(stored).toContain("record of a");
    expect(stored).not.toContain("never stored");
  });
});

describe("looking only", () => {
  test("shows everything, changes nothing, and needs no right to write", async () => {
    await fill();
    await admin.query(
      `grant usage on schema ${schema} to looker; grant select on all tables in schema ${schema} to looker`,
    );
    const store = await open({ url: urlOf("looker", "looker-secret"), mode: "look" });
    expect((await store?.summary("customers"))?.landedRows).toBe(2);
    expect((await store?.known("customers", ["a"]))?.size).toBe(1);
    const pieces = [];
    for await (const piece of store?.exportAll(null) ?? []) pieces.push(piece.table);
    expect(pieces).toContain("landed_row");
    for (const write of [
      () => store?.claim("customers", "run", 1_000),
      () => store?.reset("customers"),
      () => store?.reserve("key", 1, null),
      () => store?.importAll((async function* () {})(), { replace: false }),
    ]) {
      await expect(write()).rejects.toThrow("it is read-only");
    }
    await store?.close();
  });

  test("works on a server that is read-only; writing does not, and says so", async () => {
    await fill();
    await admin.query("alter role looker set default_transaction_read_only = on");
    await admin.query(
      `grant usage on schema ${schema} to looker; grant all on all tables in schema ${schema} to looker`,
    );
    const url = urlOf("looker", "looker-secret");
    const store = await open({ url, mode: "existing" });
    expect((await store?.summary("customers"))?.landedRows).toBe(2);
    await expect(store?.claim("customers", "run", 1_000)).rejects.toBeInstanceOf(TransientError);
    await expect(store?.reserve("key", 1, { unitsPerMinute: 1, burstUnits: 0 })).rejects.toThrow("it is read-only");
    await store?.close();
    schema = `${schema}_new`;
    await admin.query(`create schema ${schema} authorization looker`);
    await expect(open({ url: urlOf("looker", "looker-secret") })).rejects.toThrow("it is read-only");
    await admin.query("alter role looker reset default_transaction_read_only");
  });
});

describe("what cannot be used is refused, and left as it is", () => {
  test("a newer version", async () => {
    await fill();
    await admin.query(`update ${schema}.state_version set version = ${migrations.length + 1}`);
    for (const mode of ["create", "existing", "look"] as const) {
      await expect(open({ mode })).rejects.toBeInstanceOf(ConfigError);
      await expect(open({ mode })).rejects.toThrow(
        `has version ${migrations.length + 1}, this program knows ${migrations.length}`,
      );
    }
  });

  test("an older version is not brought up to date by looking at it", async () => {
    await fill();
    await admin.query(`update ${schema}.state_version set version = ${migrations.length - 1}`);
    await expect(open({ mode: "look" })).rejects.toThrow("was asked to change nothing");
  });

  test("another program's tables", async () => {
    await admin.query(`create schema ${schema}; create table ${schema}.batch (id int)`);
    for (const mode of ["create", "look"] as const)
      await expect(open({ mode })).rejects.toThrow("holds tables of another program");
    expect(await tables()).toEqual(["batch"]);
  });

  test("a schema in which other tables lie is no harm", async () => {
    await admin.query(`create schema ${schema}; create table ${schema}.customers (id int)`);
    await fill();
    expect(await tables()).toEqual(expect.arrayContaining(["customers", "landed_row"]));
  });

  test("a state without one of its tables", async () => {
    await fill();
    await admin.query(`drop table ${schema}.landed_row`);
    const store = await open();
    await expect(store?.known("customers", ["a"])).rejects.toThrow(`relation "${schema}.landed_row" does not exist`);
    await store?.close();
  });

  test("a user without rights on it", async () => {
    await fill();
    const attempt = open({ url: urlOf("stranger", "stranger-secret"), mode: "look" });
    await expect(attempt).rejects.toBeInstanceOf(AuthError);
    await expect(attempt).rejects.toThrow("cannot be used by stranger");
  });

  test("a wrong password, a missing database, another encoding, a host that is none", async () => {
    await admin
      .query("create database latin encoding 'LATIN1' locale 'C' template template0")
      .catch((error: unknown) => {
        if (!String(error).includes("already exists")) throw error;
      });
    const attempts: readonly (readonly [string, object, string])[] = [
      [urlOf(ROOT.user, "wr0ng-password"), AuthError, "refused user postgres"],
      [urlOf(ROOT.user, ROOT.password).replace("/postgres?", "/nowhere?"), ConfigError, 'no database "nowhere"'],
      [urlOf(ROOT.user, ROOT.password).replace("/postgres?", "/latin?"), ConfigError, "needs a database in UTF8"],
      [urlOf(ROOT.user, ROOT.password).replace("127.0.0.1", "nowhere.invalid"), TransientError, "cannot be reached"],
      [urlOf(ROOT.user, ROOT.password, "&sslmode=verify-full"), ConfigError, "TLS failed with sslmode=verify-full"],
    ];
    for (const [url, kind, message] of attempts) {
      const error: unknown = await open({ url }).then(
        () => null,
        (thrown: unknown) => thrown,
      );
      expect(error, message).toBeInstanceOf(kind);
      expect(String(error)).toContain(message);
      expect(JSON.stringify(error) + String(error)).not.toMatch(/wr0ng-password|secret-of-root/);
    }
  });
});

test("through a socket", async () => {
  const url = `postgres://${ROOT.user}:${ROOT.password}@/postgres?host=${encodeURIComponent(server.folder)}&schema=${schema}`;
  // The directory carries the port in the file's name, which is the server's.
  const store = await open({ url: url.replace("@/", `@no-host.invalid:${server.port}/`) });
  expect(await store?.claim("customers", "run", 1_000)).not.toBeNull();
  await store?.close();
});

test("leaves no connection behind", async () => {
  await fill();
  const store = await open();
  await Promise.all(Array.from({ length: 10 }, async () => store?.summary("customers")));
  await store?.close();
  await vi.waitFor(async () => {
    const { rows } = await admin.query("select from pg_stat_activity where application_name = 'acme-sync-state'");
    expect(rows).toEqual([]);
  });
});

test("hands itself to programs as a backend", async () => {
  const url = urlOf(ROOT.user, ROOT.password);
  expect(stateBackend.schemes).toEqual(["postgres", "postgresql"]);
  expect(stateBackend.locationOf(url)).toBe(`postgres://127.0.0.1:${server.port}/postgres?schema=${schema}`);
  expect(await stateBackend.open({ url, now: Date.now, mode: "look" })).toBeNull();
  const queue = await stateBackend.openRunQueue({ url, now: Date.now, mode: "create" });
  expect(await queue?.entries()).toEqual([]);
  await queue?.close();
});
