import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

const form = { "Content-Type": "application/x-www-form-urlencoded" };
const bin = fileURLToPath(new URL("./bin.ts", import.meta.url));

function run(...args: readonly string[]): { process: ChildProcess; output: () => string; errors: () => string } {
  const child = spawn(process.execPath, ["--conditions=@acme/source", bin, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    if (child.exitCode === null) child.kill("SIGKILL");
  });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  return { process: child, output: () => output, errors: () => errors };
}

async function exitCode(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null) return child.exitCode;
  const [code] = await once(child, "exit");
  return code;
}

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
  const started = run(...args, "--daily-requests", "500", "--rotate", "--json");
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
  expect(await exitCode(started.process)).toBe(0);
  expect(started.errors()).toBe("");
});

test("a port in use is one readable line and exit code 2", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const started = run("--port", String(port));
  expect(await exitCode(started.process)).toBe(2);
  await expect.poll(started.errors).toMatch(new RegExp(`^salesforce-api: port ${port} is in use.*\n$`));
});

test.each([
  [["--port", "x"], "--port takes a whole number"],
  [["--rows", "Contact"], "--rows takes a whole number"],
  [["--rows", "Spaceship=3"], "No object Spaceship"],
  [["--deleted-share", "2"], "--deleted-share takes"],
  [["--public-key", "/nowhere/key.pem"], "no such file"],
  [["--wat"], "--wat"],
])("%j is refused with exit code 2", async (args, message) => {
  const started = run(...args);
  expect(await exitCode(started.process)).toBe(2);
  await expect.poll(started.errors).toContain(message);
});

test("--help prints every option, the greeting three commands to try", async () => {
  const help = run("--help");
  expect(await exitCode(help.process)).toBe(0);
  for (const option of [
    "--port",
    "--contacts",
    "--rows",
    "--seed",
    "--public-key",
    "--soap-login",
    "--rotate",
    "--bulk-ms",
  ]) {
    expect(help.output()).toContain(option);
  }
  const started = run("--port", "0");
  await expect.poll(() => started.output().match(/^ {2}curl /gm)?.length, { timeout: 20_000 }).toBe(3);
  started.process.kill("SIGINT");
  expect(await exitCode(started.process)).toBe(0);
});
