import { describe, expect, it } from "vitest";
import { z } from "zod";
import { postgresConfig, toConnectionSettings } from "./config.ts";

const url = "postgres://user:pass@db.example.com:6543/shop";
const settings = (options: Record<string, unknown>) => toConnectionSettings(postgresConfig.parse(options));

function problems(options: unknown): string {
  const result = postgresConfig.safeParse(options);
  return result.success
    ? ""
    : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n");
}

describe("urls", () => {
  it.each([
    [url, { host: "db.example.com", port: 6543, database: "shop", user: "user", password: "pass", sslmode: "prefer" }],
    ["postgresql://u:p%40%23%2F@h/d", { host: "h", port: 5432, database: "d", user: "u", password: "p@#/" }],
    ["postgres://u@[::1]:5433/d", { host: "::1", port: 5433, password: null }],
    ["postgres://u:p@/d?host=/var/run/postgresql", { host: "/var/run/postgresql", database: "d" }],
    ["postgres://%2Fvar%2Frun/d?user=u", { host: "/var/run", user: "u" }],
    ["postgres://u@h/d?sslmode=require&channel_binding=require", { sslmode: "require", channelBinding: "require" }],
    ["postgres://u@h/d?ssl=true", { sslmode: "require" }],
    ["postgres://u@h/d?sslmode=verify-ca&sslrootcert=/ca.pem", { sslmode: "verify-ca", sslrootcert: "/ca.pem" }],
    ["postgres://u@h/d?sslrootcert=system", { sslmode: "verify-full", sslrootcert: "system" }],
    ["postgres://u@h/d?connect_timeout=3&application_name=a%20b", { connectTimeoutMs: 3000, applicationName: "a b" }],
    ["postgres://u@h/d?uselibpqcompat=true&sslmode=prefer", { sslmode: "prefer" }],
    ["POSTGRES://u@h/My%20Database", { database: "My Database" }],
  ])("%s", (text, expected) => {
    expect(settings({ url: text })).toMatchObject(expected);
  });

  it.each([
    ["mysql://u:hunter2@h/d", "does not start with postgres://"],
    ["postgres://u:hunter2", "cannot be read"],
    ["postgres://u:hunter2#x@h/d", "url"],
    ["postgres://u:hunter2/x@h/d", "cannot be read"],
    ["postgres://u:hunter2%zz@h/d", "hexadecimal"],
    ["postgres://u:hunter2@h", "names no database"],
    ["postgres://h/d", "names no user"],
    ["postgres://u:hunter2@h1,h2/d", "several hosts"],
    ["postgres://u:hunter2@h1:1,h2:2/d", "one host"],
    ["postgres://u:hunter2@h/d?sslmode=no-verify", "what node-postgres calls no-verify is require"],
    ["postgres://u:hunter2@h/d?sslmode=allow", "unknown sslmode"],
    ["postgres://u:hunter2@h/d?sslmode=verify-ca", "needs sslrootcert"],
    ["postgres://u:hunter2@h/d?sslmode=require&sslrootcert=system", "verify-full only"],
    ["postgres://u:hunter2@h/d?pgbouncer=true", "the parameter pgbouncer"],
    ["postgres://u:hunter2@h/d?sslcert=a", "both sslcert and sslkey"],
    ["postgres://u:hunter2@h/d?connect_timeout=soon", "connect_timeout"],
    ["postgres://u:hunter2@h/d?sslmode=prefer&sslmode=require", "sslmode twice"],
    ["postgres://u:hunter2@h/d?channel_binding=maybe", "channel_binding"],
  ])("%s is refused in words", (text, expected) => {
    const message = problems({ url: text });
    expect(message).toContain(expected);
    expect(message).not.toContain("hunter2");
  });

  it("give way to options", () => {
    expect(settings({ url: `${url}?sslmode=disable`, sslmode: "require", connectTimeoutMs: 5 })).toMatchObject({
      sslmode: "require",
      connectTimeoutMs: 5,
    });
  });
});

describe("options", () => {
  const host = { host: "h", database: "d", user: "u" };

  it.each([
    [{}, "set url, or host, database and user"],
    [{ host: "h" }, "set url, or host, database and user"],
    [{ url, password: "x" }, "either url or password"],
    [{ ...host, table: "t", query: "select 1", key: "a" }, "either table or query"],
    [{ ...host, query: "select 1" }, "a query needs key"],
    [{ ...host, key: ["a", "a"] }, "named twice"],
    [{ ...host, sslmode: "verify-ca" }, "needs sslrootcert"],
    [{ ...host, tabel: "t" }, "tabel"],
    [{ ...host, pageRows: 0 }, "pageRows"],
    [{ ...host, lagMs: -1 }, "lagMs"],
    [{ ...host, port: 70_000 }, "port"],
  ])("%j", (options, expected) => {
    expect(problems(options)).toContain(expected);
  });

  it("have defaults", () => {
    expect(postgresConfig.parse(host)).toMatchObject({
      statementTimeoutMs: 60_000,
      pageRows: 2000,
      pageBytes: 4_194_304,
    });
    expect(settings(host)).toMatchObject({ connectTimeoutMs: 10_000, applicationName: "acme-sync", sslmode: "prefer" });
  });

  it("are all described, and secrets are marked", () => {
    const schema: unknown = z.toJSONSchema(postgresConfig, { io: "input" });
    if (!(schema instanceof Object && "properties" in schema && schema.properties instanceof Object))
      throw new Error("no properties");
    const secrets: string[] = [];
    for (const [name, property] of Object.entries(schema.properties)) {
      expect(property, name).toHaveProperty("description");
      if ("secret" in property) secrets.push(name);
    }
    expect(secrets).toStrictEqual(["url", "password"]);
  });
});
