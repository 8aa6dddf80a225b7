import type { Engine, RunOptions, SyncJob } from "../contracts/job.ts";
import type { Receipt } from "../contracts/receipt.ts";
import type { Page } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";
import { batch } from "./batch.ts";
import { carry } from "./carry.ts";
import { createCheckpoints } from "./checkpoint.ts";
import { claim, keepClaim } from "./claim.ts";
import { createConfirmations } from "./confirm.ts";
import { diff } from "./diff.ts";
import { createDigester } from "./digest.ts";
import { createEchoes } from "./echoes.ts";
import { endingOf, goodEnding, type RunEnding } from "./ending.ts";
import { createInFlight } from "./in-flight.ts";
import { map } from "./map.ts";
import { type Prepared, prepare } from "./prepare.ts";
import { read } from "./read.ts";
import { makeReceipt } from "./receipt.ts";
import { createReport, type Report } from "./report.ts";
import { settleEarlier } from "./settle-earlier.ts";
import { createStop } from "./stop.ts";
import { createUnsent } from "./unsent.ts";
import { unlessStopped } from "./unless-stopped.ts";
import { windDown } from "./wind-down.ts";

/**
 * One run of one sync: read → map → diff → batch → deliver → confirm → checkpoint.
 *
 * Resolves with the receipt once rows could have been sent, however the run ended; the receipt is kept in the state store.
 * @throws what kept it from beginning: another run holds the sync, or mapping, credentials or source do not fit. Nothing was
 *   sent and no receipt is written then.
 */
export async function runSync(job: SyncJob, engine: Engine, options: RunOptions): Promise<Receipt> {
  const startedAt = engine.runtime.now();
  const state = await claim(job.name, engine);
  const leave = new AbortController();
  const report = createReport(engine);
  const background = [
    keepClaim(state, engine, leave.signal).catch((error: unknown) => leave.abort(error)),
    report.keepTelling(engine.runtime, leave.signal),
  ];
  try {
    const prepared = await prepare(job, engine, AbortSignal.any([leave.signal, options.drain]));
    report.estimate(prepared.stream.estimatedRows);
    const cursorBefore = await state.cursor();
    const journey = await travel({ job, engine, options, state, prepared, report, leave });
    report.phase("finished");
    const receipt = makeReceipt({
      job,
      engine,
      state,
      startedAt,
      prepared,
      report,
      cursorBefore,
      ...journey,
      previous: await state.lastReceiptDigest(),
    });
    await state.saveReceipt(receipt);
    return receipt;
  } finally {
    leave.abort(new Error("the run is over"));
    await Promise.all(background);
    await state.release();
  }
}

interface Run {
  readonly job: SyncJob;
  readonly engine: Engine;
  readonly options: RunOptions;
  readonly state: SyncState;
  readonly prepared: Prepared;
  readonly report: Report;
  /** Aborted: everything ends at once. */
  readonly leave: AbortController;
}

interface Journey {
  readonly ending: RunEnding;
  /** Pages whose end the checkpoint passed, first and last; null: none. */
  readonly first: Page | null;
  readonly last: Page | null;
}

