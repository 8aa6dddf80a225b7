import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

test("it starts alone, says where in JSON, serves the plan, and ends cleanly on SIGTERM with its store kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "personize-api-bin-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const args = [
    "--port",
    "0",
    "--plan",
    "pro",
    "--key",
    "sk_test_hand",
    "--json",
    "--file",
    join(folder, "store.jsonl"),
  ];
  for (const total of [1, 1]) {
    const started = run(...args, "--landing-delay-ms", "0", "--no-event-listing");
    await expect.poll(started.output, { timeout: 10_000 }).toContain("\n");
    const { url, key, port }: { url: string; key: string; port: number } = JSON.parse(started.output());
    expect([key, url]).toEqual(["sk_test_hand", `http://127.0.0.1:${port}`]);
    const call = async (path: string, body?: object) => {
      const response = await fetch(`${url}/api/v1${path}`, {
        headers: { Authorization: `Bearer ${key}` },
        ...(body === undefined ? {} : { method: "POST", body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    };
    expect((await call("/me")).text).toContain('"maxApiCallsPerMinute":300');
    expect((await call("/events")).status).toBe(404);
    await call("/batch-memorize", {
      mapping: { email: "email", properties: {} },
      rows: [{ email: "ada@example.com" }],
    });
    expect(JSON.parse((await call("/search", {})).text).data.totalMatched).toBe(total);
    started.process.kill("SIGTERM");
    expect(await exitCode(started.process)).toBe(0);
    expect(started.errors()).toBe("");
  }
});

test("a port in use is one readable line and exit code 2", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => void server.close());
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const started = run("--port", String(port));
  expect(await exitCode(started.process)).toBe(2);
  await expect.poll(started.errors).toMatch(new RegExp(`^personize-api: port ${port} is in use.*\n$`));
});

test.each([
  [["--plan", "gold"], "--plan takes one of"],
  [["--port", "x"], "--port takes a whole number"],
  [["--rate-unit", "byte"], "--rate-unit takes"],
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
    "--plan",
    "--port",
    "--key",
    "--file",
    "--landing-delay-ms",
    "--rate-unit",
    "--no-event-listing",
  ]) {
    expect(help.output()).toContain(option);
  }
  const started = run("--port", "0");
  await expect.poll(() => started.output().match(/^ {2}curl /gm)?.length, { timeout: 10_000 }).toBe(3);
  started.process.kill("SIGINT");
  expect(await exitCode(started.process)).toBe(0);
});
