import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describeRunQueue, describeStateStore } from "@acme/sync-core/testing";
import { afterAll, beforeAll, describe, vi } from "vitest";
import { findFreePort, ROOT, startServer, type TestServer } from "./__fixtures__/server.ts";
import { openPostgresRunQueue } from "./open-postgres-run-queue.ts";
import { openPostgresState } from "./open-postgres-state.ts";

const isInstalled = spawnSync("pgbouncer", ["--version"]).status === 0;

/** Two server connections for everybody, handed out by transaction: what a session would remember is somebody else's then. */
const settings = (own: TestServer, listen: number): string => `
[databases]
postgres = host=127.0.0.1 port=${own.port} dbname=postgres pool_size=2
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
  let server: TestServer;
  let pooler: ChildProcess;
  let port: number;
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
  });
  afterAll(async () => {
    pooler.kill("SIGKILL");
    await server.stop();
  });

  const at = (place: string): string => server.url(`&schema=pooled_${place.replaceAll("-", "_")}`, port);

  describeStateStore("a PostgreSQL state", async (place, now) => {
    const store = await openPostgresState({ url: at(place), now, mode: "create", clock: "process" });
    if (store === null) throw new Error("no state was made");
    return store;
  });

  describeRunQueue("a PostgreSQL run queue", async (place, now) => {
    const queue = await openPostgresRunQueue({ url: at(place), now, mode: "create", clock: "process" });
    if (queue === null) throw new Error("no run queue was made");
    return queue;
  });
});
