import { expect, test } from "vitest";
import { allResults, DATA, startTestApi } from "./__fixtures__/start-test-api.ts";

test("a job waits, runs and completes; its results come in pages, each with a header, until the locator is null", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 25 } }, bulkQueuedMs: 1000, bulkRunningMs: 2000 });
  const created = await api.createJob("SELECT Id, LastName FROM Contact");
  expect(created.status).toBe(200);
  expect(JSON.parse(created.text)).toMatchObject({
    id: expect.stringMatching(/^750\w{15}$/),
    operation: "query",
    object: "Contact",
    state: "UploadComplete",
    concurrencyMode: "Parallel",
    contentType: "CSV",
    apiVersion: 66,
    lineEnding: "LF",
    columnDelimiter: "COMMA",
  });
  expect(created.at("jobType")).toBeUndefined();
  const id = created.at("id");
  const state = async () => (await api.get(`/jobs/query/${String(id)}`)).at("state");
  expect(await state()).toBe("UploadComplete");
  api.control.advanceClock(1000);
  expect(await state()).toBe("InProgress");
  expect((await api.get(`/jobs/query/${String(id)}/results`)).status).toBe(400);
  api.control.advanceClock(2000);
  const done = await api.get(`/jobs/query/${String(id)}`);
  expect(JSON.parse(done.text)).toMatchObject({
    state: "JobComplete",
    jobType: "V2Query",
    numberRecordsProcessed: 25,
    isPkChunkingSupported: true,
    totalProcessingTime: 2000,
  });
  const { rows, headers, counts } = await allResults(api, id, 10);
  expect(headers).toEqual(['"Id","LastName"']);
  expect(counts).toEqual([10, 10, 5]);
  const ids = rows.map((row) => row.slice(1, 19));
  expect(ids.toSorted()).toEqual(api.control.rows({ object: "Contact" }).map((row) => row.id));
  expect(ids).not.toEqual(ids.toSorted());
});

test("locators can be read again, do not repeat rows, and belong to the rows of the job", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 7 } } });
  const id = String((await api.createJob("SELECT Id FROM Contact")).at("id"));
  const page = (locator: string) => api.get(`/jobs/query/${id}/results?maxRecords=3${locator}`);
  const first = await page("");
  const locator = `&locator=${first.headers.get("sforce-locator")}`;
  const second = await page(locator);
  api.control.create("Contact", { LastName: "Later" });
  expect((await page(locator)).text).toBe(second.text);
  expect(first.text).not.toBe(second.text);
  expect((await page("&locator=bm9uZQ")).status).toBe(400);
  expect((await page("&locator=OTk")).status).toBe(400);
  expect((await api.get(`/jobs/query/${id}/results?maxRecords=0`)).status).toBe(400);
});

test("values are all in quotes: quotes doubled, line breaks and NUL bytes as they are, null as an empty text", async () => {
  const api = await startTestApi();
  api.control.create("Contact", { LastName: 'A "B", C', Description: "one\ntwo\u0000three", Title: null });
  const id = String((await api.createJob("SELECT LastName, Description, Title FROM Contact")).at("id"));
  const { text } = await api.get(`/jobs/query/${id}/results`);
  expect(text).toBe('"LastName","Description","Title"\n"A ""B"", C","one\ntwo\u0000three",""\n');
  api.control.setKnobs({ bulkNull: "bare" });
  expect((await api.get(`/jobs/query/${id}/results`)).text).toContain('three",\n');
});

test("times end in Z, booleans are texts, large numbers have exponents with every digit, parents are columns with dots", async () => {
  const api = await startTestApi();
  const account = api.control.create("Account", { Name: "Acme", AnnualRevenue: 16_147_805_824_397 });
  api.control.create("Contact", {
    LastName: "Li",
    AccountId: account,
    HasOptedOutOfEmail: true,
    Loyalty_Number__c: "123456789012345678",
  });
  const soql =
    "SELECT SystemModstamp, HasOptedOutOfEmail, Account.AnnualRevenue, Loyalty_Number__c, Account.Owner.Name FROM Contact";
  const id = String((await api.createJob(soql)).at("id"));
  const results = async () => (await api.get(`/jobs/query/${id}/results`)).text.trim().split("\n");
  const [header, row] = await results();
  expect(header).toBe(
    '"SystemModstamp","HasOptedOutOfEmail","Account.AnnualRevenue","Loyalty_Number__c","Account.Owner.Name"',
  );
  expect(row).toMatch(/^"2026-11-22T12:00:00.000Z","true","1.6147805824397E13","1.23456789012345678E17","\S.+"$/);
  api.control.setKnobs({ bulkNumbers: "plain" });
  expect((await results())[1]).toContain('"16147805824397","123456789012345678"');
});

