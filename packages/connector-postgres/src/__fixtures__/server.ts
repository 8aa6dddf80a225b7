import type { Source } from "@acme/sync-core";
import { runtime, startPostgres } from "@acme/test-servers";
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
  /** Stops the server process; `resume` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  stop(): Promise<void>;
}

export const ROOT = { user: "postgres", password: "secret-of-root" } as const;

/** @param settings further settings of the server: `timezone=Asia/Kathmandu`. */
export async function startServer(settings: readonly string[] = []): Promise<TestServer> {
  const server = await startPostgres({ ...ROOT, settings: ["max_prepared_transactions=10", ...settings] });
  const { port, folder } = server;
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
    halt: () => server.halt(),
    resume: () => server.resume(),
    async stop() {
      await release();
      await server.stop();
    },
  };
}
