import { describe, test } from "vitest";
import { BrokenLaw } from "./broken-law.ts";
import { createLab } from "./lab.ts";
import type { Law } from "./law.ts";
import { sourceLaws } from "./laws/source-laws.ts";
import type { SourceHarness, SuiteSettings } from "./source-harness.ts";

export interface DescribeSourceOptions extends SuiteSettings {
  /** A new, empty world for one law. */
  readonly create: () => Promise<SourceHarness>;
  /** How long one law may take, in milliseconds. Default: 60,000. */
  readonly timeoutMs?: number;
}

/**
 * The conformance suite that every source passes: one test a law, on a world of its own. A law that the system gives no
 * occasion for passes under a name that says why.
 */
export function describeSource(name: string, options: DescribeSourceOptions): void {
  const { create, cannot = {}, timeoutMs = 60_000 } = options;
  describe(`${name} is a source that`, () => {
    for (const law of sourceLaws) {
      const without = law.needs.find((ability) => cannot[ability] !== undefined);
      if (without === undefined) test(law.name, { timeout: timeoutMs }, () => checkLaw(law, create, options));
      else
        test(`has no occasion for: ${law.name}; the connector says (${without}): ${cannot[without]}`, () => undefined);
    }
  });
}

/**
 * Checks one law on a new world.
 * @throws BrokenLaw when it does not hold; the finding is its message.
 */
export async function checkLaw(law: Law, create: () => Promise<SourceHarness>, settings: SuiteSettings): Promise<void> {
  const harness = await create();
  const lab = createLab(harness, settings);
  try {
    await law.check(lab);
  } catch (error) {
    if (error instanceof BrokenLaw) throw error;
    throw new BrokenLaw(`unexpected: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  } finally {
    await lab.close();
    await harness.dispose();
  }
}
