/**
 * Writes down how this version keeps a state in PostgreSQL, before it is released:
 *
 *     node --conditions=@acme/source src/__fixtures__/write-released-state.ts 0.1.0
 *
 * `released/VERSION.sql` makes such a schema, `released/VERSION.json` is what an export of it gives. Later versions open the one and have
 * to give the other (`released-states.test.ts`), so neither is ever edited or written again.
 */
import { readFileSync, writeFileSync } from "node:fs";
import type { StatePiece } from "@acme/sync-core";
import { migrations } from "../migrations.ts";
import { openPostgresState } from "../open-postgres-state.ts";
import { startServer } from "./server.ts";

const [, , version] = process.argv;
if (version === undefined) throw new Error("name the version");
const into = new URL("released/", import.meta.url);
// The same contents as the file's: one state, kept in two ways.
const pieces: readonly StatePiece[] = JSON.parse(
  readFileSync(new URL(`../../../sync-core/src/state/__fixtures__/released/${version}.json`, import.meta.url), "utf8"),
);

const server = await startServer();
try {
  const store = await openPostgresState({ url: server.url("&schema=released"), now: Date.now, mode: "create" });
  if (store === null) throw new Error("the state was not made");
  await store.importAll(toAsync(pieces), { replace: false });
  const exported = [];
  for await (const piece of store.exportAll(null)) exported.push(piece);
  await store.close();

  const admin = await server.connect();
  const { rows: tables } = await admin.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'released' order by tablename",
  );
  const lines = [...migrations, `create table {schema}.state_version (version integer not null);`];
  for (const { name } of tables) {
    const { rows: columns } = await admin.query<{ name: string }>(
      "select column_name as name from information_schema.columns where table_schema = 'released' and table_name = $1 order by ordinal_position",
      [name],
    );
    const names = columns.map((column) => `"${column.name}"`);
    const values = names.map((column) => `quote_nullable(${column}::text)`).join(` || ', ' || `);
    const { rows } = await admin.query<{ line: string }>(`select ${values} as line from released."${name}" order by 1`);
    for (const { line } of rows) lines.push(`insert into {schema}."${name}" (${names.join(", ")}) values (${line});`);
  }
  writeFileSync(new URL(`${version}.sql`, into), `${lines.join("\n")}\n`, { flag: "wx" });
  writeFileSync(new URL(`${version}.json`, into), `${JSON.stringify(exported, null, 2)}\n`, { flag: "wx" });
} finally {
  await server.stop();
}

async function* toAsync(all: readonly StatePiece[]): AsyncIterable<StatePiece> {
  yield* all;
}
