import { startPostgres } from "@acme/test-servers";
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
  const server = await startPostgres({ user: "demo", password: "only-for-this-demo" });
  const url = server.url();
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
    },
  };
}
