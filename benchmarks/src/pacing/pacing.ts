import { outputOf, startChild } from "../child.ts";
import { inPercent, say, sayTable } from "../say.ts";
import type { LaneResult, LaneSettings } from "./lane.ts";

const plans = [
  { plan: "free", perMinute: 60 },
  { plan: "pro", perMinute: 300 },
] as const;
const slow = { minMs: 60_000, maxMs: 120_000 };
const fast = { minMs: 1000, maxMs: 2000 };

/** What share of the minute limit a run uses, beside the loop that samples show. All loops run side by side. */
export async function comparePacing(minutes: number): Promise<void> {
  say(`## Pacing: ${minutes} minutes, all loops side by side\n`);
  const lanes = plans.flatMap(({ plan, perMinute }): LaneSettings[] => {
    const lane = { plan, perMinute, minutes, landing: slow, countReads: true };
    return [
      { ...lane, loop: "engine" },
      { ...lane, loop: "engine", landing: fast },
      { ...lane, loop: "engine", countReads: false },
      { ...lane, loop: "batch-then-sleep" },
    ];
  });
  const results = await Promise.all(lanes.map(runLane));
  sayTable(results.map(toTableRow));
}

async function runLane(settings: LaneSettings): Promise<LaneResult> {
  const child = startChild(new URL("./lane-process.ts", import.meta.url), [JSON.stringify(settings)]);
  return JSON.parse(await outputOf(child));
}

function toTableRow(result: LaneResult): Record<string, string> {
  const { settings, rowUnits, otherUnits, otherCalls } = result;
  const allowed = settings.perMinute * settings.minutes;
  const { minMs, maxMs } = settings.landing;
  return {
    plan: `${settings.plan} (${settings.perMinute}/min)`,
    loop: settings.loop,
    "lands after": `${minMs / 1000}–${maxMs / 1000} s`,
    "reads count": settings.countReads ? "yes" : "no",
    "units used": `${rowUnits + otherUnits} of ${allowed}`,
    share: inPercent((rowUnits + otherUnits) / allowed),
    rows: `${rowUnits} (${inPercent(rowUnits / allowed)})`,
    "other calls": `${otherCalls} (${inPercent(otherUnits / allowed)})`,
    "busiest minute": String(result.peakUnits),
    "429s": String(result.refusals),
  };
}
