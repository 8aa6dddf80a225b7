import { expect, test } from "vitest";
import { DATA, START_MS, startTestApi } from "./__fixtures__/start-test-api.ts";
import { openSalesforceApi } from "./open-salesforce-api.ts";

const options = { now: () => START_MS, org: { rows: { Contact: 450 }, deletedShare: 0.1 }, maxPageRows: 200 };
const client = { client_id: "stand-in-client", client_secret: "stand-in-secret", grant_type: "client_credentials" };

test("without a server the same questions have the same answers", async () => {
  const server = await startTestApi(options);
  const open = openSalesforceApi(options);
  const url = server.url;
  const login = open.answer({
    method: "POST",
    url: `${url}/services/oauth2/token`,
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams(client).toString(),
  });
  const { access_token: token }: { readonly access_token: string } = JSON.parse(login.text);
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const job = { operation: "queryAll", query: "SELECT Id, LastName FROM Contact" };
  const id = String((await server.createJob(job.query, job)).at("id"));
  open.answer({ method: "POST", url: `${url}${DATA}/jobs/query`, headers, body: JSON.stringify(job) });
  const paths = [
    `/query?q=${encodeURIComponent("SELECT Id, LastName FROM Contact ORDER BY Id")}`,
    `/query?q=${encodeURIComponent("SELECT Nothing FROM Contact")}`,
    "/sobjects/Contact/describe",
    `/jobs/query/${id}`,
    `/jobs/query/${id}/results?maxRecords=100`,
    "/nowhere",
  ];
  for (const path of paths) {
    const there = await server.get(path);
    const here = open.answer({ method: "GET", url: `${url}${DATA}${path}`, headers, body: "" });
    expect([here.status, here.text]).toEqual([there.status, there.text]);
    for (const name of ["date", "content-type", "sforce-locator", "sforce-numberofrecords"])
      expect(here.headers[name] ?? null).toBe(there.headers.get(name));
  }
  open.control.addFault({ kind: "query-timeout", path: "/query" });
  expect(open.answer({ method: "GET", url: `${url}${DATA}/query?q=x`, headers, body: "" }).text).toContain(
    "QUERY_TIMEOUT",
  );
});
