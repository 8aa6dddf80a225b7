import type { EngineModules } from "./engine-under-test.ts";
import { runSeed } from "./run-seed.ts";

export interface Found {
  readonly seed: number;
  readonly problems: readonly string[];
}

export interface Summary {
  readonly seeds: number;
  readonly runs: number;
  readonly kills: number;
  readonly found: readonly Found[];
}

export interface SearchOptions {
  readonly from: number;
  readonly seeds: number;
  readonly stopAtFirst: boolean;
  readonly onFound: (found: Found) => void;
}

/** Runs seed after seed in this process. */
export async function search(engine: EngineModules, options: SearchOptions): Promise<Summary> {
  // Simulated faults throw by the million; where they were thrown interests nobody here.
  Error.stackTraceLimit = 0;
  const found: Found[] = [];
  let seeds = 0;
  let runs = 0;
  let kills = 0;
  for (let seed = options.from; seed < options.from + options.seeds; seed += 1) {
    const result = await runSeed(seed, engine);
    seeds += 1;
    runs += result.runs;
    kills += result.kills;
    if (result.problems.length === 0) continue;
    const { problems } = result;
    found.push({ seed, problems });
    options.onFound({ seed, problems });
    if (options.stopAtFirst) break;
  }
  return { seeds, runs, kills, found };
}

export function addUp(summaries: readonly Summary[]): Summary {
  return {
    seeds: summaries.reduce((sum, each) => sum + each.seeds, 0),
    runs: summaries.reduce((sum, each) => sum + each.runs, 0),
    kills: summaries.reduce((sum, each) => sum + each.kills, 0),
    found: summaries.flatMap((each) => each.found).toSorted((left, right) => left.seed - right.seed),
  };
}
