import { parseArgs } from "node:util";

export interface Order {
  /** One seed, told in full; null: search. */
  readonly seed: number | null;
  readonly from: number;
  readonly seeds: number;
  readonly workers: number;
  readonly stopAtFirst: boolean;
  /** A bug to plant first; null: the engine as it is. */
  readonly planted: string | null;
  /** Sources of the engine and of the simulated source, where they are not the usual ones. */
  readonly engine: string | null;
  readonly source: string | null;
  /** Results as JSON lines, for the process that started this one. */
  readonly json: boolean;
}

export const usage = `fault-search [options]

  --seed N         run one seed and tell what happened in it
  --seeds N        how many seeds to search (default 2000)
  --from N         the first of them (default 1)
  --workers N      how many processes search at once (default 2)
  --stop-at-first  end at the first seed that finds something
  --planted NAME   plant a bug from planted-bugs.ts first; "list" names them

  fault-search --seeds 100000 --workers 2
  fault-search --seed 4711
`;

/** @throws TypeError for an option that does not exist or is not a number. */
export function readOrder(words: readonly string[]): Order {
  const { values } = parseArgs({
    args: words.filter((word) => word !== "--"),
    options: {
      seed: { type: "string" },
      from: { type: "string", default: "1" },
      seeds: { type: "string", default: "2000" },
      workers: { type: "string", default: "2" },
      "stop-at-first": { type: "boolean", default: false },
      planted: { type: "string" },
      engine: { type: "string" },
      source: { type: "string" },
      json: { type: "boolean", default: false },
    },
  });
  return {
    seed: values.seed === undefined ? null : toCount("seed", values.seed),
    from: toCount("from", values.from),
    seeds: toCount("seeds", values.seeds),
    workers: Math.max(1, toCount("workers", values.workers)),
    stopAtFirst: values["stop-at-first"],
    planted: values.planted ?? null,
    engine: values.engine ?? null,
    source: values.source ?? null,
    json: values.json,
  };
}

function toCount(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 0) throw new TypeError(`--${name} takes a whole number, not "${text}"`);
  return number;
}
