import { startPostgres } from "@acme/test-servers";
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

export { findFreePort } from "@acme/test-servers";

export const ROOT = { user: "postgres", password: "secret-of-root" } as const;

export async function startServer(): Promise<TestServer> {
  const server = await startPostgres(ROOT);
  const { port, folder } = server;
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
    halt: () => server.halt(),
    resume: () => server.resume(),
    async stop() {
      await Promise.allSettled([...clients].map((client) => client.end()));
      await server.stop();
    },
  };
}
