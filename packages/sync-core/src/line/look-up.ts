import type { Row, Source, Stream } from "../contracts/source.ts";
import { createPatience, type PatiencePorts } from "./patience.ts";

/** Rows as they are now, and the keys that name no row any more. */
export interface Found {
  readonly rows: readonly Row[];
  readonly gone: readonly string[];
}

/**
 * Looks rows up by key, `atOnce` (500 at most) a question; passing faults of the source are tried again. A row that the source
 * marks as deleted is gone. Where the source answers with a row that nobody asked for, its idea of a key is another than ours (a
 * collation without case, say): then no key of that question counts as gone.
 */
export async function* lookUp(
  source: Pick<Source, "lookup">,
  stream: Stream,
  keys: readonly string[],
  atOnce: number,
  ports: PatiencePorts,
): AsyncGenerator<Found> {
  const patience = createPatience(ports);
  for (let start = 0; start < keys.length; ) {
    const asked = keys.slice(start, start + atOnce);
    let rows: readonly Row[];
    try {
      rows = await source.lookup(stream, asked, ports.signal);
    } catch (error) {
      await patience.afterFault(error);
      continue;
    }
    patience.restore();
    start += asked.length;
    yield sort(asked, rows);
  }
}

function sort(asked: readonly string[], rows: readonly Row[]): Found {
  const wanted = new Set(asked);
  const isClear = rows.every((row) => wanted.has(row.key));
  const there = rows.filter((row) => row.deleted !== true && wanted.has(row.key));
  const found = new Set(there.map((row) => row.key));
  return { rows: there, gone: isClear ? asked.filter((key) => !found.has(key)) : [] };
}
