import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { plant, type PlantedBug } from "./plant.ts";

export interface SearchUnderTest {
  /** The name of the connector's package folder. */
  readonly connector: string;
  /** The file that searches, a use of `searchSeeds`. */
  readonly main: string;
  readonly seeds: number;
  /** Seeds that have found something once, run by themselves; a seed means the same world only while worlds are drawn in the same way. */
  readonly regressionSeeds: readonly { readonly seed: number; readonly found: string }[];
  readonly plantedBugs: readonly PlantedBug[];
  /** How many seeds a planted bug may take to be found. */
  readonly huntSeeds: number;
}

const PROCESSES = 2;
const LONGEST_MS = 15 * 60_000;

/** Tests of a search: it finds nothing in the connector as it is, and every planted bug. */
export function describeSearch(under: SearchUnderTest): void {
  const { connector, main, seeds, regressionSeeds, plantedBugs, huntSeeds } = under;

  /** In a process of its own. @returns what it said, line by line. */
  function run(words: readonly string[]): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const options = { maxBuffer: 64 * 1024 * 1024, timeout: 10 * 60_000 };
      execFile(process.execPath, ["--conditions=@acme/source", main, ...words], options, (error, out, complaint) => {
        // Exit code 1 with something said: that is what was found.
        if (error === null || (error.code === 1 && out !== "")) resolve(out.trim().split("\n"));
        else reject(new Error(`the search failed: ${complaint.slice(0, 2000)}`, { cause: error }));
      });
    });
  }

  /** @returns what was found, and at the end a line that sums up. */
  async function search(words: readonly string[]): Promise<readonly string[]> {
    const lines = await run(words);
    if (lines.at(-1)?.startsWith("{") === true) return lines;
    throw new Error(`the search ended without a summary: ${lines.at(-1)}`);
  }

  async function hunt(bug: PlantedBug): Promise<string> {
    const folder = await plant(connector, bug);
    try {
      const range = ["--from", String(bug.from ?? 1), "--seeds", String(huntSeeds)];
      const lines = await search(["--connector", folder, ...range, "--stop-at-first"]);
      return lines.length > 1 ? "found" : "not found";
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  it(`finds nothing in ${seeds} seeds`, { timeout: LONGEST_MS }, async () => {
    const share = seeds / PROCESSES;
    const parts = Array.from({ length: PROCESSES }, (_, index) =>
      search(["--from", String(1 + index * share), "--seeds", String(share)]),
    );
    const lines = await Promise.all(parts);
    expect(lines.flatMap((part) => part.slice(0, -1))).toEqual([]);
    const sums = lines.map((part): { seeds: number; kills: number } => JSON.parse(part.at(-1) ?? ""));
    expect(sums.reduce((sum, each) => sum + each.seeds, 0)).toBe(seeds);
    expect(sums.reduce((sum, each) => sum + each.kills, 0)).toBeGreaterThan(seeds / 4);
  });

  it("tells the same of a seed every time", { timeout: LONGEST_MS }, async () => {
    const [first, second] = await Promise.all([run(["--seed", "7"]), run(["--seed", "7"])]);
    expect(second).toEqual(first);
    expect(first.length).toBeGreaterThan(50);
  });

  it.each(regressionSeeds)(
    "finds no longer what seed $seed found: $found",
    { timeout: LONGEST_MS },
    async ({ seed }) => {
      const lines = await search(["--from", String(seed), "--seeds", "1"]);
      expect(lines.slice(0, -1)).toEqual([]);
    },
  );

  describe("finds planted bugs", () => {
    const outcomes = new Map<string, string>();

    beforeAll(async () => {
      const waiting = [...plantedBugs];
      const hunter = async (): Promise<void> => {
        for (let bug = waiting.shift(); bug !== undefined; bug = waiting.shift()) {
          outcomes.set(bug.name, await hunt(bug).catch(String));
        }
      };
      await Promise.all(Array.from({ length: PROCESSES }, hunter));
    }, LONGEST_MS);

    it.each(plantedBugs)("$name", ({ name }) => {
      expect(outcomes.get(name)).toBe("found");
    });
  });
}
