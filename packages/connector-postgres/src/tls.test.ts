import { execFileSync } from "node:child_process";
import { chown, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@acme/sync-core";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { never, onlyStream, readAll, ROOT, runtime, startServer, type TestServer } from "./__fixtures__/server.ts";

let server: TestServer;
let folder: string;

/** A self-signed authority, and a certificate of it for `localhost` (not for 127.0.0.1). */
function makeCertificates(into: string): void {
  const openssl = (...args: string[]): void => void execFileSync("openssl", args, { cwd: into, stdio: "ignore" });
  const authority = (name: string): void =>
    openssl(
      "req",
      "-x509",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-days",
      "2",
      "-subj",
      `/CN=${name}`,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.pem`,
    );
  const signed = (name: string, subject: string, extra: readonly string[]): void => {
    openssl(
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-subj",
      subject,
      "-keyout",
      `${name}.key`,
      "-out",
      `${name}.csr`,
      ...extra,
    );
    openssl(
      "x509",
      "-req",
      "-in",
      `${name}.csr`,
      "-CA",
      "ca.pem",
      "-CAkey",
      "ca.key",
      "-CAcreateserial",
      "-days",
      "2",
      "-copy_extensions",
      "copy",
      "-out",
      `${name}.pem`,
    );
  };
  authority("ca");
  authority("other");
  signed("server", "/CN=localhost", ["-addext", "subjectAltName=DNS:localhost"]);
  signed("client", "/CN=certified", []);
}

beforeAll(async () => {
  server = await startServer();
  folder = join(server.folder, "data");
  makeCertificates(folder);
  const owner = await stat(folder);
  for (const file of ["ca.pem", "server.pem", "server.key"]) await chown(join(folder, file), owner.uid, owner.gid);
  const admin = await server.connect();
  await admin.query(`create role certified login; create role plain login password 'plain'`);
  const rules = await readFile(join(folder, "pg_hba.conf"), "utf8");
  await writeFile(
    join(folder, "pg_hba.conf"),
    `hostssl all certified all cert\nhostssl all plain all reject\nhostnossl all plain all scram-sha-256\n${rules}`,
  );
  for (const [name, value] of [
    ["ssl_ca_file", "ca.pem"],
    ["ssl_cert_file", "server.pem"],
    ["ssl_key_file", "server.key"],
    ["ssl", "on"],
  ]) {
    await admin.query(`alter system set ${name} = '${value}'`);
  }
  await admin.query("select pg_reload_conf()");
  await admin.end();
  await vi.waitFor(async () => expect(await encrypted({ sslmode: "prefer" })).toBe(true), { timeout: 5000 });
});

afterEach(() => server.release());

afterAll(() => server.stop());

/** Whether a source with these options reads over TLS. */
async function encrypted(options: Record<string, unknown>): Promise<unknown> {
  const connection = { host: "localhost", port: server.port, database: "postgres", ...ROOT };
  const source = server.source({
    ...("url" in options ? {} : connection),
    query: "select pid as id, ssl from pg_stat_ssl where pid = pg_backend_pid()",
    key: "id",
    ...options,
  });
  const [page] = await readAll(source, await onlyStream(source));
  return page?.rows[0]?.fields["ssl"];
}

const file = (name: string): string => join(folder, name);

describe("sslmode", () => {
  it.each<[string, () => Record<string, unknown>, boolean]>([
    ["disable", () => ({ sslmode: "disable" }), false],
    ["prefer, the default", () => ({}), true],
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
    ["prefer goes on without TLS where pg_hba.conf wants it so", () => ({ user: "plain", password: "plain" }), false],
    [
      "a client certificate",
      () => ({ sslmode: "require", user: "certified", sslcert: file("client.pem"), sslkey: file("client.key") }),
      true,
    ],
  ])("%s", async (_name, options, expected) => {
    expect(await encrypted(options())).toBe(expected);
  });

  it.each<[string, () => Record<string, unknown>, string]>([
    [
      "verify-full with another name",
      () => ({ sslmode: "verify-full", sslrootcert: file("ca.pem"), host: "127.0.0.1" }),
      "verify-ca",
    ],
    ["verify-full without a CA", () => ({ sslmode: "verify-full" }), "sslrootcert"],
    ["verify-ca with another CA", () => ({ sslmode: "verify-ca", sslrootcert: file("other.pem") }), "sslrootcert"],
    ["require with another CA", () => ({ sslmode: "require", sslrootcert: file("other.pem") }), "sslrootcert"],
    ["a CA file that is not there", () => ({ sslmode: "verify-ca", sslrootcert: file("none.pem") }), "path"],
    ["a CA file that is none", () => ({ sslmode: "verify-ca", sslrootcert: file("pg_hba.conf") }), "sslrootcert"],
    [
      "channel_binding=require without TLS",
      () => ({ url: url("sslmode=disable&channel_binding=require") }),
      "channel_binding",
    ],
  ])("%s is refused with advice", async (_name, options, advice) => {
    const attempt = encrypted(options());
    await expect(attempt).rejects.toBeInstanceOf(ConfigError);
    await expect(attempt).rejects.toMatchObject({ hint: expect.stringContaining(advice) });
  });

  const url = (parameters: string): string =>
    `postgres://${ROOT.user}:${ROOT.password}@localhost:${server.port}/postgres?${parameters}`;

  it("in a url means what libpq means, without the driver's warning", async () => {
    const warnings: string[] = [];
    const note = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", note);
    expect(await encrypted({ url: url("sslmode=require") })).toBe(true);
    expect(await encrypted({ url: url("sslmode=require&channel_binding=require") })).toBe(true);
    expect(await encrypted({ url: url(`sslmode=verify-full&sslrootcert=${file("ca.pem")}`) })).toBe(true);
    expect(await encrypted({ url: url("sslmode=disable") })).toBe(false);
    await runtime.sleep(20, never);
    process.off("warning", note);
    expect(warnings).toStrictEqual([]);
  });

  it("lets an abort through at once", async () => {
    const source = server.source({ url: url("sslmode=require"), query: "select 1 as id, pg_sleep(30)", key: "id" });
    const stream = await onlyStream(source);
    const controller = new AbortController();
    const attempt = readAll(source, stream, null, controller.signal);
    setTimeout(() => controller.abort(new Error("stop now")), 100);
    const started = performance.now();
    await expect(attempt).rejects.toThrow("stop now");
    expect(performance.now() - started).toBeLessThan(400);
  });
});
