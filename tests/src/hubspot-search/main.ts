/** Searches seeds, or tells one. What it is about stands in the README beside it. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import type { createHubspotSource } from "../../../packages/connector-hubspot/src/source.ts";
import { root } from "../repository.ts";
import { runHubspotSeed } from "./run-hubspot-seed.ts";

const { values } = parseArgs({
  args: process.argv.slice(2).filter((word) => word !== "--"),
  options: {
    seed: { type: "string" },
    from: { type: "string", default: "1" },
    seeds: { type: "string", default: "100" },
    "stop-at-first": { type: "boolean", default: false },
    connector: { type: "string", default: join(root, "packages/connector-hubspot/src") },
  },
});

const connector: { createHubspotSource: typeof createHubspotSource } = await import(
  pathToFileURL(join(values.connector, "source.ts")).href
);
const out = (line: string): void => void process.stdout.write(`${line}\n`);

if (values.seed !== undefined) {
  const { timeline, problems } = await runHubspotSeed(Number(values.seed), connector.createHubspotSource, true);
  for (const line of timeline) out(line);
  for (const problem of problems) out(`problem: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
} else {
  const from = Number(values.from);
  let kills = 0;
  let found = 0;
  let seed = from;
  for (; seed < from + Number(values.seeds); seed += 1) {
    const result = await runHubspotSeed(seed, connector.createHubspotSource);
    kills += result.kills;
    if (result.problems.length === 0) continue;
    found += 1;
    out(`seed ${seed}: ${result.problems.join("; ")}`);
    if (values["stop-at-first"]) break;
  }
  out(JSON.stringify({ seeds: seed - from, found, kills }));
  if (found > 0) process.exitCode = 1;
}
