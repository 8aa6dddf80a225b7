import type { Page, ProvedInterval, Row } from "../contracts/source.ts";
import { batch } from "./batch.ts";
import { carry } from "./carry.ts";
import { deleteGone } from "./delete.ts";
import { diff } from "./diff.ts";
import { endingOf, goodEnding, type RunEnding } from "./ending.ts";
import { distrust } from "./distrust.ts";
import { forgetParked } from "./forget-parked.ts";
import { map, type MapResult } from "./map.ts";
import { pages, patienceOf } from "./pages.ts";
import type { RunParts } from "./run-parts.ts";
import { settleEarlier } from "./settle-earlier.ts";
import { unlessStopped } from "./unless-stopped.ts";
import { upTo } from "./up-to.ts";
import { windDown } from "./wind-down.ts";

export interface Journey {
  readonly ending: RunEnding;
  /** What ended the run early; null: nothing did. */
  readonly error: unknown;
  /** The last page whose end the checkpoint passed; null: none. */
  readonly last: Page | null;
  /** What the pages before the checkpoint have proved together; null: nothing. */
  readonly proved: ProvedInterval | null;
}

/** read → map → diff → batch → (deliver → confirm) → checkpoint, once what an earlier run left behind is settled. */
export async function run(parts: RunParts): Promise<Journey> {
  const { job, engine, options, state, prepared, report, stop, inFlight, checkpoints, enumeration } = parts;
  const { mapping } = prepared;
  const resend = options.resend ?? null;
  const mayReturn = job.deletes !== undefined;
  let pageNumber = 0;
  let last: Page | null = null;
  let isCut = false;
  let room = options.limit ?? Number.POSITIVE_INFINITY;

  try {
    report.phase("settling");
    const { known } = parts.carryPorts;
    const { lateLandingMs } = engine.settings;
    await unlessStopped(settleEarlier({ ...parts.carryPorts, lateLandingMs }), stop.signal);

    if (resend?.distrusted === true) await distrust(resend.keys, { state, known });

    report.phase("reading");
    if (resend === null) await enumeration.begin();
    for await (const page of pages(parts)) {
      for (const notice of page.notices ?? []) report.notice(notice);
      const mapped = map(page.rows, mapping);
      const records = mapped.rows.map((row) => row.record);
      const pageKeys = page.rows.map((row) => row.key);
      await unlessStopped(inFlight.untilSettled(records, pageKeys), stop.signal);
      const before = await known(mapped.rows.map((row) => row.key));
      const asked = resend === null ? before : forgetParked(before);
      const changes = diff(mapped.rows, asked, parts.digester, mayReturn);
      const { changed, beyond } = upTo(room, changes.changed);
      await parts.echoes.untilSilent(changed, stop.signal);
      const position = { fence: state.fence, page: pageNumber };
      const packed = batch(changed, mapping, engine.destination.batchLimits(), position);
      await unlessStopped(parts.unsent.untilFew(), stop.signal);
      await unlessStopped(inFlight.makeRoom(bytesOf(packed.batches)), stop.signal);

      const parked = [...mapped.parked, ...packed.parked];
      // Rows that are left out have nothing to wait for either.
      await state.writeDown(packed.batches, parked, [...changes.sound, ...leftOut(page.rows, mapped)]);
      const settled = packed.batches.map((written) => {
        parts.unsent.add(written);
        report.written(written);
        const carried = carry(written, parts.carryPorts);
        carried.catch(stop.because);
        inFlight.hold(written, carried);
        return carried;
      });
      if (beyond === 0 && resend === null) {
        // Without its rows: it is remembered until the last of them has landed.
        last = { ...page, rows: [] };
        checkpoints.after(last, Promise.all(settled), enumeration.marks(page, mapped.rows, changes.sound, before));
      } else checkpoints.wait(Promise.all(settled));

      report.page({
        read: page.rows.length - beyond,
        unchanged: changes.unchanged,
        filtered: mapped.filtered,
        superseded: packed.superseded + mapped.superseded,
        parked: parked.length + changes.stillParked,
      });
      pageNumber += 1;
      room -= page.rows.length;
      isCut = beyond > 0 || room <= 0;
      if (isCut) break;
    }

    parts.reading.now = false;
    report.phase("landing");
    await unlessStopped(checkpoints.done(), stop.signal);
    if (resend === null) await takeAway(parts, isCut ? null : last);
    return { ending: goodEnding(report.rows()), error: null, ...parts.passed };
  } catch (error) {
    stop.because(error);
    parts.reading.now = false;
    report.phase("landing");
    await windDown(parts);
    return { ending: endingOf(stop.signal.reason), error: stop.signal.reason, ...parts.passed };
  }
}

/** Deletes the records of rows that are gone, where the sync is told to. @param last null: the source was not read to its end. */
async function takeAway(parts: RunParts, last: Page | null): Promise<void> {
  const { job, engine, options, state, prepared, report, echoes, enumeration } = parts;
  if (job.deletes === undefined) return;
  await enumeration.end(last);
  report.phase("deleting");
  await deleteGone({
    ...patienceOf(parts),
    policy: job.deletes,
    isOfThisRun: enumeration.isOfThisRun(),
    allowed: options.allowDeletes ?? null,
    sync: job.name,
    source: job.source,
    stream: prepared.narrowed,
    state,
    destination: engine.destination,
    echoes,
    onDeleted: () => report.deleted(),
    onUnseen: (fate) => report.unseen(fate),
    onNotice: (text) => report.notice(text),
  });
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
