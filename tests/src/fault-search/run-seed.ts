import { createHash } from "node:crypto";
import type { Receipt } from "@acme/sync-core";
import type { EngineModules } from "./engine-under-test.ts";
import { askedDeletes } from "./simulation/asked-deletes.ts";
import { maybeBlind } from "./simulation/blindfold.ts";
import { createClaimWatch } from "./simulation/claim-watch.ts";
import { createDeletionWatch } from "./simulation/deletion-watch.ts";
import { createDisk } from "./simulation/disk.ts";
import { judgeWorld } from "./simulation/oracle.ts";
import { drawScenario } from "./simulation/scenario.ts";
import { createRepairWatch } from "./simulation/repair-watch.ts";
import { createService } from "./simulation/service.ts";
import { createSourceSystem } from "./simulation/source-system.ts";
import { makeWeather } from "./simulation/weather.ts";
import { type Run, type RunEnd, startRun } from "./simulation/worker.ts";
import type { WorkerPorts } from "./simulation/worker-ports.ts";
import { createWorld, unaborted } from "./simulation/world.ts";

export interface SeedResult {
  readonly seed: number;
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
  /** Empty unless the seed was run to be told. */
  readonly timeline: readonly string[];
  /** Digest of the timeline; the same for every run of a seed that is told. */
  readonly digest: string;
  readonly runs: number;
  readonly kills: number;
}

/** After the storm this many runs in a row must have nothing left to do, and so many are granted to get there. */
const QUIET_RUNS = 3;
const MAX_CALM_RUNS = 9;

/** Whatever was to be deleted and not to be seen has been looked for again by then. */
const LOOKED_FOR_MS = 25 * 60 * 60_000;

/** Lives through one world: a storm with the real engine in it, then calm, then the oracle. */
export async function runSeed(seed: number, engine: EngineModules, told = false): Promise<SeedResult> {
  const scenario = drawScenario(seed);
  const world = createWorld(scenario, told);
  world.timeline.note("world", () => JSON.stringify(scenario));
  const store = await engine.openSqliteState({ file: ":memory:", now: () => world.hostNow() });
  const system = createSourceSystem(world);
  const deletionWatch = createDeletionWatch(world, system);
  const service = createService(world, (record, stored) => deletionWatch.onDeleted(record, stored));
  const repairWatch = createRepairWatch(world);
  const disk = createDisk(world);
  const claims = createClaimWatch(world);
  const graveyard = new Set<string>();
  const watches = { claims, deletionWatch, repairWatch };
  const ports: WorkerPorts = { world, engine, store, system, service, disk, ...watches, graveyard };
  const under = new Set<Run>();
  const receipts: Receipt[] = [];
  let runs = 0;
  let kills = 0;

  function note(end: RunEnd, quiet: boolean): void {
    runs += 1;
    if (end.how === "killed") kills += 1;
    if (end.how === "receipt") receipts.push(end.receipt);
    checkEnd(ports, end, quiet);
  }

  async function work(worker: string): Promise<void> {
    const dice = world.dice(worker);
    for (let incarnation = 1; world.isStormy(); incarnation += 1) {
      await maybeBlind(world, system, store);
      const run = startRun(ports, `${worker}.${incarnation}`, {
        full: dice.chance(scenario.fullRuns),
        limit: dice.chance(scenario.limitedRuns) ? dice.int(1, 12) : null,
        retry: dice.chance(scenario.retries),
        repair: scenario.repairs > 0 && dice.chance(scenario.repairs),
      });
      under.add(run);
      const end = await run.end;
      note(end, scenario.calm && !isStopped(end));
      under.delete(run);
      await world.clock.sleep(dice.around(scenario.pauseMs), unaborted);
    }
  }

  async function live(): Promise<void> {
    const workers = ["A", "B"].slice(0, scenario.workers);
    const interrupt = (): void => {
      for (const run of under) run.interrupt({ signal: "SIGTERM" });
    };
    await Promise.all([system.write(), makeWeather(world, { system, service, disk, interrupt }), ...workers.map(work)]);
    // Everything that may still land has landed, and every claim has ended.
    await world.clock.sleep(scenario.settings.lateLandingMs + 600_000, unaborted);
    const hasRetries = scenario.retries > 0;
    if (hasRetries) note(await startRun(ports, "calm retry", { full: false, limit: null, retry: true }).end, true);
    let quiet = 0;
    let allowed: number | null = null;
    for (let run = 1; run <= MAX_CALM_RUNS && quiet < QUIET_RUNS; run += 1) {
      const end: RunEnd = await startRun(ports, `calm.${run}`, {
        // What is gone is noticed by reading everything.
        full: scenario.deletions !== null && run === 1,
        limit: null,
        ...(allowed === null ? {} : { allowDeletes: allowed }),
      }).end;
      const asksFor: number | null = allowed === null && end.how === "receipt" ? askedDeletes(end.receipt) : null;
      if (asksFor === null) note(end, true);
      allowed = asksFor;
      quiet = isQuiet(end) ? quiet + 1 : 0;
      await world.clock.sleep(60_000, unaborted);
    }
    if (scenario.deletions !== null && scenario.service.searchLagMs > 0) {
      await world.clock.sleep(LOOKED_FOR_MS, unaborted);
      note(await startRun(ports, "calm, a day later", { full: false, limit: null }).end, true);
    }
    if (quiet < QUIET_RUNS)
      world.problem(`After ${MAX_CALM_RUNS} runs without any fault there is still something to do`);
    await judgeWorld(ports, receipts);
  }

  const onUnhandled = (reason: unknown): void => world.problem(`A rejection was not handled: ${String(reason)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    await world.clock.run(live());
  } catch (error) {
    world.problem(`The world broke: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  }
  process.off("unhandledRejection", onUnhandled);
  await store.close();
  const timeline = world.timeline.lines();
  const digest = createHash("sha256").update(timeline.join("\n")).digest("hex");
  return { seed, problems: world.problems(), timeline, digest, runs, kills };
}

