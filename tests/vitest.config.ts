import { mergeConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import base from "../vitest.base.ts";

/** Here tests wait: for schedules, for servers that stay away, for processes that are killed. */
const WAITING = /\/src\/(runner|real-kills|mysql)\//;

/** What waits comes first, while the tests of other packages keep the machine busy; what works comes last, when it has it to itself. */
class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    // oxlint-disable-next-line unicorn/no-array-sort -- no array
    const sorted = await super.sort(files);
    const waits = (file: TestSpecification): boolean => WAITING.test(file.moduleId);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

// Two at once: alone at the end, one worker would leave a processor idle.
export default mergeConfig(base, { test: { maxWorkers: 2, sequence: { sequencer: WaitingFirst } } });
