import { beforeAll, describe, expect, it } from "vitest";
import { type Catch, huntAll } from "./hunt.ts";
import { plantedBugs } from "./planted-bugs.ts";

/** Most bugs are found within ten seeds, the shyest within a few hundred. */
const SEEDS = 1000;
const HUNTERS = 2;

describe("the search finds planted bugs", () => {
  let catches: readonly Catch[] = [];

  beforeAll(async () => {
    catches = await huntAll(plantedBugs, SEEDS, HUNTERS);
  }, 10 * 60_000);

  it("of which there are enough, each once", () => {
    expect(new Set(plantedBugs.map(({ name }) => name)).size).toBe(plantedBugs.length);
    expect(plantedBugs.length).toBeGreaterThanOrEqual(25);
  });

  it.each(plantedBugs)("$name", ({ name }) => {
    const caught = catches.find(({ bug }) => bug === name);
    expect({ isFound: caught !== undefined && caught.seed !== null, words: caught?.words }).toMatchObject({
      isFound: true,
    });
  });
});