async function travel({ job, engine, options, state, prepared, report, leave }: Run): Promise<Journey> {
  const { destination, runtime, settings } = engine;
  const { mapping, narrowed: stream } = prepared;
  const digester = createDigester(mapping);
  const inFlight = createInFlight(settings.maxBufferedBytes);
  const echoes = createEchoes(runtime);
  const unsent = createUnsent(state);
  const stop = createStop(options.drain);
  leave.signal.addEventListener("abort", () => stop.because(leave.signal.reason), { once: true });
  let reading = true;
  const confirmations = createConfirmations({
    destination,
    runtime,
    landingTimeoutMs: settings.landingTimeoutMs,
    callsPerMinute: prepared.account.callsPerMinute,
    stillSending: () => reading || unsent.size() > 0,
    signal: leave.signal,
  });
  report.waitingFor(() =>
    describeWait(runtime.now(), confirmations.oldestAgeMs(), confirmations.pending(), echoes.waitingUntilMs()),
  );

  const passed: { first: Page | null; last: Page | null } = { first: null, last: null };
  const checkpoints = createCheckpoints(state, (page) => {
    passed.first ??= page;
    passed.last = page;
  });
  const ports = {
    destination,
    state,
    runtime,
    mapping,
    confirmations,
    echoes,
    lateLandingMs: settings.lateLandingMs,
    sending: stop.signal,
    onLeaving: (left) => {
      unsent.left(left.id);
      report.leaving(left);
    },
    onSettled: (settled, verdict) => {
      for (const next of verdict.again) unsent.add(next);
      report.settled(settled, verdict);
    },
  } satisfies Parameters<typeof carry>[1];

  try {
    report.phase("settling");
    await unlessStopped(
      settleEarlier({ state, runtime, confirmations, echoes, lateLandingMs: settings.lateLandingMs }),
      stop.signal,
    );

    report.phase("reading");
    const cursor = options.full ? null : await state.cursor();
    let pageNumber = 0;
    let room = options.limit ?? Number.POSITIVE_INFINITY;
    const onFault = (error: Error, waitMs: number): void =>
      report.notice(`reading again in ${Math.ceil(waitMs / 1000)} s: ${error.message}`);
    for await (const page of read(job.source, stream, cursor, {
      runtime,
      signal: AbortSignal.any([leave.signal, stop.signal]),
      onFault,
    })) {
      for (const notice of page.notices ?? []) report.notice(notice);
      const rows = page.rows.length <= room ? page.rows : page.rows.slice(0, room);
      room -= rows.length;

      const mapped = map(rows, mapping);
      await unlessStopped(inFlight.untilSettled(mapped.rows.map((row) => row.record)), stop.signal);
      const changes = diff(
        mapped.rows,
        await engine.state.known(
          job.name,
          mapped.rows.map((row) => row.key),
        ),
        digester,
      );
      await echoes.untilSilent(changes.changed, stop.signal);
      const packed = batch(changes.changed, mapping, destination.batchLimits(), {
        fence: state.fence,
        page: pageNumber,
      });
      await unlessStopped(inFlight.makeRoom(packed.batches.reduce((sum, { bytes }) => sum + bytes, 0)), stop.signal);
      stop.signal.throwIfAborted();

      const parked = [...mapped.parked, ...packed.parked];
      await state.writeDown(packed.batches, parked);
      const settled = packed.batches.map((written) => {
        unsent.add(written);
        const carried = carry(written, ports);
        carried.catch(stop.because);
        inFlight.hold(written, carried);
        return carried;
      });
      if (rows === page.rows) checkpoints.after(page, Promise.all(settled));
      else checkpoints.wait(Promise.all(settled));
      report.page({
        read: rows.length,
        unchanged: changes.unchanged,
        filtered: mapped.filtered,
        superseded: packed.superseded + mapped.superseded,
        parked: parked.length + changes.stillParked,
        sent: packed.batches.reduce((sum, written) => sum + written.rows.length, 0),
      });
      pageNumber += 1;
      if (room <= 0) break;
    }
    reading = false;
    report.phase("landing");
    await unlessStopped(checkpoints.done(), stop.signal);
    return { ending: goodEnding(report.rows()), ...passed };
  } catch (error) {
    stop.because(error);
    reading = false;
    report.phase("landing");
    await windDown({
      reason: stop.signal.reason,
      runtime,
      settings,
      leave,
      settled: inFlight.allSettled(),
      checkpoints,
    });
    await unsent.withdraw();
    return { ending: endingOf(stop.signal.reason), ...passed };
  }
}

function describeWait(
  now: number,
  oldestAgeMs: number | null,
  pending: number,
  echoUntilMs: number | null,
): string | null {
  if (echoUntilMs !== null)
    return `until an earlier copy of a record can no longer land (${Math.ceil((echoUntilMs - now) / 1000)} s)`;
  if (oldestAgeMs !== null)
    return `${pending} accepted batch${pending === 1 ? "" : "es"} to land, the oldest for ${Math.round(oldestAgeMs / 1000)} s`;
  return null;
}
