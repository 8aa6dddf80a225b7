import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { describeProgram, exitCode, spawnProgram } from "./testing/index.ts";

const bin = fileURLToPath(new URL("./__fixtures__/tiny-program.ts", import.meta.url));

describeProgram({
  bin,
  name: "tiny-api",
  options: ["--port", "--text", "--share"],
  refused: [
    [["--port", "x"], "--port takes a whole number, not x (see --help)"],
    [["--port", "-1"], "Option '--port' argument is ambiguous"],
    [["--port", ""], "--port takes a whole number"],
    [["--share", "1.5"], "--share takes a number from 0 to 1, not 1.5"],
    [["--share", "half"], "--share takes a number from 0 to 1"],
    [["--wat"], "--wat"],
    [["--port", "70000"], "port"],
  ],
});

test("--json prints one line that says where, and SIGTERM ends it cleanly", async () => {
  const started = spawnProgram(bin, "--text", "good day", "--json");
  await expect.poll(started.output, { timeout: 20_000 }).toContain("\n");
  const facts: { url: string; port: number } = JSON.parse(started.output());
  expect(facts).toEqual({ url: `http://127.0.0.1:${facts.port}`, port: expect.any(Number), text: "good day" });
  expect(await (await fetch(facts.url)).text()).toBe("good day");
  started.process.kill("SIGTERM");
  expect(await exitCode(started)).toBe(0);
  expect(started.errors()).toBe("");
});

test("an end that fails is one line on stderr and exit code 1", async () => {
  const started = spawnProgram(bin, "--failing", "--json");
  await expect.poll(started.output, { timeout: 20_000 }).toContain("\n");
  started.process.kill("SIGINT");
  expect(await exitCode(started)).toBe(1);
  await expect.poll(started.errors).toBe("tiny-api: the store cannot be written\n");
});
