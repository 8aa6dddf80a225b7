/** `pnpm benchmark`: ratios measured in one run. What the figures mean stands in the README. */
import { compareBulkReading } from "./bulk-reading/bulk-reading.ts";
import { stopChildren } from "./child.ts";
import { describeMachine } from "./machine.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { comparePacing } from "./pacing/pacing.ts";
import { loadRunner } from "./runner/runner.ts";
import { say } from "./say.ts";
import { countSourceCalls } from "./source-calls/source-calls.ts";
import { startDatabase } from "./throughput/database.ts";
import { startMysqlDatabase } from "./throughput/mysql-database.ts";
import { compareThroughput } from "./throughput/throughput.ts";

const EXIT_CONFIGURATION = 2;

async function run(options: Options): Promise<void> {
  say(`${describeMachine()}\n`);
  if (options.parts.includes("pacing")) await comparePacing(options.minutes);
  if (options.parts.includes("throughput")) await compareThroughput(startDatabase, options);
  if (options.parts.includes("throughput-mysql")) await compareThroughput(startMysqlDatabase, options);
  if (options.parts.includes("bulk-reading")) await compareBulkReading(options);
  if (options.parts.includes("source-calls")) await countSourceCalls(options.records);
  if (options.parts.includes("runner")) await loadRunner(options);
}

function readCommandLine(): Options | null {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    process.stderr.write(`benchmark: ${error instanceof Error ? error.message : String(error)} (see --help)\n`);
    process.exitCode = EXIT_CONFIGURATION;
    return null;
  }
}

const options = readCommandLine();
if (options?.help === true) say(usage);
else if (options !== null) {
  for (const [signal, code] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.once(signal, () => void stopChildren().finally(() => process.exit(code)));
  }
  try {
    await run(options);
  } finally {
    await stopChildren();
  }
}