/** Nothing was left to do. */
function isQuiet(end: RunEnd): boolean {
  if (end.how !== "receipt") return false;
  const { rows, exitCode } = end.receipt;
  return rows.sent === 0 && rows.deleted === 0 && exitCode % 4 === 0;
}

/** More would have been deleted than a run may, or nothing was left to compare with: rows that are just being written are not shown. */
function isStopped(end: RunEnd): boolean {
  return end.how === "receipt" && end.receipt.exitCode === 2 && end.receipt.message.endsWith("Nothing was deleted");
}

/** How a run may end, by what can go wrong in its world. @param quiet nothing went wrong while it was under way. */
function checkEnd({ world, engine }: WorkerPorts, end: RunEnd, quiet: boolean): void {
  const { calm, faults, service, deletions } = world.scenario;
  const monthMayEnd = service.perMonth !== null && (calm || !quiet);
  const mayBe = (exitCode: number): boolean => {
    if (exitCode === 0 || exitCode === 4) return true;
    if (exitCode === 5 && monthMayEnd) return true;
    if (quiet || exitCode === 1) return false;
    if (exitCode === 2) return faults.schemaChange > 0 || deletions !== null;
    if (exitCode === 3) return faults.keyRevoked > 0;
    return true;
  };
  if (end.how === "error") {
    const { error } = end;
    const exitCode = toExitCode(error, engine);
    const isOccupied = world.scenario.workers === 2 && isAnotherRun(error);
    if (!mayBe(exitCode) && !isOccupied)
      world.problem(`A run ended with ${error instanceof Error ? error.message : String(error)}`);
  }
  if (end.how === "receipt") {
    const { exitCode, message } = end.receipt;
    if (!mayBe(exitCode)) world.problem(`A run ended with exit code ${exitCode}: ${message}`);
  }
}

function isAnotherRun(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith("Another run of sync");
}

function toExitCode(error: unknown, { SyncError }: EngineModules): number {
  if (SyncError.is(error)) return { config: 2, auth: 3, transient: 6, record: 1, bug: 1 }[error.kind];
  if (!(error instanceof Error)) return 1;
  if (error.name === "QuotaStop") return 5;
  // Interrupted before it had begun.
  return error.name === "Interrupted" ? 143 : 1;
}
