import type { Page, Row } from "../contracts/source.ts";
import { batch } from "./batch.ts";
import { carry } from "./carry.ts";
import { diff } from "./diff.ts";
import { endingOf, goodEnding, type RunEnding } from "./ending.ts";
import { forget } from "./forget.ts";
import { lookUp } from "./look-up.ts";
import { map, type MapResult } from "./map.ts";
import type { PatiencePorts } from "./patience.ts";
import { read } from "./read.ts";
import type { RunParts } from "./run-parts.ts";
import { settleEarlier } from "./settle-earlier.ts";
import { unlessStopped } from "./unless-stopped.ts";
import { windDown } from "./wind-down.ts";

export interface Journey {
  readonly ending: RunEnding;
  /** What ended the run early; null: nothing did. */
  readonly error: unknown;
  /** Pages whose end the checkpoint passed, first and last; null: none. */
  readonly first: Page | null;
  readonly last: Page | null;
}

/** Rows that are looked up together, to be sent again. They may be wide. */
const ROWS_AT_ONCE = 100;

/** read → map → diff → batch → (deliver → confirm) → checkpoint, once what an earlier run left behind is settled. */
export async function run(parts: RunParts): Promise<Journey> {
  const { engine, options, state, prepared, report, stop, inFlight, checkpoints } = parts;
  const { mapping } = prepared;
  const resend = options.resend ?? null;
  let pageNumber = 0;
  let room = options.limit ?? Number.POSITIVE_INFINITY;

  try {
    report.phase("settling");
    const { known } = parts.carryPorts;
    const { lateLandingMs } = engine.settings;
    await unlessStopped(settleEarlier({ ...parts.carryPorts, lateLandingMs }), stop.signal);

    report.phase("reading");
    for await (const page of pages(parts)) {
      for (const notice of page.notices ?? []) report.notice(notice);
      const rows = page.rows.length <= room ? page.rows : page.rows.slice(0, room);

      const mapped = map(rows, mapping);
      await unlessStopped(inFlight.untilSettled(mapped.rows.map((row) => row.record)), stop.signal);
      const keys = mapped.rows.map((row) => row.key);
      const changes = diff(mapped.rows, forget(await known(keys), resend?.forget ?? null), parts.digester);
      await parts.echoes.untilSilent(changes.changed, stop.signal);
      const position = { fence: state.fence, page: pageNumber };
      const packed = batch(changes.changed, mapping, engine.destination.batchLimits(), position);
      await unlessStopped(inFlight.makeRoom(bytesOf(packed.batches)), stop.signal);

      const parked = [...mapped.parked, ...packed.parked];
      // Rows that are left out have nothing to wait for either.
      await state.writeDown(packed.batches, parked, [...changes.sound, ...leftOut(rows, mapped)]);
      const settled = packed.batches.map((written) => {
        parts.unsent.add(written);
        report.written(written);
        const carried = carry(written, parts.carryPorts);
        carried.catch(stop.because);
        inFlight.hold(written, carried);
        return carried;
      });
      // Without its rows: it is remembered until the last of them has landed.
      if (rows === page.rows && resend === null) checkpoints.after({ ...page, rows: [] }, Promise.all(settled));
      else checkpoints.wait(Promise.all(settled));

      report.page({
        read: rows.length,
        unchanged: changes.unchanged,
        filtered: mapped.filtered,
        superseded: packed.superseded + mapped.superseded,
        parked: parked.length + changes.stillParked,
      });
      pageNumber += 1;
      room -= rows.length;
      if (room <= 0) break;
    }

    parts.reading.now = false;
    report.phase("landing");
    await unlessStopped(checkpoints.done(), stop.signal);
    return { ending: goodEnding(report.rows()), error: null, ...parts.passed };
  } catch (error) {
    stop.because(error);
    parts.reading.now = false;
    report.phase("landing");
    await windDown(parts);
    return { ending: endingOf(stop.signal.reason), error: stop.signal.reason, ...parts.passed };
  }
}

async function* pages({ job, engine, options, state, prepared, report, stop }: RunParts): AsyncGenerator<Page> {
  const ports: PatiencePorts = {
    runtime: engine.runtime,
    signal: stop.signal,
    onFault: (error, waitMs) => report.notice(`reading again in ${Math.ceil(waitMs / 1000)} s: ${error.message}`),
  };
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

/** Keys of the rows that `where` leaves out, or that are deleted. */
function leftOut(rows: readonly Row[], mapped: MapResult): readonly string[] {
  if (mapped.filtered === 0) return [];
  const kept = new Set([...mapped.rows, ...mapped.parked].map((row) => row.key));
  return rows.flatMap(({ key }) => (kept.has(key) ? [] : [key]));
}

function bytesOf(batches: readonly { readonly bytes: number }[]): number {
  return batches.reduce((sum, { bytes }) => sum + bytes, 0);
}
