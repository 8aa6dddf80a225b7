import type { EngineSettings, RateUnit } from "@acme/sync-core";
import { type DeletionScenario, drawDeletions } from "./deletion-scenario.ts";
import { createDice, type Dice } from "./dice.ts";
import { drawFaults, type Faults, noFaults } from "./faults.ts";

/** Everything about a world that chance decides before it begins. */
export interface Scenario {
  readonly seed: number;
  /** No fault of any kind, nobody else at the plan: a run must be perfect. */
  readonly calm: boolean;
  readonly source: SourceScenario;
  /** null: records of rows that are gone stay. */
  readonly deletions: DeletionScenario | null;
  readonly service: ServiceScenario;
  readonly faults: Faults;
  /** How long writers write and faults happen. */
  readonly stormMs: number;
  readonly pauseMs: number;
  readonly workers: 1 | 2;
  /** Processes stand still only where they sleep, so that nothing they have begun to do is finished much later. */
  readonly stallsOnlyAsleep: boolean;
  /** Questions to the service are always answered. */
  readonly onlyBatchesAreLost: boolean;
  /** Dead holders can be told from silent ones, as on one host. */
  readonly deathIsSeen: boolean;
  readonly settings: EngineSettings;
  /** Probability that a run reads everything again, or only so many rows. */
  readonly fullRuns: number;
  readonly limitedRuns: number;
  /** Probability that parked rows are tried again instead, and whether they are at the end. */
  readonly retries: number;
  /** Probability that a run verifies and repairs instead. Where there are repairs, somebody changes records of ours. */
  readonly repairs: number;
}

export interface SourceScenario {
  readonly shape: "cursor" | "full";
  readonly rows: number;
  readonly pageRows: number;
  /** Stamps are whole multiples of it: the coarser, the more ties. */
  readonly tickMs: number;
  /** How far back a read begins before its cursor, as sources do that cannot see what is in flight. */
  readonly overlapMs: number;
  /** Between two transactions, on average; how long one stays open, on average; how many rows it changes at most. */
  readonly writeEveryMs: number;
  readonly openMs: number;
  readonly rowsATransaction: number;
  readonly sharedIdentities: boolean;
  readonly identityChanges: boolean;
  readonly poison: boolean;
  /** Reading ends with a page without rows. */
  readonly emptyLastPage: boolean;
}

export interface ServiceScenario {
  readonly perMinute: number | null;
  readonly perMonth: number | null;
  readonly rateUnit: RateUnit;
  readonly maxRowsPerCall: number | null;
  readonly chunkSize: number;
  /** From acceptance to the last row, at most. */
  readonly landingMs: number;
  /** The same for most batches. */
  readonly usualLandingMs: number;
  readonly surface: "async" | "inline";
  readonly vocabulary: 0 | 1 | 2 | 3;
  readonly listing: "complete" | "gaps" | "absent";
  /** How rows that the service can never take make themselves known. */
  readonly poisonStyle: "refused" | "row-list" | "no-list" | "failed";
  readonly hints: boolean;
  /** How far searches lag behind what has landed. */
  readonly searchLagMs: number;
}

export const STALL_MS = { least: 61_000, most: 110_000 } as const;
/** How far all forward jumps of a world's clock may add up. */
export const JUMPS_MS = 150_000;
/** How much later than its client gave up a request may still arrive. */
export const LATE_ARRIVAL_MS = 60_000;
export const REQUEST_TIMEOUT_MS = 30_000;

export function drawScenario(seed: number): Scenario {
  const dice = createDice(seed, "scenario");
  const calm = dice.chance(0.12);
  const source = drawSource(dice);
  const service = drawService(dice, calm);
  const scenario: Omit<Scenario, "settings"> = {
    seed,
    calm,
    source,
    service,
    faults: calm ? noFaults : drawFaults(dice),
    workers: dice.chance(0.25) ? 2 : 1,
    stallsOnlyAsleep: false,
    onlyBatchesAreLost: false,
    stormMs: dice.int(4, 14) * 60_000,
    pauseMs: dice.pick([20_000, 60_000, 150_000]),
    deathIsSeen: dice.chance(0.5),
    fullRuns: dice.pick([0, 0, 0.1]),
    limitedRuns: dice.pick([0, 0, 0.1]),
    deletions: null,
    retries: 0,
    repairs: 0,
  };
  const drawn = calm ? scenario : { ...scenario, ...drawFocus(dice, scenario) };
  const focused = { ...drawn, ...drawLater(drawn) };
  return {
    ...focused,
    settings: {
      maxBufferedBytes: dice.pick([500, 2000, 50_000]),
      maxConcurrentRequests: dice.pick([1, 3, 5]),
      landingTimeoutMs: focused.service.landingMs + dice.pick([120_000, 600_000]),
      interruptGraceMs: dice.pick([0, 5000, 20_000]),
      lateLandingMs: lateLandingMs(focused),
      readBackRecords: readBackRecords(focused),
    },
  };
}

