import type { Page } from "../contracts/source.ts";
import { lookUp } from "./look-up.ts";
import type { PatiencePorts } from "./patience.ts";
import { read } from "./read.ts";
import type { RunParts } from "./run-parts.ts";

/** Rows that are looked up together, to be sent again. They may be wide. */
const ROWS_AT_ONCE = 100;

/** What a run works on: the source from the checkpoint on or from the beginning, or single rows that are to be sent again. */
export async function* pages(parts: RunParts): AsyncGenerator<Page> {
  const { job, options, state, prepared } = parts;
  const ports = patienceOf(parts);
  if (options.resend === undefined) {
    const cursor = options.full ? null : await state.cursor();
    yield* read(job.source, prepared.narrowed, cursor, ports);
    return;
  }
  const { keys, onGone } = options.resend;
  for await (const { rows, gone } of lookUp(job.source, prepared.narrowed, keys, ROWS_AT_ONCE, ports)) {
    await state.writeDown([], [], gone);
    onGone(gone);
    yield { rows, cursor: null, bytes: 0, proved: null };
  }
}

/** How a source is asked again after a passing fault. */
export function patienceOf({ engine, stop, report }: Pick<RunParts, "engine" | "stop" | "report">): PatiencePorts {
  return {
    runtime: engine.runtime,
    signal: stop.signal,
    onFault: (error, waitMs) => report.notice(`reading again in ${Math.ceil(waitMs / 1000)} s: ${error.message}`),
  };
}
