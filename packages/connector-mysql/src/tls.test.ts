import { execFileSync } from "node:child_process";
import { mkdtemp, rm, chmod } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ConfigError } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import {
  isMariadbInstalled,
  never,
  onlyStream,
  readAll,
  ROOT,
  startServer,
  type TestServer,
} from "./__fixtures__/server.ts";

describe.skipIf(!isMariadbInstalled)("sslmode [needs MariaDB: apt-get install mariadb-server-core]", () => {
  let server: TestServer;
  let plain: TestServer;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "mysql-tls-"));
    await chmod(folder, 0o755);
    const openssl = (line: string): void =>
      void execFileSync("openssl", line.split(" "), { cwd: folder, stdio: "ignore" });
    for (const name of ["ca", "other"])
      openssl(`req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`);
    for (const [name, subject] of [
      ["server", "/CN=localhost"],
      ["client", "/CN=certified"],
    ] as const) {
      openssl(
        `req -newkey rsa:2048 -nodes -subj ${subject} -addext subjectAltName=DNS:${subject.slice(4)} -keyout ${name}.key -out ${name}.csr`,
      );
      openssl(
        `x509 -req -in ${name}.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out ${name}.pem`,
      );
    }
    // The server is another user's.
    await chmod(join(folder, "server.key"), 0o644);
    server = await startServer([
      `--ssl-ca=${file("ca.pem")}`,
      `--ssl-cert=${file("server.pem")}`,
      `--ssl-key=${file("server.key")}`,
    ]);
    plain = await startServer();
    const admin = await server.connect();
    await admin.query(`create table t (id int primary key); insert into t values (1);
      create user certified@'%' identified by 'certified' require x509; grant all on shop.* to certified@'%';
      create user demanding@'%' identified by 'demanding' require ssl; grant all on shop.* to demanding@'%'`);
  });

  afterEach(() => server.release());

  afterAll(async () => {
    await server.stop();
    await plain.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const file = (name: string): string => join(folder, name);
  const options = (rest: Record<string, unknown>): Record<string, unknown> => ({
    host: "localhost",
    port: server.port,
    database: "shop",
    ...ROOT,
    ...rest,
  });
  const encrypted = async (rest: Record<string, unknown>): Promise<boolean> => {
    const source = server.source({
      ...options(rest),
      query:
        "select 1 as id, variable_value as cipher from information_schema.session_status where variable_name = 'SSL_CIPHER'",
      key: "id",
    });
    const [page] = await readAll(source, await onlyStream(source));
    return page?.rows[0]?.fields["cipher"] !== "";
  };

  it.each<[string, () => Record<string, unknown>, boolean]>([
    ["disable", () => ({ sslmode: "disable" }), false],
    ["prefer, the default", () => ({}), true],
    ["prefer with a server without TLS", () => ({ host: "127.0.0.1", port: plain.port }), false],
    ["require checks nothing", () => ({ sslmode: "require" }), true],
    [
      "require with its CA checks the issuer",
      () => ({ sslmode: "require", sslrootcert: file("ca.pem"), host: "127.0.0.1" }),
      true,
    ],
    [
      "verify-ca checks no name",
      () => ({ sslmode: "verify-ca", sslrootcert: file("ca.pem"), host: "127.0.0.1" }),
      true,
    ],
    ["verify-full with the right name", () => ({ sslmode: "verify-full", sslrootcert: file("ca.pem") }), true],
    [
      "a client certificate",
      () => ({
        sslmode: "require",
        user: "certified",
        password: "certified",
        sslcert: file("client.pem"),
        sslkey: file("client.key"),
      }),
      true,
    ],
  ])("%s", async (_name, rest, expected) => {
    expect(await encrypted(rest())).toBe(expected);
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    ["verify-full without a CA", () => ({ sslmode: "verify-full" }), "sslrootcert"],
    ["verify-ca with another CA", () => ({ sslmode: "verify-ca", sslrootcert: file("other.pem") }), "sslrootcert"],
    ["require with another CA", () => ({ sslmode: "require", sslrootcert: file("other.pem") }), "sslrootcert"],
    [
      "require with a server without TLS",
      () => ({ sslmode: "require", host: "127.0.0.1", port: plain.port }),
      "ssl_cert",
    ],
    ["a CA file that is not there", () => ({ sslmode: "verify-ca", sslrootcert: file("none.pem") }), "path"],
  ])("%s is refused with advice", async (_name, rest, advice) => {
    const attempt = encrypted(rest());
    await expect(attempt).rejects.toBeInstanceOf(ConfigError);
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringContaining(advice) });
  });

  it("verify-full refuses another name, and an address before anything is sent", async () => {
    const admin = await server.connect();
    await admin.end();
    const attempt = encrypted({ sslmode: "verify-full", sslrootcert: file("ca.pem"), host: "ip6-localhost" });
    await expect(attempt).rejects.toThrow(/another name|resolved|refuses/);
    expect(() =>
      server.config(options({ sslmode: "verify-full", sslrootcert: file("ca.pem"), host: "127.0.0.1" })),
    ).toThrow(/needs a host name to check/);
  });

  it("a url's ssl-mode means what MySQL's own clients mean by it", async () => {
    const url = (parameters: string): Record<string, unknown> => ({
      url: `mysql://${ROOT.user}:${ROOT.password}@localhost:${server.port}/shop?${parameters}`,
    });
    const read = async (parameters: string): Promise<string> => {
      const source = server.source({ ...url(parameters), table: "t" });
      return (await source.check(never))[0]?.message ?? "";
    };
    expect(await read("ssl-mode=REQUIRED")).toMatch(/, encrypted$/);
    expect(await read(`ssl-mode=VERIFY_IDENTITY&sslrootcert=${file("ca.pem")}`)).toMatch(/, encrypted$/);
    expect(await read("ssl-mode=DISABLED")).toMatch(/, not encrypted$/);
  });
});
