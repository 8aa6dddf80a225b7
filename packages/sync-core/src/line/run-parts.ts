import { QuotaStop } from "../contracts/destination.ts";
import type { Engine, RunOptions, SyncJob } from "../contracts/job.ts";
import type { Page, ProvedInterval } from "../contracts/source.ts";
import type { SyncState } from "../contracts/state.ts";
import type { CarryPorts } from "./carry.ts";
import { type Checkpoints, createCheckpoints, followOn } from "./checkpoint.ts";
import { type Confirmations, createConfirmations } from "./confirm.ts";
import { createDigester, type Digester } from "./digest.ts";
import { createEchoes, type Echoes } from "./echoes.ts";
import { createEnumeration, type Enumeration } from "./enumeration.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import type { Prepared } from "./prepare.ts";
import { createReadBack, type ReadBack } from "./read-back.ts";
import { recordKindOf, rememberRecord } from "./remembered-record.ts";
import { refusal } from "./refusal.ts";
import type { Report } from "./report.ts";
import { createStop, type Stop } from "./stop.ts";
import { createUnsent, type Unsent } from "./unsent.ts";

export interface RunOrder {
  readonly job: SyncJob;
  readonly engine: Engine;
  readonly options: RunOptions;
  readonly state: SyncState;
  readonly prepared: Prepared;
  readonly report: Report;
  /** Aborted: everything ends at once. */
  readonly leave: AbortController;
  /** What earlier runs proved complete; null: nothing. */
  readonly provedBefore: ProvedInterval | null;
  /** How long landing took in the last run; null: unknown. */
  readonly expectedLandingMs: number | null;
}

/** What a run works with, put together. */
export interface RunParts extends RunOrder {
  readonly digester: Digester;
  readonly enumeration: Enumeration;
  readonly inFlight: InFlight;
  readonly echoes: Echoes;
  readonly unsent: Unsent;
  readonly stop: Stop;
  readonly confirmations: Confirmations;
  readonly readBack: ReadBack;
  readonly checkpoints: Checkpoints;
  readonly carryPorts: CarryPorts;
  /** The last page whose end the checkpoint passed, and what those before it have proved in this run; null: none, nothing. */
  readonly passed: { last: Page | null; proved: ProvedInterval | null };
  /** True until the source has nothing more. */
  readonly reading: { now: boolean };
}

export function createRunParts(order: RunOrder): RunParts {
  const { engine, state, prepared, report, leave } = order;
  const { destination, runtime, settings } = engine;

  const reading = { now: true };
  const unsent = createUnsent(state);
  const echoes = createEchoes(runtime);
  const stop = createStop(order.options.drain);
  leave.signal.addEventListener("abort", () => stop.because(leave.signal.reason), { once: true });

  const confirmations = createConfirmations({
    destination,
    runtime,
    landingTimeoutMs: settings.landingTimeoutMs,
    expectedLandingMs: order.expectedLandingMs,
    callsPerMinute: prepared.account.callsPerMinute,
    stillSending: () => !stop.signal.aborted && (reading.now || unsent.size() > 0),
    hurry: hurryOf(stop),
    signal: leave.signal,
  });
  report.confirmations(confirmations);
  const readBack = createReadBack({
    destination,
    mapping: prepared.mapping,
    runtime,
    echoes,
    records: settings.readBackRecords,
    hurry: stop.signal,
    signal: leave.signal,
    onNotice: (text) => report.notice(text),
  });
  report.waitingFor(() => describeEcho(runtime.now(), echoes.waitingUntilMs()) ?? readBack.waitingFor());

  const passed: RunParts["passed"] = { last: null, proved: null };
  const checkpoints = createCheckpoints(state, order.provedBefore, (page) => {
    passed.last = page;
    if (page.proved !== null) passed.proved = followOn(passed.proved, page.proved);
  });

  // Identities are personal data: kept only for a sync that will need them.
  const rememberAs: CarryPorts["remember"] = (kind, record) =>
    order.job.deletes === undefined ? null : rememberRecord(kind, record);
  const recordKind = recordKindOf(prepared.mapping);
  const remember = (record: string): string | null => rememberAs(recordKind, record);
  const { job, options } = order;
  const enumeration = createEnumeration({ job, options, state, stream: prepared.stream, remember });

  const carryPorts: CarryPorts = {
    destination,
    state,
    runtime,
    mapping: prepared.mapping,
    confirmations,
    echoes,
    readBack,
    known: (keys) => engine.state.known(order.job.name, keys),
    echoUntilMs: () => runtime.now() + settings.lateLandingMs,
    remember: rememberAs,
    sending: stop.signal,
    onFailed: stop.because,
    onLeaving(batch) {
      unsent.left(batch.id);
      report.leaving(batch);
    },
    onSettled(batch, verdict) {
      for (const next of verdict.again) unsent.add(next);
      report.settled(batch, verdict);
      const stopped = refusal(report.rows(), confirmations.pendingRows(), verdict);
      if (stopped !== null) stop.because(stopped);
    },
    onReplaced(batches, by) {
      for (const { id } of batches) unsent.left(id);
      for (const next of by) unsent.add(next);
    },
  };
  return {
    ...order,
    digester: createDigester(prepared.mapping),
    enumeration,
    inFlight: createInFlight(settings.maxBufferedBytes),
    echoes,
    unsent,
    stop,
    confirmations,
    readBack,
    checkpoints,
    carryPorts,
    passed,
    reading,
  };
}

/** When the quota is used up there is no hurry, and questions are counted. */
function hurryOf(stop: Stop): AbortSignal {
  const hurry = new AbortController();
  stop.signal.addEventListener(
    "abort",
    () => {
      if (!(stop.signal.reason instanceof QuotaStop)) hurry.abort();
    },
    { once: true },
  );
  return hurry.signal;
}

function describeEcho(now: number, untilMs: number | null): string | null {
  if (untilMs === null) return null;
  return `an earlier copy of a record that may still land (${Math.ceil((untilMs - now) / 1000)} s)`;
}
