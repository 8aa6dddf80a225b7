import { execFileSync } from "node:child_process";
import { chown, stat } from "node:fs/promises";
import { join } from "node:path";
import { ConfigError } from "@acme/sync-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ROOT, startServer, type TestServer } from "./__fixtures__/server.ts";
import { openPostgresState } from "./open-postgres-state.ts";

let server: TestServer;
let folder: string;

beforeAll(async () => {
  server = await startServer();
  folder = join(server.folder, "data");
  // An authority, and a certificate of it for `localhost` (not for 127.0.0.1).
  const openssl = (line: string): void =>
    void execFileSync("openssl", line.split(" "), { cwd: folder, stdio: "ignore" });
  for (const name of ["ca", "other"])
    openssl(`req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`);
  openssl(
    "req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr -addext subjectAltName=DNS:localhost",
  );
  openssl(
    "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out server.pem",
  );
  const owner = await stat(folder);
  for (const file of ["ca.pem", "server.pem", "server.key"]) await chown(join(folder, file), owner.uid, owner.gid);
  const admin = await server.connect();
  await admin.query("alter system set ssl_cert_file = 'server.pem'");
  await admin.query("alter system set ssl_key_file = 'server.key'");
  await admin.query("alter system set ssl = on");
  await admin.query("select pg_reload_conf()");
});
afterAll(() => server.stop());

const open = async (host: string, parameters: string): Promise<boolean> => {
  const url = `postgres://${ROOT.user}:${ROOT.password}@${host}:${server.port}/postgres?application_name=tls&${parameters}`;
  const store = await openPostgresState({ url, now: Date.now, mode: "create" });
  const admin = await server.connect();
  const { rows } = await admin.query<{ ssl: boolean }>(
    "select bool_and(ssl) as ssl from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'tls'",
  );
  await admin.end();
  await store?.close();
  return rows[0]?.ssl ?? false;
};

test("what a URL asks of TLS is what happens", async () => {
  const ca = `sslrootcert=${join(folder, "ca.pem")}`;
  expect(await open("127.0.0.1", "")).toBe(true);
  expect(await open("127.0.0.1", "sslmode=disable")).toBe(false);
  expect(await open("127.0.0.1", "sslmode=require")).toBe(true);
  expect(await open("127.0.0.1", `sslmode=verify-ca&${ca}`)).toBe(true);
  expect(await open("localhost", `sslmode=verify-full&${ca}`)).toBe(true);
});

test.each([
  ["127.0.0.1", "sslmode=verify-full", "ca.pem", "ALTNAME"],
  ["localhost", "sslmode=verify-full", "other.pem", "UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER"],
  ["localhost", "sslmode=require", "other.pem", "UNABLE_TO_VERIFY|SELF_SIGNED|UNABLE_TO_GET_ISSUER"],
])("%s with %s and %s is refused", async (host, mode, file, reason) => {
  const attempt = open(host, `${mode}&sslrootcert=${join(folder, file)}`);
  await expect(attempt).rejects.toBeInstanceOf(ConfigError);
  await expect(attempt).rejects.toThrow(new RegExp(reason));
});
