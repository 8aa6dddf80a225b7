import { startHubspotApi } from "@acme/hubspot-api";
import { startSalesforceApi } from "@acme/salesforce-api";
import { isMariadbInstalled, startMariadb } from "@acme/test-servers";
import { startDatabaseServer } from "@acme/tests/support/database-server";
import { createConnection } from "mysql2/promise";

/** A small system for one connector to read, and the sync that reads it. */
export interface Sample {
  /** The entry under `syncs`, with `${…}` for what `env` holds. */
  readonly sync: Readonly<Record<string, unknown>>;
  readonly env: Readonly<Record<string, string>>;
  /** How many rows there are to land. */
  readonly rows: number;
  close(): Promise<void>;
}

/** A connector, seen from outside. */
export interface Installed {
  readonly packageName: string;
  readonly bin: string;
  /** The packages by which it reaches its system; none of them may come along with another connector. */
  readonly drivers: readonly string[];
  /** What an installation may bring at most; a larger one is a decision, not an accident. */
  readonly budget: { readonly packages: number; readonly megabytes: number };
  /** False where this machine lacks the system that the sample reads. */
  readonly isAvailable: boolean;
  readonly startSample: () => Promise<Sample>;
}

const mapping = (fields: {
  readonly email: string;
  readonly firstName: string;
}): Readonly<Record<string, unknown>> => ({
  entityType: "contact",
  email: fields.email,
  properties: { first_name: { sourceField: fields.firstName, collectionName: "Contacts Standard Schema" } },
});

export const connectors: readonly Installed[] = [
  {
    packageName: "@acme/connector-postgres",
    bin: "connector-postgres",
    drivers: ["pg", "pg-cursor"],
    budget: { packages: 60, megabytes: 15 },
    isAvailable: true,
    async startSample() {
      const server = await startDatabaseServer();
      const database = await server.createDatabase();
      await database.query(
        `create table people (id int primary key, email text not null, first_name text, updated_at timestamptz not null);
         create index on people (updated_at, id);
         insert into people select n, 'p' || n || '@example.com', 'Person ' || n, timestamptz '2026-03-01 10:00+00'
           from generate_series(1, 25) n`,
      );
      return {
        sync: {
          connector: "postgres",
          source: { url: "${DATABASE_URL}", table: "public.people", cursor: "updated_at" },
          mapping: mapping({ email: "email", firstName: "first_name" }),
        },
        env: { DATABASE_URL: database.url },
        rows: 25,
        close: () => server.stop(),
      };
    },
  },
  {
    packageName: "@acme/connector-mysql",
    bin: "connector-mysql",
    drivers: ["mysql2"],
    // The driver brings a table of every character set.
    budget: { packages: 60, megabytes: 18 },
    isAvailable: isMariadbInstalled,
    async startSample() {
      const server = await startMariadb({ user: "owner", password: "owner", database: "shop" });
      const url = `mysql://owner:owner@127.0.0.1:${server.port}/shop`;
      const client = await createConnection({ uri: url, multipleStatements: true });
      await client.query(
        `create table people (id int primary key, email varchar(100) not null, first_name varchar(100), updated_at timestamp not null, key (updated_at));
         insert into people select seq, concat('p', seq, '@example.com'), concat('Person ', seq), '2026-03-01 10:00' from seq_1_to_25`,
      );
      await client.end();
      return {
        sync: {
          connector: "mysql",
          source: { url: "${DATABASE_URL}", table: "shop.people", cursor: "updated_at" },
          mapping: mapping({ email: "email", firstName: "first_name" }),
        },
        env: { DATABASE_URL: url },
        rows: 25,
        close: () => server.stop(),
      };
    },
  },
  {
    packageName: "@acme/connector-hubspot",
    bin: "connector-hubspot",
    drivers: ["@hubspot/api-client"],
    budget: { packages: 80, megabytes: 40 },
    isAvailable: true,
    async startSample() {
      const api = await startHubspotApi({ portal: { contacts: 25 } });
      return {
        sync: {
          connector: "hubspot",
          source: { token: "${HUBSPOT_TOKEN}", object: "contacts", baseUrl: api.url },
          mapping: mapping({ email: "email", firstName: "firstname" }),
        },
        env: { HUBSPOT_TOKEN: "pat-eu1-stand-in" },
        rows: 25,
        close: () => api.close(),
      };
    },
  },
  {
    packageName: "@acme/connector-salesforce",
    bin: "connector-salesforce",
    drivers: ["@jsforce/jsforce-node"],
    budget: { packages: 80, megabytes: 35 },
    isAvailable: true,
    async startSample() {
      const api = await startSalesforceApi({ org: { rows: { Contact: 25 } } });
      for (const [index, { id }] of api.control.rows({ object: "Contact", fields: [] }).entries()) {
        api.control.update(id, { Email: `p${index}@example.com` }, { touch: "none" });
      }
      return {
        sync: {
          connector: "salesforce",
          source: {
            loginUrl: api.url,
            object: "Contact",
            clientCredentials: { clientId: "stand-in-client", clientSecret: "${SALESFORCE_CLIENT_SECRET}" },
          },
          mapping: mapping({ email: "Email", firstName: "FirstName" }),
        },
        env: { SALESFORCE_CLIENT_SECRET: "stand-in-secret" },
        rows: 25,
        close: () => api.close(),
      };
    },
  },
];
