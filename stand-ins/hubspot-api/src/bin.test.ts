import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";

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

test("it starts alone, says where in JSON, serves the portal asked for, and ends cleanly on SIGTERM", async () => {
  const args = ["--port", "0", "--contacts", "40", "--count", "calls=7", "--token", "by-hand", "--plan", "starter"];
  const started = run(...args, "--archived-share", "0", "--no-rate-limits", "--json");
  await expect.poll(started.output, { timeout: 20_000 }).toContain("\n");
  const { url, token, port }: { url: string; token: string; port: number } = JSON.parse(started.output());
  expect([token, url]).toEqual(["by-hand", `http://127.0.0.1:${port}`]);
  const response = await fetch(`${url}/crm/v3/objects/calls`, { headers: { Authorization: `Bearer ${token}` } });
  expect(response.headers.get("x-hubspot-ratelimit-max")).toBe("100");
  expect(await response.json()).toMatchObject({ results: Array.from({ length: 7 }, () => ({})) });
  const counts = await fetch(`${url}/__admin/counts`, { method: "POST" });
  expect(await counts.json()).toMatchObject({
    result: { records: { contacts: { live: 40 }, companies: { live: 8 }, p4242_car: { live: 4 } } },
  });
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
  await expect.poll(started.errors).toMatch(new RegExp(`^hubspot-api: port ${port} is in use.*\n$`));
});

test.each([
  [["--plan", "gold"], "--plan takes one of"],
  [["--port", "x"], "--port takes a whole number"],
  [["--count", "spaceships=3"], "--count takes TYPE=N"],
  [["--archived-share", "2"], "--archived-share takes"],
  [["--wat"], "--wat"],
])("%j is refused with exit code 2", async (args, message) => {
  const started = run(...args);
  expect(await exitCode(started.process)).toBe(2);
  await expect.poll(started.errors).toContain(message);
});

test("--help prints every option, the greeting three commands to try", async () => {
  const help = run("--help");
  expect(await exitCode(help.process)).toBe(0);
  for (const option of ["--port", "--contacts", "--count", "--seed", "--token", "--plan", "--index-lag-ms"]) {
    expect(help.output()).toContain(option);
  }
  const started = run("--port", "0");
  await expect.poll(() => started.output().match(/^ {2}curl /gm)?.length, { timeout: 20_000 }).toBe(3);
  started.process.kill("SIGINT");
  expect(await exitCode(started.process)).toBe(0);
});
