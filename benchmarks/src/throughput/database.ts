import { startPostgres } from "@acme/test-servers";
import { Client } from "pg";

export interface Database {
  /** As people write it. */
  readonly name: string;
  /** The connector that reads it. */
  readonly connector: "postgres" | "mysql";
  readonly table: string;
  readonly url: string;
  /** Makes table `customers` anew, with this many rows. */
  fill(rows: number): Promise<void>;
  /** Stops the server and removes its files. */
  stop(): Promise<void>;
}

/** As many different emails as there are at most, so that ten million rows do not become as many records in the stand-in. */
export const MOST_RECORDS = 1_000_000;

const CREATE_CUSTOMERS = `
  drop table if exists customers;
  create table customers (
    id bigint primary key,
    email text not null,
    first_name text not null,
    last_name text not null,
    company text,
    city text,
    country text,
    status text not null,
    loyalty_points integer,
    lifetime_value numeric(10, 2),
    notes text,
    updated_at timestamptz not null
  )`;

const FILL_CUSTOMERS = `
  insert into customers
  select i, 'customer' || i % ${MOST_RECORDS} || '@example.com', 'First ' || i % 5000, 'Last ' || i % 70000,
    case when i % 10 < 7 then 'Company ' || i % 9000 end, 'City ' || i % 400, 'Country ' || i % 90,
    (array['lead', 'trial', 'active', 'churned'])[1 + i % 4], i % 1000, (i % 100000) / 7.0,
    'Customer ' || i || ' called about order ' || i * 7 || ', asked for a later delivery, and will be called back.',
    timestamptz '2026-01-01 00:00:00+00' + i * interval '1 ms'
  from generate_series(1, $1::bigint) as i`;

/** A real PostgreSQL server on a free port. Its data need not survive a power cut. */
export async function startDatabase(): Promise<Database> {
  const server = await startPostgres({ user: "benchmark", password: "benchmark", settings: ["max_wal_size=8GB"] });
  const url = server.url();
  const client = new Client({ connectionString: url });
  await client.connect();
  return {
    name: "PostgreSQL",
    connector: "postgres",
    table: "public.customers",
    url,
    async fill(rows) {
      await client.query(CREATE_CUSTOMERS);
      await client.query(FILL_CUSTOMERS, [rows]);
      await client.query("create index on customers (updated_at, id)");
      await client.query("vacuum analyze customers");
    },
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}
