import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { SyncView } from "./contracts/runner-view.ts";
import { createMetrics } from "./metrics.ts";
import { usual } from "./page/__fixtures__/scenes.ts";
import { createSampleRunner } from "./page/__fixtures__/sample-runner.ts";

const versions = { runner: "1.0.0", core: "2.0.0", sdk: "3.0.0 (stand-in)" };
const sample = createSampleRunner(usual, () => Date.UTC(2026, 10, 28));

async function lines(): Promise<string[]> {
  const metrics = createMetrics({ view: sample.view, versions });
  return (await metrics.text()).split("\n");
}

test("every metric of the runner's own stands in the README, and nothing else does", async () => {
  const names = new Set((await lines()).flatMap((line) => /^# TYPE (runner_\S+)/.exec(line)?.[1] ?? []));
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
  const documented = new Set(readme.match(/\brunner_[a-z_]+[a-z]/g));
  expect([...documented].toSorted()).toEqual([...names].toSorted());
});

test("every sync has its figures; what is not known is absent", async () => {
  const text = await lines();
  const syncs: readonly SyncView[] = await sample.view.syncs();
  expect(text).toContain('runner_info{version="1.0.0",core="2.0.0",sdk="3.0.0 (stand-in)"} 1');
  for (const { name, landedRows, lastReceipt } of syncs) {
    expect(text).toContain(`runner_sync_landed_rows{sync="${name}"} ${landedRows}`);
    const exitCode = text.find((line) => line.startsWith(`runner_sync_last_run_exit_code{sync="${name}"}`));
    expect(exitCode === undefined).toBe(lastReceipt === null);
  }
  const states = text.filter((line) => line.startsWith("runner_syncs{")).map((line) => Number(line.split(" ").at(-1)));
  expect(states.reduce((sum, count) => sum + count, 0)).toBe(syncs.length);
});
