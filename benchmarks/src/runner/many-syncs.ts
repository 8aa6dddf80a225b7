import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Client } from "pg";

/** How many syncs have a table of how many rows: most are small, as they are in real life. */
const SIZES = [
  { share: 0.6, rows: 20 },
  { share: 0.3, rows: 300 },
  { share: 0.09, rows: 3000 },
  { share: 0.01, rows: 30_000 },
] as const;
/** So many of them read HubSpot's stand-in instead. */
const HUBSPOT_SHARE = 0.03;

export interface ManySyncs {
  readonly names: readonly string[];
  readonly tables: readonly string[];
  readonly rows: number;
}

export interface ManySyncsOptions {
  readonly syncs: number;
  readonly folder: string;
  readonly databaseUrl: string;
  readonly apiUrl: string;
  readonly hubspotUrl: string;
  readonly hubspotToken: string;
  readonly jitterMs: number;
  readonly maxConcurrentRuns: number;
}

/** Tables of mixed size, and a configuration with a sync for each, every minute. */
export async function prepareManySyncs(options: ManySyncsOptions): Promise<ManySyncs> {
  const client = new Client({ connectionString: options.databaseUrl });
  await client.connect();
  const syncs: Record<string, unknown> = {};
  const tables: string[] = [];
  let rows = 0;
  for (let at = 0; at < options.syncs; at += 1) {
    const share = at / options.syncs;
    if (share < HUBSPOT_SHARE) {
      syncs[`hubspot-${at}`] = hubspotSync(options);
      continue;
    }
    const table = `table_${at}`;
    const size = sizeAt((share - HUBSPOT_SHARE) / (1 - HUBSPOT_SHARE));
    await client.query(
      `create table ${table} as
         select i as id, '${table}.' || i || '@example.com' as email, 'City ' || i % 400 as city, 'Status ' || i % 4 as status,
           timestamptz '2026-01-01 00:00:00+00' + i * interval '1 ms' as updated_at
         from generate_series(1, ${size}) as i;
       alter table ${table} add primary key (id);
       create index on ${table} (updated_at, id)`,
    );
    tables.push(table);
    rows += size;
    syncs[table.replace("_", "-")] = postgresSync(options, table);
  }
  await client.end();
  await writeFile(
    join(options.folder, "sync.config.json"),
    JSON.stringify({
      personize: { baseUrl: options.apiUrl, rateUnit: "call" },
      runner: { port: 0, jitterMs: options.jitterMs, maxConcurrentRuns: options.maxConcurrentRuns },
      syncs,
    }),
  );
  return { names: Object.keys(syncs), tables, rows };
}

function sizeAt(share: number): number {
  let sum = 0;
  for (const { share: part, rows } of SIZES) {
    sum += part;
    if (share < sum) return rows;
  }
  return SIZES[0].rows;
}

function postgresSync({ databaseUrl }: ManySyncsOptions, table: string): unknown {
  return {
    connector: "postgres",
    source: { url: databaseUrl, table, cursor: "updated_at" },
    mapping: {
      entityType: "contact",
      email: "email",
      properties: { city: property("city"), status: property("status") },
    },
    schedule: "* * * * *",
  };
}

function hubspotSync({ hubspotUrl, hubspotToken }: ManySyncsOptions): unknown {
  return {
    connector: "hubspot",
    source: { token: hubspotToken, baseUrl: hubspotUrl, object: "contacts" },
    mapping: { entityType: "contact", email: "email", properties: { last_name: property("lastname") } },
    schedule: "* * * * *",
  };
}

function property(sourceField: string): unknown {
  return { sourceField, collectionName: "Contacts Standard Schema" };
}
