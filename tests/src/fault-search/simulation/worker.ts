import type { Interrupt, Receipt, SyncJob } from "@acme/sync-core";
import { type CheckpointWatch, createCheckpointWatch } from "./checkpoint-watch.ts";
import { onDisk } from "./disk.ts";
import { mapping } from "./expected.ts";
import { createNetworkClient } from "./network.ts";
import { createProcess, type SimulatedProcess } from "./process.ts";
import { createRetryWatch } from "./retry-watch.ts";
import { REQUEST_TIMEOUT_MS, STALL_MS } from "./scenario.ts";
import { SYNC, type WorkerPorts } from "./worker-ports.ts";
import { unaborted, type World } from "./world.ts";

/** How one run ended. */
export type RunEnd =
  | { readonly how: "receipt"; readonly receipt: Receipt }
  /** There was no parked row to try again, or nothing to repair. */
  | { readonly how: "nothing" }
  | { readonly how: "error"; readonly error: unknown }
  | { readonly how: "killed" };

export interface RunChoice {
  readonly limit: number | null;
  readonly full: boolean;
  /** Tries parked rows again instead of reading on. */
  readonly retry?: boolean;
  /** Verifies everything and repairs instead. */
  readonly repair?: boolean;
  /** What the operator allows after having looked; absent: nothing was said. */
  readonly allowDeletes?: number;
}

export interface Run {
  readonly end: Promise<RunEnd>;
  interrupt(reason: Interrupt): void;
}

/** No run takes longer, whatever goes wrong. */
const MAX_RUN_MS = 8 * 60 * 60_000;

/** Starts the real engine in a process of its own. */
export function startRun(ports: WorkerPorts, name: string, choice: RunChoice): Run {
  const { world, engine, store, service } = ports;
  const process = createProcess(world, name);
  const { limit, full, retry = false, repair = false, allowDeletes } = choice;
  const watch = createCheckpointWatch(ports, name);
  const retryWatch = retry ? createRetryWatch(world, name) : null;
  const state = onDisk(
    store,
    world,
    ports.disk,
    process,
    {
      async onCheckpoint(cursor) {
        retryWatch?.onCheckpoint();
        if (repair) world.problem(`${name} repairs, and moves the checkpoint`);
        else if (retryWatch === null) await watch.onCheckpoint(cursor);
      },
      onWrittenDown: (keys) => retryWatch?.onWrittenDown(keys),
      onParkedRead: (keys) => retryWatch?.onParkedRead(keys),
      onLanded: (key, remembered) => ports.deletionWatch.onLanded(key, remembered),
      onDistrusted: (keys) => ports.repairWatch.onDistrusted(keys, service),
      onLeft: (keys) => ports.deletionWatch.onLeft(keys, service),
      claims: ports.claims,
      onAccepted: (eventId) => service.isFollowed(eventId),
      onUnsettled: (batches) => {
        for (const batch of batches) if (batch.sentAt !== null) service.repeats.allow(batch.rows.length);
      },
    },
    engine,
  );
  const random = world.dice(`engine of ${name}`);
  const runtime = {
    now: () => world.hostNow(),
    sleep: (ms: number, signal: AbortSignal) => process.call("sleep", () => world.clock.sleep(ms, signal)),
    random: () => random.float(),
  };
  const { service: plan, settings } = world.scenario;
  const destination = engine.createDestinationOverClient(createNetworkClient(service, world, process), {
    secretKey: "sk_test_simulated",
    baseUrl: "https://personize.test",
    timeoutMs: 30_000,
    maxConcurrentRequests: settings.maxConcurrentRequests,
    rateUnit: plan.rateUnit,
    maxRowsPerCall: plan.maxRowsPerCall,
    chunkSize: plan.chunkSize,
    limitsOverride: { perMinute: null, perMonth: null },
    sourceLabel: "simulated",
    state,
    runtime,
  });
  const drain = new AbortController();
  world.timeline.note(
    name,
    () =>
      `${retry ? "tries parked rows again" : repair ? "verifies and repairs" : "starts a run"}${full ? ", full" : ""}${limit === null ? "" : `, of ${limit} rows at most`}`,
  );
  const job = createJob(ports, process, watch);
  const whole = {
    destination,
    state,
    runtime,
    settings,
    versions: { core: "0", sdk: "0" },
    holder: name,
    isGone: (holder: string) => world.scenario.deathIsSeen && ports.graveyard.has(holder),
    onProgress: () => undefined,
  };
  const verifyAndRepair = async (): Promise<Receipt | null> => {
    const { signal } = drain;
    try {
      return (await engine.verifySync(job, whole, { sample: null, repair: true, signal })).repaired;
    } catch (error) {
      // Interrupted before it had found anything to repair.
      if (signal.aborted && error === signal.reason) return null;
      throw error;
    }
  };
  const run = async (): Promise<Receipt | null> => {
    if (retry) return (await engine.retrySync(job, whole, { drain: drain.signal })).receipt;
    if (repair) return await verifyAndRepair();
    const allowed = allowDeletes === undefined ? {} : { allowDeletes };
    return await engine.runSync(job, whole, { limit, full, drain: drain.signal, ...allowed });
  };
  const running = run();
  const end = ended(running, process, ports);
  return {
    end,
    interrupt(reason) {
      drain.abort(reason);
      void expectSoon(end, world, name);
    },
  };
}