/** What joined later, with dice of its own: worlds without it are what they were. */
function drawLater(drawn: Omit<Scenario, "settings">): Partial<Omit<Scenario, "settings">> {
  const { seed, calm, source, service } = drawn;
  const deletions = drawDeletions(seed, calm);
  if (deletions !== null) {
    const isLarge = deletions.blindness === "most" || createDice(seed, "size").chance(0.15);
    const rows = isLarge ? createDice(seed, "rows").int(28, 45) : source.rows;
    if (!calm && createDice(seed, "ghost").chance(0.12)) return ghost(drawn, deletions);
    const isSudden = deletions.blindness !== "pages" && deletions.blindness !== null;
    return {
      deletions,
      // A reading by cursor proves itself complete with its last page.
      source: { ...source, rows, emptyLastPage: true, pageRows: isLarge ? 9 : source.pageRows },
      fullRuns: createDice(seed, "full runs").pick([0.2, 0.5]),
      retries: createDice(seed, "retries").pick([0, 0.1]),
      // Shorter than reading back is patient.
      service: { ...service, searchLagMs: createDice(seed, "search lag").pick([0, 0, 0, 25_000, 200_000]) },
      ...(deletions.blindness === "filter" ? { limitedRuns: 0.3 } : {}),
      ...(isSudden ? { workers: 1 } : {}),
    };
  }
  const dice = createDice(seed, "extras");
  if (!calm && dice.chance(0.07)) {
    return {
      ...restless(drawn, dice),
      onlyBatchesAreLost: true,
      faults: { ...noFaults, lostReply: 0.2, serverError: 0.1, dropsRepeats: 0.7 },
    };
  }
  if (!calm && createDice(seed, "repairs").chance(0.08)) return meddled(drawn);
  return {
    retries: dice.pick([0, 0, 0.2]),
    service: { ...service, searchLagMs: dice.pick([0, 0, 25_000]) },
  };
}

type Focus = "echo" | "zombie" | "shadow" | "outage";

/**
 * Worlds made for what chance alone brings about too seldom: few rows that change all the time and copies that land late, where
 * replies are lost (`echo`), the service loses sight of its work (`shadow`), or processes stand still while another takes over
 * (`zombie`); and a service that is down while a slow plan has much to send (`outage`).
 */
function drawFocus(dice: Dice, scenario: Omit<Scenario, "settings">): Partial<Omit<Scenario, "settings">> {
  const focus = dice.pick<Focus | null>(["echo", "zombie", "zombie", "shadow", "outage", null, null, null, null, null]);
  const { source, service } = scenario;
  const few = restless(scenario, dice);
  switch (focus) {
    case "echo": {
      const losses = { lostReply: 0.3, lateArrival: 0.1, serverError: 0.2, kill: dice.pick([0, 0.004, 0.012]) };
      return { ...few, onlyBatchesAreLost: true, faults: { ...noFaults, ...losses } };
    }
    case "shadow":
      return { ...few, faults: { ...noFaults, stale: 0.3, vanished: 0.3 } };
    case "zombie": {
      const late = { ...few.service, usualLandingMs: 90_000 };
      const faults = { ...noFaults, stall: 0.05, serverError: 0.5 };
      return { ...few, service: late, workers: 2, stallsOnlyAsleep: true, onlyBatchesAreLost: true, faults };
    }
    case "outage":
      return {
        source: { ...source, rows: 24, pageRows: 3, writeEveryMs: 10_000 },
        service: { ...service, perMinute: 60, perMonth: null, rateUnit: "row", surface: "inline" },
        faults: { ...noFaults, outage: 0.4 },
      };
    case null:
      return {};
  }
}

/** Few rows that go and come back while whoever deletes their records stands still, and another takes over. */
function ghost(drawn: Omit<Scenario, "settings">, deletions: DeletionScenario) {
  const few = restless(drawn, createDice(drawn.seed, "ghost rows"));
  return {
    ...few,
    source: { ...few.source, rows: 3, shape: "full", sharedIdentities: false },
    service: { ...few.service, landingMs: 500, perMinute: 60 },
    deletions: { ...deletions, how: "hard", rowsGo: 0.4, rowsComeBack: 0.9, blindness: null },
    workers: 2,
    stallsOnlyAsleep: true,
    onlyBatchesAreLost: true,
    faults: { ...noFaults, stall: 0.05, stateSlow: 0.5, lostReply: 0.2 },
  } as const;
}

