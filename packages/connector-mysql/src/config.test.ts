import { describe, expect, it } from "vitest";
import { z } from "zod";
import { mysqlConfig, toConnectionSettings } from "./config.ts";

const settings = (options: Record<string, unknown>) => toConnectionSettings(mysqlConfig.parse(options));

function problems(options: unknown): string {
  const result = mysqlConfig.safeParse(options);
  return result.success
    ? ""
    : result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("\n");
}

describe("urls", () => {
  it.each([
    [
      "mysql://user:pass@db.example.com:3307/shop",
      {
        host: "db.example.com",
        port: 3307,
        database: "shop",
        user: "user",
        password: "pass",
        sslmode: "prefer",
        isSocket: false,
      },
    ],
    ["mariadb://u:p%40%23%2F@h/d", { host: "h", port: 3306, password: "p@#/" }],
    ["mysql://u:p@/d?socket=/run/mysqld/mysqld.sock", { host: "/run/mysqld/mysqld.sock", isSocket: true }],
    ["mysql://u@h/d?ssl-mode=VERIFY_IDENTITY", { sslmode: "verify-full" }],
    [
      "mysql://u@h/d?sslmode=require&application_name=a%20b&connect_timeout=3",
      { sslmode: "require", applicationName: "a b", connectTimeoutMs: 3000 },
    ],
    ["mysql://u@h/d?charset=utf8mb4", { database: "d" }],
  ])("%s", (url, expected) => {
    expect(settings({ url })).toMatchObject(expected);
  });

  it.each([
    ["postgres://u:hunter2@h/d", "does not start with mysql://"],
    ["mysql://u:hunter2@h", "names no database"],
    ["mysql://u:hunter2@h1,h2/d", "several hosts"],
    ["mysql://u:hunter2@h/d?ssl-mode=SOMETIMES", "unknown ssl-mode"],
    ["mysql://u:hunter2@h/d?charset=latin1", "the parameter charset"],
    ["mysql://u:hunter2@1.2.3.4/d?sslmode=verify-full", "needs a host name"],
  ])("%s is refused in words", (url, expected) => {
    const message = problems({ url });
    expect(message).toContain(expected);
    expect(message).not.toContain("hunter2");
  });
});

describe("options", () => {
  it("have stated defaults", () => {
    expect(mysqlConfig.parse({ url: "mysql://u@h/d" })).toMatchObject({
      zeroDates: "refuse",
      tinyint1: "number",
      allowPublicKeyRetrieval: false,
      statementTimeoutMs: 60_000,
      pageRows: 2000,
      pageBytes: 4_194_304,
    });
  });

  it("refuse what contradicts itself", () => {
    expect(problems({ host: "h" })).toContain("set url, or host, database and user");
    expect(problems({ url: "mysql://u@h/d", query: "select 1" })).toContain("a query needs key");
    expect(problems({ url: "mysql://u@h/d", query: "select '\u0001'", key: "a" })).toContain("control character");
  });

  it("are all described, and secrets are marked", () => {
    const schema: unknown = z.toJSONSchema(mysqlConfig, { io: "input" });
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
