import { loadEngine } from "./engine-under-test.ts";
import { runSeed } from "./run-seed.ts";
const engine = await loadEngine();
const from = Number(process.argv[2] ?? 1),
  count = Number(process.argv[3] ?? 50);
const told = process.argv[4] === "told";
if (!told) Error.stackTraceLimit = 0;
process.on("unhandledRejection", (e) => console.log("UNHANDLED", e));
const t = performance.now();
let failed = 0,
  runs = 0,
  kills = 0;
for (let seed = from; seed < from + count; seed++) {
  const r = await runSeed(seed, engine, told);
  runs += r.runs;
  kills += r.kills;
  if (told) console.log(r.timeline.join("\n"));
  if (r.problems.length) {
    failed++;
    console.log(seed, r.problems.slice(0, 2).join(" | ").slice(0, 400));
  }
}
console.log({ failed, runs, kills, perSecond: count / ((performance.now() - t) / 1000) });