/** Records that others change now and then, and repairs that are cut short. What read-back would make of it is not looked at. */
function meddled({ source, service }: Omit<Scenario, "settings">): Partial<Omit<Scenario, "settings">> {
  return {
    source: { ...source, rows: 8, shape: "cursor", sharedIdentities: false, writeEveryMs: 300_000 },
    service: { ...service, perMinute: 300, perMonth: null, landingMs: 10_000, poisonStyle: "row-list" },
    faults: { ...noFaults, kill: 0.008, lostReply: 0.1, serverError: 0.1, interrupt: 0.1 },
    stormMs: 20 * 60_000,
    deathIsSeen: true,
    workers: 1,
    pauseMs: 20_000,
    retries: 0.1,
    repairs: 0.3,
  };
}

/**
 * Where the service drops what comes again, nothing else would tell. Where others change records, or a run is interrupted before
 * searches have caught up, it would tell too much.
 */
function readBackRecords({ faults, repairs, deletions, service }: Omit<Scenario, "settings">): number {
  if (repairs > 0 || (deletions !== null && service.searchLagMs > 0)) return 0;
  return faults.dropsRepeats > 0 ? 10_000 : 12;
}

/** Few rows that change all the time, and copies that land late. */
function restless({ source, service }: Pick<Scenario, "source" | "service">, dice: Dice) {
  return {
    source: { ...source, rows: dice.int(1, 4), writeEveryMs: 10_000, openMs: 50, tickMs: 1000, rowsATransaction: 2 },
    service: { ...service, perMinute: 300, perMonth: null, landingMs: 90_000, usualLandingMs: 400, surface: "async" },
    pauseMs: 4000,
    fullRuns: 0,
    limitedRuns: 0,
    workers: 1,
  } as const;
}

/** What an operator would set: longer than any copy can take, whatever the clock and the process do meanwhile. */
function lateLandingMs({ service, faults, stallsOnlyAsleep }: Omit<Scenario, "settings">): number {
  const arrival = REQUEST_TIMEOUT_MS + (faults.lateArrival > 0 ? LATE_ARRIVAL_MS : 0);
  // While a slow disk writes down that a batch leaves, the process may fall asleep.
  const stall = faults.stall > 0 && (!stallsOnlyAsleep || faults.stateSlow > 0) ? STALL_MS.most : 0;
  const jumps = faults.clockJump > 0 ? JUMPS_MS : 0;
  return service.landingMs + arrival + stall + jumps + 5000;
}

function drawSource(dice: Dice): SourceScenario {
  return {
    shape: dice.chance(0.65) ? "cursor" : "full",
    rows: dice.int(1, 24),
    pageRows: dice.int(1, 9),
    tickMs: dice.pick([1, 1000, 30_000]),
    overlapMs: dice.pick([0, 0, 0, 45_000]),
    writeEveryMs: dice.pick([10_000, 30_000, 90_000]),
    openMs: dice.pick([50, 5000, 60_000]),
    rowsATransaction: dice.int(1, 6),
    sharedIdentities: dice.chance(0.2),
    identityChanges: dice.chance(0.3),
    poison: dice.chance(0.45),
    emptyLastPage: dice.chance(0.3),
  };
}

function drawService(dice: Dice, calm: boolean): ServiceScenario {
  const perMinute = calm ? dice.pick([12, 12, 60, 1000]) : dice.pick([12, 60, 120, 300, 1000, null]);
  const landingMs = dice.pick([500, 10_000, 90_000]);
  return {
    perMinute,
    perMonth: dice.chance(calm ? 0.6 : 0.15) ? dice.int(15, 120) : null,
    rateUnit: dice.pick(["row", "call", "chunk"]),
    maxRowsPerCall: dice.pick([null, null, 3, 10]),
    chunkSize: dice.pick([1, 3]),
    landingMs,
    usualLandingMs: dice.chance(0.5) ? landingMs : 400,
    surface: dice.chance(0.08) ? "inline" : "async",
    vocabulary: dice.pick([0, 1, 2, 3]),
    listing: calm ? "complete" : dice.pick(["complete", "complete", "gaps", "absent"]),
    poisonStyle: dice.pick(["refused", "row-list", "no-list", "failed"]),
    hints: dice.chance(0.7),
    searchLagMs: 0,
  };
}
