import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeProgram, exitCode, spawnProgram } from "@acme/stand-in-kit/testing";
import { expect, onTestFinished, test } from "vitest";

const bin = fileURLToPath(new URL("./bin.ts", import.meta.url));

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
    const started = spawnProgram(bin, ...args, "--landing-delay-ms", "0", "--no-event-listing");
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
    expect(await exitCode(started)).toBe(0);
    expect(started.errors()).toBe("");
  }
});

describeProgram({
  bin,
  name: "personize-api",
  options: ["--plan", "--port", "--key", "--file", "--landing-delay-ms", "--rate-unit", "--no-event-listing"],
  refused: [
    [["--plan", "gold"], "--plan takes one of"],
    [["--port", "x"], "--port takes a whole number"],
    [["--rate-unit", "byte"], "--rate-unit takes"],
    [["--wat"], "--wat"],
  ],
});
