import { fileURLToPath } from "node:url";
import { describeProgram, exitCode, spawnProgram } from "@acme/stand-in-kit/testing";
import { expect, test } from "vitest";

const form = { "Content-Type": "application/x-www-form-urlencoded" };
const bin = fileURLToPath(new URL("./bin.ts", import.meta.url));

test("it starts alone, says where in JSON, serves the org asked for, and ends cleanly on SIGTERM", async () => {
  const args = [
    "--port",
    "0",
    "--contacts",
    "40",
    "--rows",
    "CampaignMember=7",
    "--deleted-share",
    "0",
    "--bulk-ms",
    "0",
  ];
  const started = spawnProgram(bin, ...args, "--daily-requests", "500", "--rotate", "--json");
  await expect.poll(started.output, { timeout: 20_000 }).toContain("\n");
  const { url, port }: { url: string; port: number } = JSON.parse(started.output());
  expect(url).toBe(`http://127.0.0.1:${port}`);
  const body =
    "grant_type=refresh_token&refresh_token=stand-in-refresh&client_id=stand-in-client&client_secret=stand-in-secret";
  const issued: unknown = await (
    await fetch(`${url}/services/oauth2/token`, { method: "POST", body, headers: form })
  ).json();
  expect(issued).toMatchObject({ access_token: expect.any(String), refresh_token: expect.any(String) });
  const counts = await fetch(`${url}/__admin/counts`, { method: "POST" });
  expect(await counts.json()).toMatchObject({
    result: {
      objects: { Contact: { live: 40 }, Account: { live: 8 }, CampaignMember: { live: 7 }, Boat__c: { live: 4 } },
    },
  });
  const knobs = await fetch(`${url}/__admin/knobs`, { method: "POST" });
  expect(await knobs.json()).toMatchObject({ result: { dailyRequests: 500, bulkRunningMs: 0, soapLogin: false } });
  started.process.kill("SIGTERM");
  expect(await exitCode(started)).toBe(0);
  expect(started.errors()).toBe("");
});

describeProgram({
  bin,
  name: "salesforce-api",
  options: ["--port", "--contacts", "--rows", "--seed", "--public-key", "--soap-login", "--rotate", "--bulk-ms"],
  refused: [
    [["--port", "x"], "--port takes a whole number"],
    [["--rows", "Contact"], "--rows takes a whole number"],
    [["--rows", "Spaceship=3"], "No object Spaceship"],
    [["--deleted-share", "2"], "--deleted-share takes"],
    [["--public-key", "/nowhere/key.pem"], "no such file"],
    [["--wat"], "--wat"],
  ],
});
