import { join } from "node:path";
import { startChild } from "../child.ts";
import type { Options } from "../options.ts";
import { startPersonizeSide } from "../personize-side.ts";
import { inThousands, say, sayTable } from "../say.ts";
import type { Database } from "./database.ts";
import { type Measured, measure } from "./measure.ts";
import { runEngine, writeConfig } from "./run-engine.ts";

const KEY = "sk_test_throughput";
const runs = ["all new", "all unchanged"] as const;

interface Side {
  /** Carries the whole table across, or finds that nothing changed. */
  readonly run: () => Promise<Measured>;
  readonly stop: () => Promise<void>;
}

/** Rows a second and peak memory of the engine beside a bare loop, each with a stand-in of its own. */
export async function compareThroughput(
  start: () => Promise<Database>,
  options: Pick<Options, "rows" | "tenTimes" | "profiles">,
): Promise<void> {
  const nodeOptions = options.profiles === null ? [] : ["--cpu-prof", `--cpu-prof-dir=${options.profiles}`];
  const database = await start();
  say(`## Throughput: ${database.name} to a plan without limits, 100 rows a call\n`);
  try {
    for (const rows of [Math.ceil(options.rows / 10), options.rows]) {
      await database.fill(rows);
      sayTable(await compareAt(rows, database, nodeOptions));
    }
    if (options.tenTimes) {
      await database.fill(options.rows * 10);
      sayTable(await runAlone(options.rows * 10, database, nodeOptions));
    }
  } finally {
    await database.stop();
  }
}

/** Engine and bare loop take turns, so that whatever else the machine does hits both. */
async function compareAt(rows: number, database: Database, nodeOptions: readonly string[]) {
  const engine = await startEngine(rows, database, nodeOptions);
  const bare = await startBareLoop(rows, database, nodeOptions, "plain");
  const bareBySdk = await startBareLoop(rows, database, nodeOptions, "sdk");
  try {
    const table = await compareReading(rows, database, nodeOptions);
    for (const what of runs) {
      const ours = await engine.run();
      const theirs = await bare.run();
      table.push(toTableRow(rows, what, "engine", ours, theirs.seconds / ours.seconds));
      // Where nothing is sent, nothing goes through the SDK.
      if (what === "all new") {
        const bySdk = await bareBySdk.run();
        table.push(toTableRow(rows, what, "bare loop by the SDK", bySdk, theirs.seconds / bySdk.seconds));
      }
      table.push(toTableRow(rows, what, "bare loop", theirs, 1));
    }
    return table;
  } finally {
    for (const side of [engine, bare, bareBySdk]) await side.stop();
  }
}

/** The source alone, beside the least that reads the same rows. */
async function compareReading(rows: number, { connector, url, table }: Database, nodeOptions: readonly string[]) {
  const read = async (who: "source" | "bare"): Promise<Measured> => {
    const words = [who, connector, url, table];
    const result = await measure(() =>
      startChild(new URL("./read-process.ts", import.meta.url), words, { nodeOptions }),
    );
    if (Number(result.output) !== rows) throw new Error(`${who} read ${result.output} of ${rows} rows`);
    return result;
  };
  const ours = await read("source");
  const theirs = await read("bare");
  return [
    toTableRow(rows, "read only", "connector", ours, theirs.seconds / ours.seconds),
    toTableRow(rows, "read only", "bare loop", theirs, 1),
  ];
}

async function runAlone(rows: number, database: Database, nodeOptions: readonly string[]) {
  const engine = await startEngine(rows, database, nodeOptions);
  try {
    const table: Record<string, string>[] = [];
    for (const what of runs) table.push(toTableRow(rows, what, "engine", await engine.run(), null));
    return table;
  } finally {
    await engine.stop();
  }
}

async function startEngine(rows: number, database: Database, nodeOptions: readonly string[]): Promise<Side> {
  const side = await startPersonizeSide(KEY);
  const { folder, apiUrl } = side;
  await writeConfig({ folder, database, apiUrl, key: KEY });
  let first = true;
  return {
    async run() {
      const result = await runEngine(database.connector, folder, nodeOptions);
      const done = first ? result.rows.landed : result.rows.unchanged;
      first = false;
      if (done !== rows) throw new Error(`the engine did ${done} of ${rows} rows`);
      return result;
    },
    stop: () => side.stop(),
  };
}

async function startBareLoop(
  rows: number,
  database: Database,
  nodeOptions: readonly string[],
  through: "plain" | "sdk",
): Promise<Side> {
  const side = await startPersonizeSide(KEY);
  const { folder, apiUrl } = side;
  const words = [database.url, apiUrl, KEY, join(folder, "digests.db"), through];
  let expected = rows;
  return {
    async run() {
      const result = await measure(() =>
        startChild(new URL("./bare-loop.ts", import.meta.url), words, { nodeOptions }),
      );
      if (Number(result.output) !== expected)
        throw new Error(`the bare loop sent ${result.output} of ${expected} rows`);
      expected = 0;
      return result;
    },
    stop: () => side.stop(),
  };
}

function toTableRow(rows: number, what: string, who: string, measured: Measured, ratio: number | null) {
  const { seconds, cpuSeconds, peakMegabytes } = measured;
  return {
    rows: inThousands(rows),
    "": what,
    who,
    seconds: seconds.toFixed(1),
    "rows/s": inThousands(rows / seconds),
    "of the bare loop": ratio === null ? "" : ratio.toFixed(2),
    "its own CPU µs/row": cpuSeconds === null ? "" : ((cpuSeconds / rows) * 1e6).toFixed(1),
    "peak memory MB": peakMegabytes === null ? "" : inThousands(peakMegabytes),
  };
}
