import { execFile } from "node:child_process";
import { rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { plant } from "./plant.ts";
import { type PlantedBug, plantedBugs } from "./planted-bugs.ts";

const SEEDS = 60;
const PROCESSES = 2;
/** Most bugs are found within ten seeds. */
const HUNT_SEEDS = 150;

const main = fileURLToPath(new URL("./main.ts", import.meta.url));

/** Searches in a process of its own. @returns what it said, line by line; the last line sums up. */
function search(words: readonly string[]): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const options = { maxBuffer: 64 * 1024 * 1024, timeout: 10 * 60_000 };
    execFile(process.execPath, ["--conditions=@acme/source", main, ...words], options, (error, out, complaint) => {
      const lines = out.trim().split("\n");
      // Exit code 1 with a summary: something was found.
      if (lines.at(-1)?.startsWith("{") === true) resolve(lines);
      else reject(new Error(`the search failed: ${complaint.slice(0, 2000)}`, { cause: error }));
    });
  });
}

async function hunt(bug: PlantedBug): Promise<string> {
  const connector = await plant(bug);
  try {
    const lines = await search(["--connector", connector, "--seeds", String(HUNT_SEEDS), "--stop-at-first"]);
    return lines.length > 1 ? "found" : "not found";
  } finally {
    await rm(connector, { recursive: true, force: true });
  }
}

describe("fault search with HubSpot's shape", () => {
  it(`finds nothing in ${SEEDS} seeds`, { timeout: 15 * 60_000 }, async () => {
    const share = SEEDS / PROCESSES;
    const parts = Array.from({ length: PROCESSES }, (_, index) =>
      search(["--from", String(1 + index * share), "--seeds", String(share)]),
    );
    const lines = await Promise.all(parts);
    expect(lines.flatMap((part) => part.slice(0, -1))).toEqual([]);
    const sums = lines.map((part): { seeds: number; kills: number } => JSON.parse(part.at(-1) ?? ""));
    expect(sums.reduce((sum, { seeds }) => sum + seeds, 0)).toBe(SEEDS);
    expect(sums.reduce((sum, { kills }) => sum + kills, 0)).toBeGreaterThan(SEEDS / 4);
  });

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
    }, 15 * 60_000);

    it.each(plantedBugs)("$name", ({ name }) => {
      expect(outcomes.get(name)).toBe("found");
    });
  });
});
