import { ConfigError } from "@acme/sync-core";
import { describe, expect, test } from "vitest";
import { toSettings } from "./settings.ts";

describe("a URL", () => {
  test("says everything, decoded", () => {
    expect(
      toSettings(
        "postgresql://sync%40app:p%40ss%2Fword@db.example.com:6432/my%20db?schema=Sync_1&pool_size=9&application_name=me&connect_timeout=3&sslmode=disable",
      ),
    ).toEqual({
      host: "db.example.com",
      port: 6432,
      database: "my db",
      user: "sync@app",
      password: "p@ss/word",
      tls: false,
      sslmode: "disable",
      applicationName: "me",
      connectTimeoutMs: 3_000,
      schema: "Sync_1",
      poolSize: 9,
      location: "postgres://db.example.com:6432/my db?schema=Sync_1",
    });
  });

  test("needs little", () => {
    expect(toSettings("postgres://sync@db/x")).toMatchObject({
      port: 5432,
      password: null,
      tls: null,
      sslmode: "prefer",
      schema: "acme_sync",
      poolSize: 5,
      location: "postgres://db:5432/x?schema=acme_sync",
    });
  });

  test.each([
    ["postgres://sync@/x?host=/var/run/postgresql", "/var/run/postgresql"],
    ["postgres://sync@%2Fvar%2Frun%2Fpostgresql/x", "/var/run/postgresql"],
    ["postgres://sync@[::1]:5433/x?sslmode=disable", "::1"],
  ])("%s names a socket or an address", (url, host) => {
    expect(toSettings(url)).toMatchObject({ host, tls: false });
  });

  test.each([
    ["require", { rejectUnauthorized: false }],
    ["verify-full", { rejectUnauthorized: true }],
    ["verify-full&sslrootcert=system", { rejectUnauthorized: true }],
  ])("sslmode=%s", (sslmode, tls) => {
    expect(toSettings(`postgres://sync@db/x?sslmode=${sslmode}`).tls).toEqual(tls);
  });

  test("of a hosting provider is understood", () => {
    expect(
      toSettings(
        "postgres://u:p@ep-1.example.com/x?sslmode=require&channel_binding=require&target_session_attrs=read-write",
      ),
    ).toMatchObject({ sslmode: "require" });
  });
});

test.each([
  ["postgres://sync:hidden-1@/x", "names no host"],
  ["postgres://sync:hidden-1@db", "names no database"],
  ["postgres://:hidden-1@db/x", "names no user"],
  ["postgres://sync:hidden-1/2@db/x", "cannot be understood"],
  ["postgres://sync:hidden-1%@db/x", "% that encodes nothing"],
  ["postgres://sync:hidden-1@db/x?schema=a-b", "schema is made of letters"],
  ['postgres://sync:hidden-1@db/x?schema=a"b', "schema is made of letters"],
  ["postgres://sync:hidden-1@db/x?shema=a", 'the parameter "shema" is not known'],
  ["postgres://sync:hidden-1@db/x?target_session_attrs=standby", "has a value that is not"],
  ["postgres://sync:hidden-1@db/x?pool_size=0", "pool_size is a whole number"],
  ["postgres://sync:hidden-1@db/x?sslmode=maybe", "sslmode is one of"],
  ["postgres://sync:hidden-1@db/x?sslmode=verify-ca", "needs sslrootcert"],
  ["postgres://sync:hidden-1@db/x?sslmode=require&sslrootcert=system", "goes with sslmode=verify-full"],
  ["postgres://sync:hidden-1@db/x?sslmode=verify-full&sslrootcert=/nowhere/ca.pem", "/nowhere/ca.pem cannot be read"],
])("%s is refused without its password", (url, message) => {
  let thrown: unknown = null;
  try {
    toSettings(url);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toBeInstanceOf(ConfigError);
  expect(String(thrown)).toContain(message);
  expect(JSON.stringify(thrown) + String(thrown)).not.toContain("hidden-1");
});
