import type { Knobs } from "../knobs.ts";
import type { Org } from "../org/org.ts";
import type { ResultSet } from "../soql/execute.ts";
import { readPath, type ResolvedPath } from "../soql/resolve-path.ts";
import { toBulkText } from "../values.ts";
import { delimiters, type Job, lineEndings } from "./job.ts";

const ROWS_PER_CHUNK = 500;
/** Before this version columns come by name, whatever the order in SELECT. */
const SELECT_ORDER_SINCE = 50;

export interface CsvOptions {
  readonly org: Org;
  readonly knobs: Readonly<Knobs>;
  readonly nowMs: number;
  readonly from: number;
  /** The row behind the last one. */
  readonly to: number;
}

/** One page of a result, piece by piece: the header, then rows in the columns' order, every value in quotes. */
export function* writeCsv(job: Job, result: ResultSet, options: CsvOptions): IterableIterator<string> {
  const { org, knobs, nowMs, from, to } = options;
  const { table } = result.plan;
  const columns = job.apiVersion < SELECT_ORDER_SINCE ? byName(result.plan.columns) : result.plan.columns;
  const delimiter = delimiters[job.delimiter];
  const end = lineEndings[job.lineEnding];
  if (to > from || knobs.bulkEmpty === "header") {
    yield columns.map(({ name }) => `"${name}"`).join(delimiter) + end;
  }
  const exponents = knobs.bulkNumbers === "exponent";
  const empty = knobs.bulkNull === "quoted" ? '""' : "";
  let lines = "";
  for (let index = from; index < to; index += 1) {
    const position = result.positions[index] ?? 0;
    const row = { table, position, version: result.versions.get(position) };
    let line = "";
    for (const [column, path] of columns.entries()) {
      const text = toBulkText(readPath(org, row, path, nowMs), path.field, exponents);
      line += `${column === 0 ? "" : delimiter}${text === "" ? empty : quote(text)}`;
    }
    lines += line + end;
    if ((index + 1 - from) % ROWS_PER_CHUNK === 0) {
      yield lines;
      lines = "";
    }
  }
  if (lines !== "") yield lines;
}

function byName(columns: readonly ResolvedPath[]): readonly ResolvedPath[] {
  return columns.toSorted((left, right) => (left.name < right.name ? -1 : 1));
}

function quote(text: string): string {
  return text.includes('"') ? `"${text.replaceAll('"', '""')}"` : `"${text}"`;
}
