/**
 * The least that a script could do: log in, make a Bulk job, wait for it, download its pages and parse them. It takes every page for
 * whole, keeps values as they are written, and begins anew when anything fails.
 */
import { Readable } from "node:stream";
import { parse } from "csv-parse";
import { columns, object, pageRows } from "./columns.ts";

const POLL_MS = 200;
const [url = ""] = process.argv.slice(2);

interface Job {
  readonly id: string;
  readonly state: string;
}

const login = await fetch(`${url}/services/oauth2/token`, {
  method: "POST",
  body: new URLSearchParams({
    grant_type: "client_credentials",
    client_id: "stand-in-client",
    client_secret: "stand-in-secret",
  }),
});
const { access_token }: { access_token: string } = JSON.parse(await login.text());
const headers = { Authorization: `Bearer ${access_token}` };
const jobs = `${url}/services/data/v66.0/jobs/query`;

const created = await fetch(jobs, {
  method: "POST",
  headers: { ...headers, "Content-Type": "application/json" },
  body: JSON.stringify({ operation: "query", query: `SELECT ${columns.join(", ")} FROM ${object}` }),
});
let job: Job = JSON.parse(await created.text());
while (job.state !== "JobComplete") {
  await new Promise((resolve) => void setTimeout(resolve, POLL_MS));
  job = JSON.parse(await (await fetch(`${jobs}/${job.id}`, { headers })).text());
}

let rows = 0;
for (let locator = ""; locator !== "null"; ) {
  const query = `maxRecords=${pageRows}${locator === "" ? "" : `&locator=${locator}`}`;
  const page = await fetch(`${jobs}/${job.id}/results?${query}`, { headers });
  if (page.body === null) throw new Error("a page without a body");
  const records = Readable.fromWeb(page.body).pipe(parse({ columns: true }));
  for await (const record of records) if (record !== null) rows += 1;
  locator = page.headers.get("sforce-locator") ?? "null";
}
process.stdout.write(`${rows}\n`);
