import { join } from "node:path";
import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";
import { root } from "../repository.ts";
import type { SeedResult } from "./seed-result.ts";

/**
 * The command line of a search: searches seeds, or tells one. Exit code 1: something was found.
 * @param connector the name of its package's folder; `--connector` takes its sources from elsewhere.
 * @param load imports the connector's `source.ts`, by address; what it gives lives through one world with it.
 */
export async function searchSeeds(
  connector: string,
  load: (source: string) => Promise<(seed: number, told: boolean) => Promise<SeedResult>>,
): Promise<void> {
  const { values } = parseArgs({
    args: process.argv.slice(2).filter((word) => word !== "--"),
    options: {
      seed: { type: "string" },
      from: { type: "string", default: "1" },
      seeds: { type: "string", default: "100" },
      "stop-at-first": { type: "boolean", default: false },
      connector: { type: "string", default: join(root, "packages", connector, "src") },
    },
  });
  const runSeed = await load(pathToFileURL(join(values.connector, "source.ts")).href);
  const out = (line: string): void => void process.stdout.write(`${line}\n`);

  if (values.seed !== undefined) {
    const { timeline, problems } = await runSeed(Number(values.seed), true);
    for (const line of timeline) out(line);
    for (const problem of problems) out(`problem: ${problem}`);
    if (problems.length > 0) process.exitCode = 1;
    return;
  }
  const from = Number(values.from);
  let kills = 0;
  let found = 0;
  let seed = from;
  for (; seed < from + Number(values.seeds); seed += 1) {
    const result = await runSeed(seed, false);
    kills += result.kills;
    if (result.problems.length === 0) continue;
    found += 1;
    out(`seed ${seed}: ${result.problems.join("; ")}`);
    if (values["stop-at-first"]) break;
  }
  out(JSON.stringify({ seeds: seed - from, found, kills }));
  if (found > 0) process.exitCode = 1;
}
