import type { Interrupt, MappingConfig, ProvedInterval, Receipt, Runtime, Source, StateStore } from "@acme/sync-core";
import {
  createFakeDestination,
  type FakeDestination,
} from "../../../packages/sync-core/src/line/__fixtures__/fake-destination.ts";
import { runSync } from "../../../packages/sync-core/src/line/run-sync.ts";
import { openSqliteState } from "../../../packages/sync-core/src/state/open-sqlite-state.ts";
import { askedDeletes } from "../fault-search/simulation/asked-deletes.ts";
import { noFaults } from "../fault-search/simulation/faults.ts";
import { createProcess, type SimulatedProcess } from "../fault-search/simulation/process.ts";
import { drawScenario } from "../fault-search/simulation/scenario.ts";
import { createWorld, unaborted, type World } from "../fault-search/simulation/world.ts";
import { makeMortal } from "./mortal.ts";
import type { SeedResult } from "./seed-result.ts";

/** What is drawn of every connector's world. */
export interface ConnectorScenario {
  readonly seed: number;
  /** No fault of any kind: a run must be perfect. */
  readonly calm: boolean;
  readonly deletes: boolean;
  /** Of the faults, the one that hits the process. */
  readonly faults: { readonly kill: number };
  readonly stormMs: number;
  readonly pauseMs: number;
  /** Probabilities that a run is of a few rows, or in full. */
  readonly limitedRuns: number;
  readonly fullRuns: number;
}

/** Why a record may still be there whose row is gone. */
export interface Excuses {
  /**
   * Records in which a row may have landed or not, as far as the state ever knew: where the row is gone before it is read again the
   * record stays, since it may be somebody else's.
   */
  readonly inDoubt: ReadonlySet<string>;
  /** The last run has said so: rows have landed whose records it does not know, and nothing is deleted before they are read again. */
  readonly deletesNothingYet: boolean;
}

/** One connector in its world: the system it reads, with people at work in it, and the judge who knows that system. */
export interface Scene {
  readonly connector: string;
  readonly mapping: MappingConfig;
  /** Everything that goes on beside the runs; ends when the storm is over. */
  live(): Promise<void>;
  /** No fault from here on. */
  calmDown(): void;
  /** Before the first run after the storm, in milliseconds; more than any schedule of the source. */
  readonly absenceMs: number;
  open(process: SimulatedProcess, runtime: Runtime, interrupt: () => void): Source;
  /** What is proved complete has landed. */
  judgeProof(proved: ProvedInterval, destination: FakeDestination, who: string): void;
  /** How a run ended while there may have been faults. */
  judgeStormyRun(end: Receipt | Error, who: string): void;
  judgeEnd(destination: FakeDestination, excuses: Excuses): void;
  /** Where nothing went wrong, beside what every connector must do then. */
  judgeCalm(): void;
}

const SYNC = "contacts";
/** After the storm this many runs in a row must have nothing left to do, and so many are granted to get there. */
const QUIET_RUNS = 2;
const MAX_CALM_RUNS = 8;
/** Between two of them: longer than any sweep's schedule. */
const CALM_PAUSE_MS = 2 * 3_600_000;
const MAX_RUN_MS = 6 * 3_600_000;

interface Ports {
  readonly world: World;
  readonly scenario: ConnectorScenario;
  readonly scene: Scene;
  readonly store: StateStore;
  readonly destination: FakeDestination;
  readonly dead: Set<string>;
  /** Batches of which the state knows that they were accepted. */
  readonly accepted: Set<unknown>;
  /** What the run under way, or the last one, has told a person. */
  notices: readonly string[];
}

interface Choice {
  readonly limit: number | null;
  readonly full: boolean;
  /** What the operator allows after having looked; null: nothing was asked. */
  readonly allowDeletes: number | null;
}

