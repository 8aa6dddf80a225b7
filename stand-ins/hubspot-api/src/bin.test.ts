import { fileURLToPath } from "node:url";
import { describeProgram, exitCode, spawnProgram } from "@acme/stand-in-kit/testing";
import { expect, test } from "vitest";

const bin = fileURLToPath(new URL("./bin.ts", import.meta.url));

test("it starts alone, says where in JSON, serves the portal asked for, and ends cleanly on SIGTERM", async () => {
  const args = ["--port", "0", "--contacts", "40", "--count", "calls=7", "--token", "by-hand", "--plan", "starter"];
  const started = spawnProgram(bin, ...args, "--archived-share", "0", "--no-rate-limits", "--json");
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
  expect(await exitCode(started)).toBe(0);
  expect(started.errors()).toBe("");
});

describeProgram({
  bin,
  name: "hubspot-api",
  options: ["--port", "--contacts", "--count", "--seed", "--token", "--plan", "--index-lag-ms"],
  refused: [
    [["--plan", "gold"], "--plan takes one of"],
    [["--port", "x"], "--port takes a whole number"],
    [["--count", "spaceships=3"], "--count takes TYPE=N"],
    [["--archived-share", "2"], "--archived-share takes"],
    [["--wat"], "--wat"],
  ],
});
