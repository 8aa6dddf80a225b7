/**
 * One loop against a stand-in of its own, for some minutes. Prints a LaneResult. Everything is measured at the stand-in.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type PersonizeApi, startPersonizeApi } from "@acme/personize-api";
import { stopChildren } from "../child.ts";
import { batchThenSleep } from "./batch-then-sleep.ts";
import { runEngine } from "./run-engine.ts";
import type { LaneResult, LaneSettings } from "./lane.ts";

const KEY = "sk_test_pacing";

const settings: LaneSettings = JSON.parse(process.argv[2] ?? "{}");
const folder = await mkdtemp(join(tmpdir(), "pacing-"));
const api = await startPersonizeApi({
  organizations: [{ keys: [KEY], plan: settings.plan }],
  landingDelayMs: settings.landing,
  countReads: settings.countReads,
  requestLogSize: 100_000,
});
const over = new AbortController();
process.once("SIGTERM", () => over.abort());
process.once("SIGINT", () => over.abort());
try {
  const loop = settings.loop === "engine" ? runEngine : batchThenSleep;
  const done = loop({ url: api.url, key: KEY, folder, perMinute: settings.perMinute, signal: over.signal });
  done.catch(() => over.abort());
  const result = await measure(api, over.signal);
  over.abort();
  await done;
  process.stdout.write(`${JSON.stringify(result)}\n`);
} catch (error) {
  process.exitCode = 1;
  const interrupted = error instanceof Error && error.name === "AbortError";
  if (!interrupted) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
} finally {
  await stopChildren();
  await api.close();
  await rm(folder, { recursive: true, force: true });
}

async function measure({ control }: PersonizeApi, signal: AbortSignal): Promise<LaneResult> {
  const accepted = () => control.requests().filter((entry) => entry.units > 0 && entry.status < 400);
  while (accepted().length === 0) await sleep(50, undefined, { signal });
  const startMs = accepted()[0]?.timeMs ?? 0;
  const endMs = startMs + settings.minutes * 60_000;
  await sleep(endMs - Date.now(), undefined, { signal });

  const within = control.requests().filter((entry) => entry.timeMs < endMs && entry.status < 400);
  const batches = within.filter((entry) => entry.rows > 0);
  const others = within.filter((entry) => entry.rows === 0);
  const counts = control.counts();
  const sum = (entries: readonly { readonly units: number }[]) =>
    entries.reduce((total, entry) => total + entry.units, 0);
  return {
    settings,
    rowUnits: sum(batches),
    otherUnits: sum(others),
    otherCalls: others.length,
    peakUnits: control.peakUnitsInWindow(60_000),
    refusals: counts.rateLimited.perMinute + counts.rateLimited.perMonth + counts.rateLimited.concurrent,
    rowsLanded: counts.rowsLanded,
  };
}