/** Lives through one world: the real connector and the real engine in a storm, then calm, then the judge. */
export async function runWorld(
  scenario: ConnectorScenario,
  createScene: (world: World) => Scene,
  told: boolean,
): Promise<SeedResult> {
  const { seed } = scenario;
  // World and process are those of the engine's own search; of its scenario only the kills are used.
  const world = createWorld({ ...drawScenario(seed), faults: { ...noFaults, kill: scenario.faults.kill } }, told);
  world.timeline.note("world", () => JSON.stringify(scenario));
  const store = await openSqliteState({ file: ":memory:", now: () => world.hostNow() });
  const scene = createScene(world);
  const destination = createFakeDestination(world.clock);
  const ports: Ports = {
    world,
    scenario,
    scene,
    store,
    destination,
    dead: new Set(),
    accepted: new Set(),
    notices: [],
  };
  let allowDeletes: number | null = null;
  let runs = 0;
  let kills = 0;

  async function once(name: string, choice: Omit<Choice, "allowDeletes">, quiet: boolean): Promise<Receipt | null> {
    const end = await run(ports, name, { ...choice, allowDeletes });
    const asked = end === "killed" || end instanceof Error ? null : askedDeletes(end);
    allowDeletes = asked;
    runs += 1;
    if (end === "killed") kills += 1;
    else if (asked !== null) world.timeline.note("operator", () => `allows ${asked} deletions`);
    else if (!quiet) scene.judgeStormyRun(end, name);
    else if (end instanceof Error) world.problem(`${name} ended with ${end.message}`);
    else if (end.exitCode !== 0 && end.exitCode !== 4) {
      world.problem(`${name} ended with exit code ${end.exitCode}: ${end.message}`);
    }
    return end === "killed" || end instanceof Error ? null : end;
  }

  async function work(): Promise<void> {
    const dice = world.dice("worker");
    for (let incarnation = 1; world.isStormy(); incarnation += 1) {
      const limit = dice.chance(scenario.limitedRuns) ? dice.int(1, 12) : null;
      await once(`run.${incarnation}`, { limit, full: dice.chance(scenario.fullRuns) }, scenario.calm);
      await world.clock.sleep(dice.around(scenario.pauseMs), unaborted);
    }
  }

  async function endStorm(): Promise<void> {
    await world.clock.sleep(scenario.stormMs, unaborted);
    world.endStorm();
    scene.calmDown();
  }

  async function live(): Promise<void> {
    await Promise.all([scene.live(), work(), endStorm()]);
    let quiet = 0;
    for (let calm = 1; calm <= MAX_CALM_RUNS && quiet < QUIET_RUNS; calm += 1) {
      await world.clock.sleep(calm === 1 ? Math.max(scene.absenceMs, CALM_PAUSE_MS) : CALM_PAUSE_MS, unaborted);
      const receipt = await once(`calm.${calm}`, { limit: null, full: false }, true);
      quiet = receipt !== null && receipt.rows.sent === 0 && receipt.rows.deleted === 0 ? quiet + 1 : 0;
    }
    if (quiet < QUIET_RUNS)
      world.problem(`After ${MAX_CALM_RUNS} runs without any fault there is still something to do`);
    const deletesNothingYet = ports.notices.some((notice) => notice.startsWith("nothing is deleted yet"));
    scene.judgeEnd(destination, { inDoubt: inDoubt(ports), deletesNothingYet });
    if (scenario.calm) judgeCalm(ports);
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
  return { seed, problems: world.problems(), timeline: world.timeline.lines(), runs, kills };
}

/** Records of batches that were sent by a run which was killed before it could write down that they were accepted. */
function inDoubt({ destination, accepted }: Ports): ReadonlySet<string> {
  const unknown = destination.sent.filter(({ batch }) => !accepted.has(batch.id));
  return new Set(unknown.flatMap(({ batch }) => batch.rows.map(({ record }) => record)));
}

/** Where nothing went wrong nothing may be sent twice. */
function judgeCalm({ world, scene, destination }: Ports): void {
  scene.judgeCalm();
  for (const violation of destination.violations) world.problem(violation);
  const held = new Map<string, string>();
  const removed = new Set(destination.removed.map(({ record }) => record));
  for (const { batch } of destination.sent) {
    for (const { key, record, values } of batch.rows) {
      // Who was deleted and came back is new.
      if (removed.has(record)) continue;
      const version = JSON.stringify(values);
      // A merge may mint a record with another id: that is another row.
      const row = `${key} ${record}`;
      if (held.get(row) === version) world.problem(`${row} was sent twice as ${version}`);
      held.set(row, version);
    }
  }
}

async function run(ports: Ports, name: string, choice: Choice): Promise<Receipt | Error | "killed"> {
  const { limit, full, allowDeletes } = choice;
  const { world, scenario, scene, store, destination, dead } = ports;
  const simulated = createProcess(world, name);
  const random = world.dice(`engine of ${name}`);
  const runtime = {
    now: () => world.hostNow(),
    // Whoever is dead wakes no more.
    sleep: (ms: number, signal: AbortSignal) => simulated.call("sleep", () => world.clock.sleep(ms, signal)),
    random: () => random.float(),
  };
  const drain = new AbortController();
  const interrupt = (): void => drain.abort({ signal: "SIGTERM" } satisfies Interrupt);
  const source = scene.open(simulated, runtime, interrupt);
  const state = makeMortal(store, simulated, ["location", "fence"], (method, [subject, proved]) => {
    if (method === "markAccepted") ports.accepted.add(subject);
    if (method === "checkpoint" && isProved(proved)) scene.judgeProof(proved, destination, name);
  });
  world.timeline.note(name, () => `starts${full ? ", full" : ""}${limit === null ? "" : `, ${limit} rows at most`}`);
  const running = runSync(
    {
      name: SYNC,
      connector: { name: scene.connector, version: "0" },
      source,
      mapping: scene.mapping,
      configDigest: "0",
      ...(scenario.deletes ? { deletes: { selection: "s", maxShare: 1 } } : {}),
    },
    {
      destination: makeMortal(destination, simulated, ["batchLimits", "spending", "stored"]),
      state,
      runtime,
      settings: {
        maxBufferedBytes: 100_000,
        maxConcurrentRequests: 3,
        landingTimeoutMs: 600_000,
        interruptGraceMs: 5000,
        lateLandingMs: 60_000,
        readBackRecords: 0,
      },
      versions: { core: "0", sdk: "0" },
      holder: name,
      isGone: (holder) => dead.has(holder),
      onProgress: (progress) => {
        ports.notices = progress.notices;
      },
    },
    { limit, full, drain: drain.signal, ...(allowDeletes === null ? {} : { allowDeletes }) },
  );
  const patience = new AbortController();
  const end = await Promise.race([
    running.catch((error: unknown) => (error instanceof Error ? error : new Error(String(error)))),
    simulated.died.then(() => "killed" as const),
    world.clock.sleep(MAX_RUN_MS, patience.signal).then(
      () => new Error(`${name} did not end within 6 hours`),
      () => new Promise<never>(() => undefined),
    ),
  ]);
  patience.abort();
  if (end === "killed") dead.add(name);
  await source.close();
  world.timeline.note(name, () => {
    if (end === "killed") return "is gone";
    return end instanceof Error ? `ends with ${end.message}` : `ends: ${end.message}, ${JSON.stringify(end.rows)}`;
  });
  return end;
}

function isProved(value: unknown): value is ProvedInterval {
  return typeof value === "object" && value !== null && "through" in value;
}