test.each([
  ["COMMA", ","],
  ["PIPE", "|"],
  ["TAB", "\t"],
  ["SEMICOLON", ";"],
  ["CARET", "^"],
  ["BACKQUOTE", "`"],
])("columns are separated by %s and lines end in CRLF when asked for", async (columnDelimiter, character) => {
  const api = await startTestApi();
  api.control.create("Account", { Name: "Acme" });
  const id = String(
    (await api.createJob("SELECT Name, Type FROM Account", { columnDelimiter, lineEnding: "CRLF" })).at("id"),
  );
  expect((await api.get(`/jobs/query/${id}/results`)).text).toBe(
    `"Name"${character}"Type"\r\n"Acme"${character}""\r\n`,
  );
});

test("no rows: a header, or nothing at all", async () => {
  const api = await startTestApi();
  const id = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
  const results = () => api.get(`/jobs/query/${id}/results`);
  expect(await results()).toMatchObject({ status: 200, text: '"Id"\n' });
  expect((await results()).headers.get("sforce-locator")).toBe("null");
  expect((await results()).headers.get("sforce-numberofrecords")).toBe("0");
  api.control.setKnobs({ bulkEmpty: "nothing" });
  expect((await results()).text).toBe("");
});

test("queryAll has the rows of the bin, query has not", async () => {
  const api = await startTestApi({ org: { rows: { Account: 5 } } });
  const [first] = api.control.rows({ object: "Account" });
  api.control.delete(first?.id ?? "");
  const rows = async (operation: string) => {
    const id = (await api.createJob("SELECT Id, IsDeleted FROM Account", { operation })).at("id");
    return (await allResults(api, id, 100)).rows;
  };
  expect(await rows("query")).toHaveLength(4);
  const all = await rows("queryAll");
  expect(all).toHaveLength(5);
  expect(all).toContain(`"${first?.id}","true"`);
});

test("jobs are aborted while they run, deleted once they ended, listed, and forgotten after a week", async () => {
  const api = await startTestApi({ bulkRunningMs: 60_000 });
  const id = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
  const job = `/jobs/query/${id}`;
  expect(await api.send("DELETE", job)).toMatchObject({ status: 400, code: "API_ERROR" });
  expect((await api.send("PATCH", job, { state: "Paused" })).status).toBe(400);
  expect((await api.send("PATCH", job, { state: "Aborted" })).at("state")).toBe("Aborted");
  expect((await api.send("PATCH", job, { state: "Aborted" })).status).toBe(400);
  expect((await api.get(`${job}/results`)).status).toBe(400);
  expect((await api.get("/jobs/query")).each("records", "id")).toEqual([id]);
  expect((await api.send("DELETE", job)).status).toBe(204);
  expect(await api.get(job)).toMatchObject({ status: 404, code: "NOT_FOUND" });
  const kept = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
  api.control.advanceClock(60_000);
  expect((await api.get(`/jobs/query/${kept}`)).at("state")).toBe("JobComplete");
  api.control.expireSessions();
  api.control.advanceClock(7 * 86_400_000);
  const headers = { Authorization: `Bearer ${await api.login()}` };
  expect((await api.get(`/jobs/query/${kept}`, headers)).status).toBe(404);
});

test("results of another version than the job's are a conflict", async () => {
  const api = await startTestApi();
  const id = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
  expect((await api.get(`/services/data/v65.0/jobs/query/${id}/results`)).status).toBe(409);
});

test("before version 50 columns come by name", async () => {
  const api = await startTestApi();
  const body = { operation: "query", query: "SELECT Name, Id, AccountNumber FROM Account" };
  const id = String((await api.send("POST", "/services/data/v49.0/jobs/query", body)).at("id"));
  expect((await api.get(`/services/data/v49.0/jobs/query/${id}/results`)).text).toBe('"AccountNumber","Id","Name"\n');
});

