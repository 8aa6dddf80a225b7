import { describe, expect, it } from "vitest";
import { faultySources } from "./__fixtures__/faulty-sources.ts";
import { createMemoryHarness } from "./__fixtures__/memory-harness.ts";
import { createMemorySource, honest } from "./__fixtures__/memory-source.ts";
import { BrokenLaw } from "./broken-law.ts";
import { checkLaw } from "./describe-source.ts";
import type { Law } from "./law.ts";
import { sourceLaws } from "./laws/source-laws.ts";
import type { SourceHarness } from "./source-harness.ts";

function lawThatBegins(words: string): Law {
  const exact = sourceLaws.filter((law) => law.name === words);
  const [law, ...others] = exact.length > 0 ? exact : sourceLaws.filter((each) => each.name.startsWith(words));
  if (law === undefined || others.length > 0) throw new Error(`"${words}" begins ${others.length + 1} laws, not one`);
  return law;
}

const honestHarness = (): SourceHarness =>
  createMemoryHarness((system, access, pageRows) => createMemorySource({ system, access, pageRows, rules: honest }));

describe("the conformance suite catches a source that", () => {
  it.each(faultySources)("$bug", async ({ caughtBy, make }) => {
    const law = lawThatBegins(caughtBy);
    const checked = checkLaw(law, async () => createMemoryHarness(make), {});
    await expect(checked).rejects.toThrow(BrokenLaw);
    // A finding about the source: neither about the harness nor something that the law did not expect.
    await expect(checked).rejects.toThrow(/^(?!harness: |unexpected: )/);
  });
});

describe("the conformance suite", () => {
  it("has a planted bug for every law", () => {
    const caught = new Set(faultySources.map(({ caughtBy }) => lawThatBegins(caughtBy)));
    expect(sourceLaws.filter((law) => !caught.has(law)).map((law) => law.name)).toEqual([]);
  });

  it("blames no honest source, whatever the seed", { timeout: 60_000 }, async () => {
    for (let seed = 10; seed < 18; seed += 1) {
      for (const law of sourceLaws)
        await checkLaw(law, async () => honestHarness(), { seed, tiedRows: 100, smallPage: 2 });
    }
  });

  it("asks for an ability that the harness neither has nor explains", async () => {
    const { remove: _remove, ...lame } = honestHarness();
    const law = lawThatBegins("is not put off by rows that are deleted");
    await expect(checkLaw(law, async () => lame, {})).rejects.toThrow(/harness: remove\(\) is missing/);
  });
});
