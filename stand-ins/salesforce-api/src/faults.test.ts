import { request } from "node:http";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { DATA, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

test.each([
  ["session-expired", 401, "INVALID_SESSION_ID", "Session expired or invalid"],
  ["not-refreshable", 401, "INVALID_SESSION_ID", "This session is not valid for use with the REST API"],
  ["daily-limit", 403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."],
  ["concurrent-limit", 403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentPerOrgLongTxn Limit exceeded."],
  ["api-disabled", 403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."],
  ["not-found", 404, "NOT_FOUND", "The requested resource does not exist"],
  ["query-timeout", 400, "QUERY_TIMEOUT", "Your query request was running for too long."],
  ["invalid-locator", 400, "INVALID_QUERY_LOCATOR", "invalid query locator"],
  ["unknown-exception", 500, "UNKNOWN_EXCEPTION", "ErrorId"],
  ["unable-to-lock", 400, "UNABLE_TO_LOCK_ROW", ""],
  ["metering", 400, "TXN_SECURITY_METERING_ERROR", "transaction security policies took too long"],
  ["server-error", 500, "SERVER_ERROR", ""],
  ["unavailable", 503, "SERVER_UNAVAILABLE", ""],
  ["too-many-requests", 429, "REQUEST_LIMIT_EXCEEDED", ""],
] as const)("%s answers once in place of the request, which is not carried out", async (kind, status, code, words) => {
  const api = await startTestApi();
  await api.login();
  api.control.addFault({ kind, path: "/jobs" });
  const refused = await api.createJob("SELECT Id FROM Lead");
  expect(refused).toMatchObject({ status, code });
  expect(refused.at("0.message")).toContain(words);
  expect(api.control.usage()).toMatchObject({ bulkJobs: 0, requests: 0 });
  expect((await api.createJob("SELECT Id FROM Lead")).status).toBe(200);
});

test("an answer fault may come after the request was carried out", async () => {
  const api = await startTestApi();
  api.control.addFault({ kind: "server-error", path: "/jobs", applied: true, status: 502 });
  expect((await api.createJob("SELECT Id FROM Lead")).status).toBe(502);
  expect(api.control.usage().bulkJobs).toBe(1);
});

test("Retry-After and other headers, pages of HTML, no body, no JSON, a body of one's own", async () => {
  const api = await startTestApi();
  const path = "/limits";
  api.control.addFault({ kind: "unavailable", path, retryAfterSeconds: 7, headers: { "X-Edge": "a" } });
  const busy = await api.get(path);
  expect([busy.headers.get("retry-after"), busy.headers.get("x-edge")]).toEqual(["7", "a"]);
  api.control.addFault({ kind: "too-many-requests", path, retryAfterSeconds: 3 });
  expect((await api.get(path)).headers.get("retry-after")).toBe("3");
  api.control.addFault({ kind: "edge-error", path, status: 420 });
  expect(await api.get(path)).toMatchObject({ status: 420, text: expect.stringContaining("<html>") });
  api.control.addFault({ kind: "empty-body", path, status: 406 });
  expect(await api.get(path)).toMatchObject({ status: 406, text: "" });
  api.control.addFault({ kind: "non-json", path });
  const page = await api.get(path);
  expect([page.status, page.headers.get("content-type"), page.text]).toEqual([
    200,
    "application/json;charset=UTF-8",
    expect.stringContaining("Setting things up"),
  ]);
  api.control.addFault({ kind: "custom", path, status: 418, body: [{ errorCode: "TEAPOT", message: "x" }] });
  expect(await api.get(path)).toMatchObject({ status: 418, code: "TEAPOT" });
  api.control.addFault({ kind: "invalid-grant", path: "/token" });
  expect((await api.oauth({ grant_type: "client_credentials" })).at("error")).toBe("invalid_grant");
});

interface Received {
  readonly status: number;
  readonly body: Buffer;
  /** How it ended. */
  readonly end: "complete" | "aborted" | "failed";
  readonly declared: string | undefined;
  readonly encoding: string | undefined;
}

/** Reads an answer to wherever it ends. */
function receive(
  api: TestApi,
  path: string,
  headers: Record<string, string>,
  onFirst?: (stop: () => void) => void,
): Promise<Received> {
  return new Promise((resolve) => {
    const sent = request(`${api.url}${DATA}${path}`, { headers }, (response) => {
      const chunks: Buffer[] = [];
      const finish = (end: Received["end"]) =>
        resolve({
          status: response.statusCode ?? 0,
          body: Buffer.concat(chunks),
          end,
          declared: response.headers["content-length"],
          encoding: response.headers["content-encoding"],
        });
      response.on("data", (chunk: Buffer) => {
        chunks.push(chunk);
        onFirst?.(() => sent.destroy());
      });
      response.on("end", () => finish(response.complete ? "complete" : "aborted"));
      response.on("error", () => finish("aborted"));
    });
    sent.on("error", () =>
      resolve({ status: 0, body: Buffer.alloc(0), end: "failed", declared: undefined, encoding: undefined }),
    );
    sent.end();
  });
}

async function startWithJob(
  rows: number,
): Promise<{ api: TestApi; path: string; headers: Record<string, string>; whole: string }> {
  const api = await startTestApi({ org: { rows: { Contact: rows } } });
  const id = String((await api.createJob("SELECT Id, Name, Description FROM Contact")).at("id"));
  const path = `/jobs/query/${id}/results?maxRecords=100000`;
  return { api, path, headers: { Authorization: `Bearer ${await api.login()}` }, whole: (await api.get(path)).text };
}

test.each(["truncated-body", "reset-body"] as const)("%s: a result breaks off in its middle", async (kind) => {
  const { api, path, headers, whole } = await startWithJob(300);
  api.control.addFault({ kind, path: "/results" });
  const broken = await receive(api, path, headers);
  // What was sent before a reset may not be read any more.
  expect(kind === "reset-body" ? ["aborted", "failed"] : ["aborted"]).toContain(broken.end);
  expect(broken.body.length).toBeLessThan(Buffer.byteLength(whole));
  if (broken.end === "aborted")
    expect([broken.status, Number(broken.declared)]).toEqual([200, Buffer.byteLength(whole)]);
  expect((await receive(api, path, headers)).body.toString()).toBe(whole);
  expect(api.control.requests({ family: "bulk-results" }).at(-2)).toMatchObject({ aborted: true, faults: [kind] });
});

test("short-body: a result ends too early and says that it is whole", async () => {
  const { api, path, headers, whole } = await startWithJob(300);
  api.control.addFault({ kind: "short-body", path: "/results", share: 0.3 });
  const short = await receive(api, path, headers);
  expect(short.end).toBe("complete");
  expect(short.body.length).toBe(Math.floor(Buffer.byteLength(whole) * 0.3));
  expect(whole.startsWith(short.body.toString().slice(0, -3))).toBe(true);
});

test("short-body of JSON is 200 with JSON that breaks off", async () => {
  const api = await startTestApi({ org: { rows: { Account: 20 } } });
  api.control.addFault({ kind: "short-body", path: "/query" });
  const { status, text } = await api.query("SELECT Id FROM Account");
  expect(status).toBe(200);
  expect(() => JSON.parse(text)).toThrow(SyntaxError);
});

test("reset-before does nothing, reset-after does all and says nothing", async () => {
  const api = await startTestApi();
  await api.get("/limits");
  api.control.addFault({ kind: "reset-before", method: "POST", path: "/jobs" });
  await expect(api.createJob("SELECT Id FROM Lead")).rejects.toThrow();
  expect(api.control.usage().bulkJobs).toBe(0);
  api.control.addFault({ kind: "reset-after", method: "POST", path: "/jobs" });
  await expect(api.createJob("SELECT Id FROM Lead")).rejects.toThrow();
  expect(api.control.usage().bulkJobs).toBe(1);
});

test("hang-before and stall-body last until somebody goes away", async () => {
  const { api, path, headers } = await startWithJob(300);
  api.control.addFault({ kind: "hang-before", path: "/sobjects" });
  const stop = new AbortController();
  const hanging = fetch(`${api.url}${DATA}/sobjects`, { headers, signal: stop.signal });
  await expect.poll(() => api.control.requests({ path: "/sobjects" }).length).toBe(1);
  stop.abort();
  await expect(hanging).rejects.toThrow();
  api.control.addFault({ kind: "stall-body", path: "/results", share: 0.1 });
  const stalled = await receive(api, path, headers, (stopNow) => stopNow());
  expect(stalled.end).toBe("aborted");
});

test.each(["slow-headers", "slow-body"] as const)("%s: the whole answer, later", async (kind) => {
  const { api, path, headers, whole } = await startWithJob(30);
  api.control.addFault({ kind, path: "/results", delayMs: 20 });
  const slow = await receive(api, path, headers);
  expect([slow.end, slow.body.toString()]).toEqual(["complete", whole]);
});

test("answers are compressed when that is asked for; a torn one cannot be unpacked", async () => {
  const { api, path, headers, whole } = await startWithJob(300);
  const asking = { ...headers, "Accept-Encoding": "gzip" };
  const zipped = await receive(api, path, asking);
  expect(zipped.encoding).toBe("gzip");
  expect(gunzipSync(zipped.body).toString()).toBe(whole);
  expect(zipped.body.length).toBeLessThan(whole.length / 2);
  expect((await receive(api, path, headers)).encoding).toBeUndefined();
  api.control.addFault({ kind: "short-body", path: "/results" });
  const torn = await receive(api, path, asking);
  expect(torn.end).toBe("complete");
  expect(() => gunzipSync(torn.body)).toThrow(/unexpected end of file/);
  api.control.setKnobs({ gzip: false });
  expect((await receive(api, path, asking)).encoding).toBeUndefined();
  api.control.setKnobs({ gzip: true });
  const json = await receive(api, "/sobjects", asking);
  expect(JSON.parse(gunzipSync(json.body).toString()).encoding).toBe("UTF-8");
});

test("faults hit the nth match, so many times, by method and path with query, or by chance", async () => {
  const api = await startTestApi();
  const statuses = async (count: number, path = "/limits") => {
    const found: number[] = [];
    for (let index = 0; index < count; index += 1) found.push((await api.get(path)).status);
    return found;
  };
  const id = api.control.addFault({ kind: "server-error", path: "/limits", nth: 2, times: 2, method: "get" });
  expect(await statuses(4)).toEqual([200, 500, 500, 200]);
  expect(api.control.faults()).toMatchObject([{ id, matched: 4, hits: 2 }]);
  api.control.removeFault(id);
  api.control.addFault({ kind: "server-error", path: String.raw`query\?q=.*Lead` });
  expect((await api.query("SELECT Id FROM Account")).status).toBe(200);
  expect((await api.query("SELECT Id FROM Lead")).status).toBe(500);
  api.control.clearFaults();
  api.control.addFault({ kind: "server-error", probability: 0.5, seed: 3 });
  const first = await statuses(20);
  expect(new Set(first)).toEqual(new Set([200, 500]));
  api.control.clearFaults();
  api.control.addFault({ kind: "server-error", probability: 0.5, seed: 3 });
  expect(await statuses(20)).toEqual(first);
});