test("result pages name up to five locators and go on", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 65 } }, bulkPageRows: 10 });
  const id = String((await api.createJob("SELECT Id FROM Contact")).at("id"));
  const first = await api.get(`/jobs/query/${id}/resultPages`);
  const urls = first.each("resultPages", "resultUrl").map(String);
  expect(urls).toHaveLength(5);
  expect(first.at("done")).toBe(false);
  const rest = await api.get(String(first.at("nextRecordsUrl")));
  expect(rest.at("done")).toBe(true);
  urls.push(...rest.each("resultPages", "resultUrl").map(String));
  const pages = await Promise.all(urls.map((url) => api.get(url)));
  const rows = pages.flatMap((page) => page.text.trim().split("\n").slice(1));
  expect(new Set(rows).size).toBe(65);
});

test.each([
  ["SELECT MailingAddress FROM Contact", "API_ERROR", "Selecting compound data not supported in Bulk Query"],
  ["SELECT Body FROM Attachment", "API_ERROR", "binary"],
  ["SELECT COUNT() FROM Contact", "API_ERROR", "Aggregate functions"],
  ["SELECT LastName FROM Contact GROUP BY LastName", "API_ERROR", "GROUP BY"],
  ["SELECT Id FROM Contact LIMIT 5 OFFSET 5", "API_ERROR", "OFFSET"],
  ["SELECT FIELDS(ALL) FROM Contact LIMIT 200", "API_ERROR", "FIELDS"],
  ["SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "Aggregate Relationships"],
  ["SELECT TYPEOF Who WHEN Lead THEN Id END FROM Task", "API_ERROR", "TYPEOF"],
  ["SELECT Id FROM TaskStatus", "INVALIDENTITY", "is not supported by the Bulk API"],
  ["SELECT Id FROM NotQueryable__e", "INVALIDENTITY", "does not support query"],
  ["SELECT Nope FROM Contact", "INVALID_FIELD", "No such column 'Nope'"],
  ["SELECT Id FROM Nope", "INVALID_TYPE", "is not supported"],
  ["SELECT FROM Contact", "MALFORMED_QUERY", "unexpected token"],
])("%s is refused when the job is made", async (soql, code, words) => {
  const api = await startTestApi();
  const refused = await api.createJob(soql);
  expect(refused).toMatchObject({ status: 400, code });
  expect(refused.at("0.message")).toContain(words);
  expect(api.control.usage().bulkJobs).toBe(0);
});

test.each([
  [{ operation: "insert" }],
  [{ query: "" }],
  [{ contentType: "XML" }],
  [{ columnDelimiter: "DOT" }],
  [{ lineEnding: "CR" }],
])("a job with %j is refused", async (extra) => {
  expect(await (await startTestApi()).createJob("SELECT Id FROM Lead", extra)).toMatchObject({
    status: 400,
    code: "INVALIDJOB",
  });
});

test("a job that takes too long fails with a reason: with ORDER BY or LIMIT, nothing is cut into chunks", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 50 } }, queryTimeoutRows: 20 });
  const outcome = async (soql: string) => {
    const id = String((await api.createJob(soql)).at("id"));
    const job = await api.get(`/jobs/query/${id}`);
    return [job.at("state"), job.at("isPkChunkingSupported"), job.at("errorMessage")];
  };
  expect(await outcome("SELECT Id FROM Contact")).toEqual(["JobComplete", true, undefined]);
  expect(await outcome("SELECT Id FROM Contact ORDER BY LastName")).toEqual([
    "Failed",
    false,
    expect.stringContaining("QUERY_TIMEOUT"),
  ]);
  api.control.setKnobs({ bulkTimeoutRows: 20 });
  expect(await outcome("SELECT Id FROM Contact")).toEqual(["Failed", true, expect.stringContaining("QUERY_TIMEOUT")]);
});

test("jobs can be made to fail, with or without words, and never to end", async () => {
  const api = await startTestApi();
  api.control.addFault({ kind: "job-fails", method: "POST", path: "/jobs/query$", errorMessage: "No luck" });
  api.control.addFault({ kind: "job-fails", method: "POST", path: "/jobs/query$", nth: 2, errorMessage: null });
  api.control.addFault({ kind: "job-never-ends", method: "POST", path: "/jobs/query$", nth: 3 });
  const states: unknown[] = [];
  for (let index = 0; index < 4; index += 1) {
    const id = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
    const job = await api.get(`/jobs/query/${id}`);
    states.push([job.at("state"), job.at("errorMessage")]);
  }
  expect(states).toEqual([
    ["Failed", "No luck"],
    ["Failed", undefined],
    ["InProgress", undefined],
    ["JobComplete", undefined],
  ]);
});

