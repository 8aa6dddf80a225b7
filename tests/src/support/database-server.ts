import { startPostgres } from "@acme/test-servers";
import { Client } from "pg";

/** A real PostgreSQL server of one test file, with as many databases as its tests want. */
export interface DatabaseServer {
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

export async function startDatabaseServer(): Promise<DatabaseServer> {
  const server = await startPostgres({ user: USER, password: POSTGRES_PASSWORD });
  const clients = new Set<Client>();
  let databases = 0;
  let creating = Promise.resolve();
  const connect = async (name: string): Promise<Client> => {
    const client = new Client({ connectionString: server.url(name), types: { getTypeParser: () => asText } });
    // A server that is halted under it is part of some tests.
    client.on("error", () => clients.delete(client));
    await client.connect();
    clients.add(client);
    return client;
  };

  return {
    port: server.port,
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
        url: server.url(name),
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
      await server.halt();
    },
    resume: () => server.resume(),
    async stop() {
      await Promise.allSettled([...clients].map((client) => client.end()));
      await server.stop();
    },
  };
}

function asText(value: string): string {
  return value;
}
