import type { Interrupt, ProvedInterval, Receipt, StateStore } from "@acme/sync-core";
import { hubspotConfig } from "../../../packages/connector-hubspot/src/config.ts";
import type { createHubspotSource } from "../../../packages/connector-hubspot/src/source.ts";
import {
  createFakeDestination,
  type FakeDestination,
} from "../../../packages/sync-core/src/line/__fixtures__/fake-destination.ts";
import { runSync } from "../../../packages/sync-core/src/line/run-sync.ts";
import { mappingConfig } from "../../../packages/sync-core/src/mapping/mapping-config.ts";
import { openSqliteState } from "../../../packages/sync-core/src/state/open-sqlite-state.ts";
import { askedDeletes } from "../fault-search/simulation/asked-deletes.ts";
import { createProcess } from "../fault-search/simulation/process.ts";
import { noFaults } from "../fault-search/simulation/faults.ts";
import { drawScenario } from "../fault-search/simulation/scenario.ts";
import { createWorld, unaborted, type World } from "../fault-search/simulation/world.ts";
import { makeMortal } from "./mortal.ts";
import { judgeEnd, judgeProof } from "./oracle.ts";
import { CALCULATED, createPortal, type Portal, TOKEN } from "./portal.ts";
import { drawHubspotScenario, type HubspotScenario } from "./scenario.ts";
import { createTransport } from "./transport.ts";

export interface HubspotSeedResult {
  readonly seed: number;
  /** Empty: everything is as it should be. */
  readonly problems: readonly string[];
  /** Empty unless the seed was run to be told. */
  readonly timeline: readonly string[];
  readonly runs: number;
  readonly kills: number;
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
  readonly scenario: HubspotScenario;
  readonly portal: Portal;
  readonly store: StateStore;
  readonly destination: FakeDestination;
  readonly createSource: typeof createHubspotSource;
  readonly dead: Set<string>;
  /** Batches of which the state knows that they were accepted. */
  readonly accepted: Set<unknown>;
}

