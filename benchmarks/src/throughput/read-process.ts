/** Reads a whole table and does nothing with it: by a connector's source, or by the least that a script could do. */
import { createSystemIo, createSystemRuntime } from "@acme/sync-core";
import { mysqlConnector } from "@acme/connector-mysql";
import { postgresConnector } from "@acme/connector-postgres";
import { readBare } from "./bare-readers.ts";
import { bareStatement, identity, properties } from "./columns.ts";

const [who = "", connector = "", url = "", table = ""] = process.argv.slice(2);
process.stdout.write(`${who === "bare" ? await countBare() : await countSource()}\n`);

async function countBare(): Promise<number> {
  let count = 0;
  for await (const rows of readBare(url, bareStatement)) count += rows.length;
  return count;
}

async function countSource(): Promise<number> {
  // Sets the process up as the connector's own program does.
  createSystemIo();
  const options = { url, table, cursor: "updated_at" };
  const source =
    connector === "mysql"
      ? mysqlConnector.create(mysqlConnector.config.parse(options), createSystemRuntime())
      : postgresConnector.create(postgresConnector.config.parse(options), createSystemRuntime());
  const { signal } = new AbortController();
  const [stream] = await source.streams(signal);
  if (stream === undefined) throw new Error("there is no stream");
  const wanted = new Set<string>([identity, ...properties]);
  const narrowed = { ...stream, fields: stream.fields.filter((field) => wanted.has(field.name)) };
  let count = 0;
  for await (const page of source.read(narrowed, null, signal)) count += page.rows.length;
  await source.close();
  return count;
}
