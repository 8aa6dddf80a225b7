import { parseArgs } from "node:util";

export const parts = ["pacing", "throughput", "throughput-mysql", "bulk-reading", "source-calls", "runner"] as const;
export type Part = (typeof parts)[number];

export interface Options {
  readonly help: boolean;
  readonly parts: readonly Part[];
  /** Length of a pacing run, and of a runner's. */
  readonly minutes: number;
  /** On one runner. */
  readonly syncs: number;
  /** Rows of the throughput and bulk-reading runs that are compared. */
  readonly rows: number;
  /** Records of the portal whose calls are counted. */
  readonly records: number;
  /** Also run the engine alone with ten times as many rows, for its memory. */
  readonly tenTimes: boolean;
  /** Keep CPU profiles of the throughput runs in this folder; null: none. */
  readonly profiles: string | null;
}

export const usage = `pnpm benchmark [--only PART…] [--minutes N] [--rows N] [--records N] [--syncs N] [--ten-million] [--profiles FOLDER]

  --only PART        ${parts.join(" | ")}; may be given more than once (default: all)
  --minutes N        length of a pacing run, and of a runner's (default 3)
  --syncs N          syncs on one runner (default 300)
  --rows N           rows of the throughput and bulk-reading runs (default 1000000)
  --records N        records of the portal for source-calls (default 20000)
  --ten-million      run the engine once more, with ten times as many rows
  --profiles FOLDER  keep CPU profiles of the throughput runs there
  --help             this text

Example: pnpm benchmark --only throughput --rows 100000
`;

/** @throws TypeError | RangeError with a readable message for what it does not understand. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: args.filter((word) => word !== "--"),
    options: {
      only: { type: "string", multiple: true },
      minutes: { type: "string", default: "3" },
      syncs: { type: "string", default: "300" },
      rows: { type: "string", default: "1000000" },
      records: { type: "string", default: "20000" },
      "ten-million": { type: "boolean", default: false },
      profiles: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  return {
    help: values.help,
    parts: (values.only ?? parts).map(toPart),
    minutes: toNumber("minutes", values.minutes),
    syncs: Math.floor(toNumber("syncs", values.syncs)),
    rows: Math.floor(toNumber("rows", values.rows)),
    records: Math.floor(toNumber("records", values.records)),
    tenTimes: values["ten-million"],
    profiles: values.profiles ?? null,
  };
}

function toPart(word: string): Part {
  const part = parts.find((known) => known === word);
  if (part === undefined) throw new RangeError(`--only takes ${parts.join(" or ")}, not ${word}`);
  return part;
}

function toNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value <= 0) throw new RangeError(`--${name} takes a number above zero, not ${text}`);
  return value;
}
