import { describe, expect, it } from "vitest";
import { loadEngine } from "./engine-under-test.ts";
import { regressionSeeds } from "./regression-seeds.ts";
import { reproduction } from "./reproduction.ts";
import { runSeed } from "./run-seed.ts";
import { addUp, type Found } from "./search.ts";
import { searchInProcess } from "./search-in-process.ts";

const SEEDS = 2000;
const PROCESSES = 2;

describe("fault search", () => {
  it(
    `finds nothing in ${SEEDS} seeds`,
    async () => {
      const share = SEEDS / PROCESSES;
      const searches = Array.from({ length: PROCESSES }, (_, index) =>
        searchInProcess({
          from: 1 + index * share,
          seeds: share,
          stopAtFirst: false,
          engine: null,
          source: null,
          timeoutMs: null,
          onFound: () => undefined,
        }),
      );
      const summary = addUp(await Promise.all(searches));
      expect(await explain(summary.found)).toBe("");
      expect(summary.seeds).toBe(SEEDS);
      expect(summary.kills).toBeGreaterThan(SEEDS / 4);
    },
    10 * 60_000,
  );

  it.each(regressionSeeds)("finds no longer what seed $seed found: $found", async ({ seed }) => {
    const { problems } = await runSeed(seed, await loadEngine());
    expect(problems).toEqual([]);
  });

  it.each([3, 14, 15, 92])("tells the same of seed %i every time", async (seed) => {
    const engine = await loadEngine();
    const first = await runSeed(seed, engine, true);
    await runSeed(seed + 1, engine);
    const second = await runSeed(seed, engine, true);
    expect(second.timeline).toEqual(first.timeline);
    expect(second.digest).toBe(first.digest);
    expect(first.timeline.length).toBeGreaterThan(50);
  });
});

/** What the seeds found, how to see it again, and what happened in the world of the first. */
async function explain(found: readonly Found[]): Promise<string> {
  const [first] = found;
  if (first === undefined) return "";
  const { timeline } = await runSeed(first.seed, await loadEngine(), true);
  const lines = found.map(({ seed, problems }) => `seed ${seed}: ${problems.join("; ")}\n  ${reproduction(seed)}`);
  return [...lines, "", `In the world of seed ${first.seed}:`, ...timeline].join("\n");
}