test("states may go back now and then before they are final", async () => {
  const api = await startTestApi({ bulkRunningMs: 1000, bulkStates: "back-and-forth" });
  const id = String((await api.createJob("SELECT Id FROM Lead")).at("id"));
  const states: unknown[] = [];
  for (let poll = 0; poll < 4; poll += 1) states.push((await api.get(`/jobs/query/${id}`)).at("state"));
  expect(states).toEqual(["InProgress", "InProgress", "UploadComplete", "InProgress"]);
  api.control.advanceClock(1000);
  expect((await api.get(`/jobs/query/${id}`)).at("state")).toBe("JobComplete");
});

test("jobs and their storage are limited by the day", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 20_000 } }, bulkJobsPerDay: 2 });
  await api.createJob("SELECT Id FROM Contact");
  await api.createJob("SELECT Id FROM Contact");
  const refused = await api.createJob("SELECT Id FROM Contact");
  expect(refused).toMatchObject({ status: 400, code: "LIMIT_EXCEEDED" });
  expect(refused.at("0.message")).toBe("Max bulk v2 query jobs (2) per 24 hrs has been reached");
  expect((await api.get("/limits")).at("DailyBulkV2QueryJobs")).toEqual({ Max: 2, Remaining: 0 });
  api.control.setKnobs({ bulkJobsPerDay: 10, bulkStorageMbPerDay: 0 });
  const full = await api.createJob("SELECT Id FROM Contact");
  expect(full.at("0.message")).toMatch(/Max bulk v2 query result size stored \(\d+\) kb per 24 hrs/);
  api.control.advanceClock(86_400_000);
  const headers = { Authorization: `Bearer ${await api.login()}` };
  expect((await api.get("/limits", headers)).at("DailyBulkV2QueryJobs.Remaining")).toBe(10);
});

test("results that are not what they say: no locator, too few rows, a wrong count, no count", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 20 } } });
  const id = String((await api.createJob("SELECT Id FROM Contact")).at("id"));
  const page = () => api.get(`/jobs/query/${id}/results?maxRecords=10`);
  const outcome = async () => {
    const { text, headers } = await page();
    return [
      text.trim().split("\n").length - 1,
      headers.get("sforce-numberofrecords"),
      headers.get("sforce-locator") !== null,
    ];
  };
  for (const kind of ["no-locator", "fewer-rows", "wrong-count", "no-count"] as const) {
    api.control.addFault({ kind, path: "/results" });
    await expect(outcome()).resolves.toEqual(
      {
        "no-locator": [10, "10", false],
        "fewer-rows": [9, "10", true],
        "wrong-count": [10, "11", true],
        "no-count": [10, null, true],
      }[kind],
    );
  }
  expect(await outcome()).toEqual([10, "10", true]);
});

test("a reader who goes away in the middle of a large page ends it, and nothing else", async () => {
  const api = await startTestApi({ org: { rows: { Contact: 200_000 } } });
  const id = String((await api.createJob("SELECT Id, Name, Description FROM Contact")).at("id"));
  const stop = new AbortController();
  const headers = { Authorization: `Bearer ${await api.login()}` };
  const path = `/jobs/query/${id}/results`;
  const response = await fetch(`${api.url}${DATA}${path}`, { headers, signal: stop.signal });
  await response.body?.getReader().read();
  stop.abort();
  await expect.poll(() => api.control.requests({ family: "bulk-results" })[0]?.aborted).toBe(true);
  const page = await api.get(`${path}?maxRecords=5`);
  expect(page.headers.get("sforce-numberofrecords")).toBe("5");
});

test("rows are found when the job runs, not when it is made", async () => {
  const api = await startTestApi({ bulkQueuedMs: 1000 });
  const id = String((await api.createJob("SELECT LastName FROM Lead")).at("id"));
  api.control.advanceClock(500);
  api.control.create("Lead", { LastName: "Between", Company: "x" });
  api.control.advanceClock(500);
  await api.get(`/jobs/query/${id}`);
  api.control.create("Lead", { LastName: "After", Company: "x" });
  expect((await allResults(api, id, 10)).rows).toEqual(['"Between"']);
});