/** Whoever is asked to end does so once what is under way has been heard of. */
async function expectSoon(end: Promise<RunEnd>, world: World, name: string): Promise<void> {
  const { settings, faults } = world.scenario;
  const stallMs = faults.stall > 0 ? 2 * STALL_MS.most : 0;
  const patience = new AbortController();
  const tooLate = world.clock.sleep(settings.interruptGraceMs + 2 * REQUEST_TIMEOUT_MS + stallMs, patience.signal).then(
    () => world.problem(`${name} goes on although it was asked to end`),
    () => undefined,
  );
  await Promise.race([end, tooLate]);
  patience.abort();
}

async function ended(running: Promise<Receipt | null>, process: SimulatedProcess, ports: WorkerPorts): Promise<RunEnd> {
  const { world } = ports;
  const tooLong = new AbortController();
  const end = await Promise.race([
    running.then(
      (receipt): RunEnd => (receipt === null ? { how: "nothing" } : { how: "receipt", receipt }),
      (error: unknown): RunEnd => ({ how: "error", error }),
    ),
    process.died.then((): RunEnd => ({ how: "killed" })),
    world.clock.sleep(MAX_RUN_MS, tooLong.signal).then(
      (): RunEnd => ({ how: "error", error: new Error(`a run of ${process.name} did not end within 8 hours`) }),
      () => new Promise<never>(() => undefined),
    ),
  ]);
  tooLong.abort();
  if (process.isDead()) {
    ports.graveyard.add(process.name);
    ports.claims.onDead(process.name);
  }
  world.timeline.note(process.name, () => describe(end));
  return end;
}

function createJob({ world, engine, system }: WorkerPorts, process: SimulatedProcess, watch: CheckpointWatch): SyncJob {
  const dice = world.dice(`source of ${process.name}`);
  const source = engine.createSimulatedSource({
    system,
    scenario: world.scenario.source,
    noticesMissingFields: dice.chance(0.5),
    onPage: (rows, cursor) => watch.onPage(rows, cursor),
    knowsWhatItMayNotSee: world.scenario.deletions?.blindness === "honest",
    fieldIsGone: (field) => new engine.ConfigError(`The source has no field "${field}" any more`),
    query: (what, answer) =>
      process.call(what, async () => {
        await world.clock.sleep(dice.int(1, 400), unaborted);
        if (world.isStormy() && dice.chance(world.scenario.faults.sourceFails)) {
          world.timeline.note(process.name, () => `${what}: the source does not answer`);
          throw new engine.TransientError(`The source did not answer (${what})`);
        }
        return answer();
      }),
  });
  const { deletions } = world.scenario;
  // Another filter has another digest.
  const selection = deletions?.blindness === "filter" ? `without ${system.hiddenNow()}` : "everything";
  return {
    name: SYNC,
    connector: { name: "simulated", version: "0" },
    source,
    mapping,
    configDigest: "0",
    ...(deletions === null ? {} : { deletes: { selection, maxShare: deletions.maxShare } }),
  };
}

function describe(end: RunEnd): string {
  switch (end.how) {
    case "killed":
      return "is gone";
    case "nothing":
      return "ends: there was nothing to do";
    case "error":
      return `ends with ${String(end.error)}`;
    case "receipt": {
      const { outcome, rows, message } = end.receipt;
      return `ends: ${outcome}, read ${rows.read}, sent ${rows.sent}, landed ${rows.landed}, deleted ${rows.deleted} (${message})`;
    }
  }
}