/** Lives through one world: the real connector and the real engine in a storm, then calm, then the oracle. */
export async function runHubspotSeed(
  seed: number,
  createSource: typeof createHubspotSource,
  told = false,
): Promise<HubspotSeedResult> {
  const scenario = drawHubspotScenario(seed);
  // World and process are those of the engine's own search; of its scenario only the kills are used.
  const world = createWorld({ ...drawScenario(seed), faults: { ...noFaults, kill: scenario.faults.kill } }, told);
  world.timeline.note("world", () => JSON.stringify(scenario));
  const store = await openSqliteState({ file: ":memory:", now: () => world.hostNow() });
  const portal = createPortal(world, scenario);
  const destination = createFakeDestination(world.clock);
  const ports: Ports = {
    world,
    scenario,
    portal,
    store,
    destination,
    createSource,
    dead: new Set(),
    accepted: new Set(),
  };
  let runs = 0;
  let kills = 0;

  async function once(name: string, choice: Choice, quiet: boolean): Promise<Receipt | null> {
    const end = await run(ports, name, choice);
    runs += 1;
    if (end === "killed") kills += 1;
    else if (end instanceof Error) {
      if (quiet) world.problem(`${name} ended with ${end.message}`);
    } else if (
      quiet &&
      end.exitCode !== 0 &&
      end.exitCode !== 4 &&
      (choice.allowDeletes !== null || askedDeletes(end) === null)
    ) {
      world.problem(`${name} ended with exit code ${end.exitCode}: ${end.message}`);
    }
    return end === "killed" || end instanceof Error ? null : end;
  }

  async function work(): Promise<void> {
    const dice = world.dice("worker");
    for (let incarnation = 1; world.isStormy(); incarnation += 1) {
      const limit = dice.chance(scenario.limitedRuns) ? dice.int(1, 12) : null;
      await once(
        `run.${incarnation}`,
        { limit, full: dice.chance(scenario.fullRuns), allowDeletes: null },
        scenario.calm,
      );
      await world.clock.sleep(dice.around(scenario.pauseMs), unaborted);
    }
  }

  async function endStorm(): Promise<void> {
    await world.clock.sleep(scenario.stormMs, unaborted);
    world.endStorm();
    portal.control.clearFaults();
  }

  async function live(): Promise<void> {
    await Promise.all([portal.write(), work(), endStorm()]);
    let quiet = 0;
    let allowDeletes: number | null = null;
    for (let calm = 1; calm <= MAX_CALM_RUNS && quiet < QUIET_RUNS; calm += 1) {
      await world.clock.sleep(CALM_PAUSE_MS, unaborted);
      const receipt: Receipt | null = await once(`calm.${calm}`, { limit: null, full: false, allowDeletes }, true);
      allowDeletes = receipt === null ? null : askedDeletes(receipt);
      const isQuiet = receipt !== null && receipt.exitCode % 4 === 0;
      quiet = isQuiet && receipt.rows.sent === 0 && receipt.rows.deleted === 0 ? quiet + 1 : 0;
    }
    if (quiet < QUIET_RUNS)
      world.problem(`After ${MAX_CALM_RUNS} runs without any fault there is still something to do`);
    judgeEnd(world, scenario, portal, destination, inDoubt(ports));
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

/** Where nothing went wrong nothing may be sent twice, and HubSpot has no reason to refuse anything. */
function judgeCalm({ world, portal, destination }: Ports): void {
  const refused = Object.entries(portal.control.counts().rateLimited);
  if (refused.length > 0) world.problem(`HubSpot refused calls for coming too fast: ${JSON.stringify(refused)}`);
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

interface Choice {
  readonly limit: number | null;
  readonly full: boolean;
  /** What the operator allows after having looked; null: nothing was said. */
  readonly allowDeletes: number | null;
}

async function run(
  ports: Ports,
  name: string,
  { limit, full, allowDeletes }: Choice,
): Promise<Receipt | Error | "killed"> {
  const { world, scenario, portal, store, destination, createSource, dead } = ports;
  const simulated = createProcess(world, name);
  const random = world.dice(`engine of ${name}`);
  const runtime = {
    now: () => world.hostNow(),
    sleep: (ms: number, signal: AbortSignal) => world.clock.sleep(ms, signal),
    random: () => random.float(),
  };
  const drain = new AbortController();
  const interrupt = (): void => drain.abort({ signal: "SIGTERM" } satisfies Interrupt);
  const config = hubspotConfig.parse({ token: TOKEN, object: "contacts", ...scenario.source });
  const source = createSource(config, runtime, createTransport(world, scenario, portal, simulated, interrupt));
  const state = makeMortal(store, simulated, ["location", "fence"], (method, [batchId, proved]) => {
    if (method === "markAccepted") ports.accepted.add(batchId);
    if (method === "checkpoint" && isProved(proved)) {
      judgeProof(world, scenario, portal, destination, proved, name);
    }
  });
  world.timeline.note(name, () => `starts${full ? ", full" : ""}${limit === null ? "" : `, ${limit} rows at most`}`);
  const running = runSync(
    {
      name: SYNC,
      connector: { name: "hubspot", version: "0" },
      source,
      mapping: toMapping(scenario),
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
      onProgress: () => undefined,
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

function toMapping({ mapsAssociations, mapsCalculated }: HubspotScenario) {
  const inContacts = { collectionName: "Contacts" };
  return mappingConfig.parse({
    entityType: "contact",
    email: "email",
    properties: {
      name: { sourceField: "firstname", ...inContacts },
      ...(mapsCalculated ? { age: { sourceField: CALCULATED, ...inContacts } } : {}),
      notes: { sourceField: mapsAssociations ? "associations.companies" : "city", ...inContacts },
    },
  });
}
