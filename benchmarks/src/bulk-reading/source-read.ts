/** The connector's source, read to its end as the engine would. */
import { salesforceConnector } from "@acme/connector-salesforce";
import { createSystemRuntime } from "@acme/sync-core";
import { columns, object, pageRows } from "./columns.ts";

const [url = ""] = process.argv.slice(2);
const config = salesforceConnector.config.parse({
  loginUrl: url,
  clientCredentials: { clientId: "stand-in-client", clientSecret: "stand-in-secret" },
  object,
  relationships: ["Account"],
  bulkPageRows: pageRows,
  // Nothing changes while it is measured: only the reading of all records.
  lagMs: 1000,
  overlapMs: 0,
});
const source = salesforceConnector.create(config, createSystemRuntime());
const { signal } = new AbortController();
const [stream] = await source.streams(signal);
if (stream === undefined) throw new Error("the source has no stream");
const fields = stream.fields.filter(({ name }) => columns.some((column) => column === name));
let rows = 0;
for await (const page of source.read({ ...stream, fields }, null, signal)) rows += page.rows.length;
await source.close();
process.stdout.write(`${rows}\n`);
