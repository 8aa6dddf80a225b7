import { firstLineOf, startChild, stopChild } from "../child.ts";
import type { Options } from "../options.ts";
import { inThousands, say, sayTable } from "../say.ts";
import { type Measured, measure } from "../throughput/measure.ts";

const SERVER_OPTIONS = ["--max-old-space-size=8192"];

/** Rows a second and peak memory of the Salesforce source over Bulk API 2.0 beside a bare download that parses, on one org. */
export async function compareBulkReading({ rows }: Pick<Options, "rows">): Promise<void> {
  say("## Bulk reading: all records of an org by Bulk API 2.0, parsed\n");
  for (const count of [Math.ceil(rows / 10), rows]) sayTable(await compareAt(count));
}

/** Both take turns, twice: the better of two runs of each counts, so that whatever else the machine does weighs less. */
async function compareAt(rows: number) {
  const org = startChild(new URL("./org-process.ts", import.meta.url), [String(rows)], { nodeOptions: SERVER_OPTIONS });
  try {
    const url = await firstLineOf(org);
    const read = async (program: URL): Promise<Measured> => {
      const result = await measure(() => startChild(program, [url]));
      if (Number(result.output) !== rows) throw new Error(`${program.pathname} read ${result.output} of ${rows} rows`);
      return result;
    };
    const ours: Measured[] = [];
    const theirs: Measured[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      theirs.push(await read(new URL("./bare-download.ts", import.meta.url)));
      ours.push(await read(new URL("./source-read.ts", import.meta.url)));
    }
    const [source, bare] = [best(ours), best(theirs)];
    return [toRow(rows, "source", source, bare.seconds / source.seconds), toRow(rows, "bare download", bare, 1)];
  } finally {
    await stopChild(org);
  }
}

function best(measured: readonly Measured[]): Measured {
  return measured.reduce((left, right) => (left.seconds <= right.seconds ? left : right));
}

function toRow(rows: number, who: string, { seconds, cpuSeconds, peakMegabytes }: Measured, ratio: number) {
  return {
    rows: inThousands(rows),
    who,
    seconds: seconds.toFixed(1),
    "rows/s": inThousands(rows / seconds),
    "of the bare download": ratio.toFixed(2),
    "its own CPU µs/row": cpuSeconds === null ? "" : ((cpuSeconds / rows) * 1e6).toFixed(1),
    "peak memory MB": peakMegabytes === null ? "" : inThousands(peakMegabytes),
  };
}
