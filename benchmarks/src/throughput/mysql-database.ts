import { startMariadb } from "@acme/test-servers";
import { createConnection } from "mysql2/promise";
import { type Database, MOST_RECORDS } from "./database.ts";

const CREATE_CUSTOMERS = `
  create table customers (
    id bigint primary key,
    email varchar(200) not null,
    first_name varchar(200) not null,
    last_name varchar(200) not null,
    company varchar(200),
    city varchar(200),
    country varchar(200),
    status varchar(20) not null,
    loyalty_points int,
    lifetime_value decimal(10, 2),
    notes text,
    updated_at timestamp(6) not null,
    key (updated_at, id)
  )`;

/** In the order of the index that is read along: an insert a few million rows long would take minutes otherwise. */
const FILL_CUSTOMERS = `
  insert into customers
  select seq, concat('customer', seq % ${MOST_RECORDS}, '@example.com'), concat('First ', seq % 5000), concat('Last ', seq % 70000),
    if(seq % 10 < 7, concat('Company ', seq % 9000), null), concat('City ', seq % 400), concat('Country ', seq % 90),
    elt(1 + seq % 4, 'lead', 'trial', 'active', 'churned'), seq % 1000, (seq % 100000) / 7.0,
    concat('Customer ', seq, ' called about order ', seq * 7, ', asked for a later delivery, and will be called back.'),
    timestamp('2026-01-01') + interval seq * 1000 microsecond
  from `;

/** A real MariaDB server on a free port. Its data need not survive a power cut. */
export async function startMysqlDatabase(): Promise<Database> {
  const login = { user: "benchmark", password: "benchmark", database: "shop" };
  const server = await startMariadb({
    ...login,
    settings: ["--innodb-buffer-pool-size=1G", "--innodb-doublewrite=0", "--skip-log-bin"],
  });
  const client = await createConnection({ host: "127.0.0.1", port: server.port, timezone: "Z", ...login });
  return {
    name: "MariaDB",
    connector: "mysql",
    table: "shop.customers",
    url: `mysql://benchmark:benchmark@127.0.0.1:${server.port}/shop`,
    async fill(rows) {
      await client.query("drop table if exists customers");
      await client.query(CREATE_CUSTOMERS);
      await client.query(`${FILL_CUSTOMERS} seq_1_to_${rows}`);
      await client.query("analyze table customers");
    },
    async stop() {
      await client.end();
      await server.stop();
    },
  };
}
