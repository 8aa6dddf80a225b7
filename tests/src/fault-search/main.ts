import { type Order, readOrder, usage } from "./command-line.ts";
import { engineFolder, loadEngine, sourceFile } from "./engine-under-test.ts";
import { plant, uproot } from "./plant.ts";
import { plantedBugs } from "./planted-bugs.ts";
import { reproduction } from "./reproduction.ts";
import { runSeed } from "./run-seed.ts";
import { addUp, type Found, search, type Summary } from "./search.ts";
import { searchInProcess } from "./search-in-process.ts";

const out = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(order: Order): Promise<void> {
  if (order.planted === "list") {
    for (const { name } of plantedBugs) out(name);
    return;
  }
  if (order.planted === null) return await searchOrTell(order);
  const bug = plantedBugs.find(({ name }) => name === order.planted);
  if (bug === undefined) throw new TypeError(`There is no planted bug "${order.planted}"; --planted list names them`);
  const planted = await plant(bug, order.engine ?? engineFolder);
  try {
    await searchOrTell({ ...order, engine: planted.engine, source: planted.source });
  } finally {
    await uproot(planted);
  }
}

async function searchOrTell(order: Order): Promise<void> {
  const engine = await loadEngine(order.engine ?? engineFolder, order.source ?? sourceFile);
  if (order.seed !== null) {
    const { timeline, problems, digest } = await runSeed(order.seed, engine, true);
    for (const line of timeline) out(line);
    for (const problem of problems) out(`problem: ${problem}`);
    out(
      `seed ${order.seed}: ${problems.length === 0 ? "nothing found" : `${problems.length} problems`} (timeline ${digest.slice(0, 16)})`,
    );
    if (problems.length > 0) process.exitCode = 1;
    return;
  }
  if (order.json) {
    const onFound = (found: Found): void => out(JSON.stringify({ found }));
    const summary = await search(engine, { ...order, onFound });
    out(JSON.stringify({ summary }));
    return;
  }
  const startedAt = performance.now();
  const summary = await searchEverywhere(order);
  const seconds = (performance.now() - startedAt) / 1000;
  out(
    `${summary.seeds} seeds, ${summary.runs} runs, ${summary.kills} kills: ${summary.found.length} seeds found something (${(summary.seeds / seconds).toFixed(0)} seeds a second)`,
  );
  const [first] = summary.found;
  if (first === undefined) return;
  process.exitCode = 1;
  out(`\nThe first of them, ${first.seed}:`);
  const told = await runSeed(first.seed, engine, true);
  for (const line of told.timeline) out(line);
  out(reproduction(first.seed));
}

async function searchEverywhere(order: Order): Promise<Summary> {
  const share = Math.ceil(order.seeds / order.workers);
  const onFound = ({ seed, problems }: Found): void =>
    out(`seed ${seed}: ${problems[0] ?? ""}\n  ${reproduction(seed)}`);
  const parts = Array.from({ length: order.workers }, (_, worker) => ({
    ...order,
    from: order.from + worker * share,
    seeds: Math.max(0, Math.min(share, order.seeds - worker * share)),
    timeoutMs: null,
    onFound,
  }));
  return addUp(await Promise.all(parts.filter(({ seeds }) => seeds > 0).map(searchInProcess)));
}

try {
  await main(readOrder(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
