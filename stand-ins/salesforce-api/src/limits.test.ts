import { request } from "node:http";
import { expect, test } from "vitest";
import { DATA, startTestApi, type TestApi } from "./__fixtures__/start-test-api.ts";

test("every answer to a session carries the day's usage; logins and the list of versions do not", async () => {
  const api = await startTestApi({ dailyRequests: 15_000 });
  expect((await api.get("/limits")).headers.get("sforce-limit-info")).toBe("api-usage=1/15000");
  const failed = await api.query("SELECT Nope FROM Account");
  expect(failed.headers.get("sforce-limit-info")).toBe("api-usage=2/15000");
  expect((await api.get("/services/data")).headers.get("sforce-limit-info")).toBeNull();
  expect((await api.oauth({ grant_type: "client_credentials" })).headers.get("sforce-limit-info")).toBeNull();
  expect((await api.get("/limits")).at("DailyApiRequests")).toEqual({ Max: 15_000, Remaining: 14_997 });
});

test.each([
  ["bursts", "api-usage=1/100000; api-bursts=1/750"],
  ["per-app", "api-usage=1/100000; per-app-api-usage=17/250(appName=stand-in app)"],
  ["absent", null],
] as const)("the usage has another form: %s", async (limitInfo, text) => {
  const api = await startTestApi({ limitInfo });
  expect((await api.get("/limits")).headers.get("sforce-limit-info")).toBe(text);
});

test("the day's requests run out with 403 and come back a day later", async () => {
  const api = await startTestApi({ dailyRequests: 100 });
  api.control.setUsage({ requests: 99 });
  expect((await api.get("/limits")).status).toBe(200);
  const refused = await api.get("/limits");
  expect(refused).toMatchObject({ status: 403, code: "REQUEST_LIMIT_EXCEEDED" });
  expect(refused.at("0.message")).toBe("TotalRequests Limit exceeded.");
  expect(refused.headers.get("sforce-limit-info")).toBe("api-usage=100/100");
  expect(refused.headers.get("retry-after")).toBeNull();
  expect((await api.createJob("SELECT Id FROM Lead")).code).toBe("REQUEST_LIMIT_EXCEEDED");
  api.control.advanceClock(86_400_000 + 60_000);
  const headers = { Authorization: `Bearer ${await api.login()}` };
  expect((await api.get("/limits", headers)).status).toBe(200);
  api.control.setUsage({ requests: 1000 });
  api.control.setKnobs({ requestLimits: false });
  expect((await api.get("/limits", headers)).status).toBe(200);
});

test("a batch counts as its requests, or as one", async () => {
  const api = await startTestApi();
  const batchRequests = [1, 2, 3].map(() => ({ method: "GET", url: "v66.0/limits" }));
  await api.send("POST", "/composite/batch", { batchRequests });
  expect(api.control.usage().requests).toBe(3);
  api.control.setKnobs({ batchCounts: "once" });
  await api.send("POST", "/composite/batch", { batchRequests });
  expect(api.control.usage().requests).toBe(4);
});

test("requests that have been running for long are limited by number", async () => {
  const api = await startTestApi({ concurrentLongRequests: 2 });
  await api.login();
  await api.get("/limits");
  api.control.addFault({ kind: "hang-after", path: "/sobjects", times: 2 });
  const stop = new AbortController();
  const token = await api.login();
  const headers = { Authorization: `Bearer ${token}` };
  const hanging = [1, 2].map(() =>
    fetch(`${api.url}${DATA}/sobjects`, { headers, signal: stop.signal }).catch(() => "stopped"),
  );
  await expect.poll(() => api.control.requests({ path: "/sobjects" }).length).toBe(2);
  expect((await api.get("/limits")).status).toBe(200);
  api.control.advanceClock(20_000);
  const refused = await api.get("/limits");
  expect(refused.status).toBe(403);
  expect(refused.at("0.message")).toBe("ConcurrentPerOrgLongTxn Limit exceeded.");
  stop.abort();
  await Promise.all(hanging);
  await expect.poll(async () => (await api.get("/limits")).status).toBe(200);
});

/** Without fetch, which would have its own opinion of such an address. */
function raw(
  api: TestApi,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(`${api.url}${path}`, { headers }, (response) => {
      let text = "";
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("an address beyond 16,384 bytes is 414, with the headers 431, both in HTML; just below both pass", async () => {
  const api = await startTestApi();
  const Authorization = `Bearer ${await api.login()}`;
  const path = (bytes: number) => {
    const start = `${DATA}/query?q=`;
    return start + "x".repeat(bytes - start.length);
  };
  expect(await raw(api, path(16_385), { Authorization })).toMatchObject({
    status: 414,
    text: expect.stringContaining("<html>"),
  });
  expect(await raw(api, path(16_384), { Authorization })).toMatchObject({
    status: 431,
    text: expect.stringContaining("Bad Message 431"),
  });
  expect(await raw(api, path(15_900), { Authorization })).toMatchObject({
    status: 400,
    text: expect.stringContaining("MALFORMED_QUERY"),
  });
  const headers = { Authorization, "X-Long": "y".repeat(17_000) };
  expect((await raw(api, `${DATA}/limits`, headers)).status).toBe(431);
  expect((await raw(api, path(300_000), { Authorization })).status).toBe(414);
});

test("versions: a list for anybody, 410 for the old, 404 for those to come and for what is not there", async () => {
  const api = await startTestApi();
  const versions = await (await fetch(`${api.url}/services/data`)).json();
  expect(versions).toContainEqual({ label: "Summer '26", url: "/services/data/v67.0", version: "67.0" });
  expect(versions).toContainEqual({ label: "Spring '26", url: "/services/data/v66.0", version: "66.0" });
  expect(versions).toContainEqual({ label: "Winter '26", url: "/services/data/v65.0", version: "65.0" });
  expect(await api.get("/services/data/v30.0/limits")).toMatchObject({ status: 410, code: "GONE" });
  expect(await api.get("/services/data/v99.0/limits")).toMatchObject({ status: 404, code: "NOT_FOUND" });
  expect((await api.get("")).at("limits")).toBe(`${DATA}/limits`);
  expect((await api.get("/nothing")).status).toBe(404);
  expect((await api.get(`//services/data/v66.0/limits`.replace("//", "/services//"))).status).toBe(404);
});

test("rows of objects can be counted without a query", async () => {
  const api = await startTestApi({ org: { rows: { Account: 12, Contact: 7 } } });
  api.control.delete(api.control.rows({ object: "Contact" })[0]?.id ?? "");
  const counts = await api.get("/limits/recordCount?sObjects=Account,contact,Lead,Nope");
  expect(JSON.parse(counts.text)).toEqual({
    sObjects: [
      { count: 12, name: "Account" },
      { count: 6, name: "Contact" },
      { count: 0, name: "Lead" },
    ],
  });
  expect((await api.get("/limits/recordCount")).each("sObjects", "name")).toContain("User");
  api.control.setKnobs({ recordCountShare: 0.5 });
  expect((await api.get("/limits/recordCount?sObjects=Account")).at("sObjects.0.count")).toBe(6);
});

test("answers carry the server's time", async () => {
  const api = await startTestApi();
  api.control.advanceClock(90_000);
  expect((await api.get("/limits")).headers.get("date")).toBe("Sun, 22 Nov 2026 12:01:30 GMT");
});
