import type { HubspotApiOptions } from "@acme/hubspot-api";
import { createDice, type Dice } from "../fault-search/simulation/dice.ts";

/** Everything about a world that chance decides before it begins. */
export interface HubspotScenario {
  readonly seed: number;
  /** No fault of any kind: a run must be perfect. */
  readonly calm: boolean;
  readonly contacts: number;
  readonly companies: number;
  readonly knobs: Partial<HubspotApiOptions>;
  /** Options of the source, with every lag long enough for this portal. */
  readonly source: Readonly<Record<string, number | boolean>>;
  readonly mapsAssociations: boolean;
  readonly mapsCalculated: boolean;
  readonly deletes: boolean;
  /** False: nothing is ever read again in full, and nothing happens that only this would show. */
  readonly reconciles: boolean;
  readonly writers: Writers;
  readonly faults: HubspotFaults;
  readonly stormMs: number;
  readonly pauseMs: number;
  readonly limitedRuns: number;
  readonly fullRuns: number;
}

export interface Writers {
  /** Modified dates are whole multiples of it: the coarser, the more ties. */
  readonly tickMs: number;
  readonly everyMs: number;
  readonly changesAtOnce: number;
  /** Probability that a write gives a great part of the records one modified date. */
  readonly bulk: number;
  /** Archives, merges, restores and deletions among the writes. */
  readonly removals: number;
  /** Changes that do not move the modified date. */
  readonly silent: number;
}

/** Probabilities per call. */
export interface HubspotFaults {
  readonly kill: number;
  readonly noAnswer: number;
  readonly lostAnswer: number;
  readonly serverError: number;
  readonly edgePage: number;
  readonly locked: number;
  readonly tooFast: number;
  readonly cutOff: number;
  readonly shortPage: number;
  readonly interrupt: number;
  readonly slow: number;
}

const none: HubspotFaults = {
  kill: 0,
  noAnswer: 0,
  lostAnswer: 0,
  serverError: 0,
  edgePage: 0,
  locked: 0,
  tooFast: 0,
  cutOff: 0,
  shortPage: 0,
  interrupt: 0,
  slow: 0,
};

const MINUTE_MS = 60_000;

export function drawHubspotScenario(seed: number): HubspotScenario {
  const dice = createDice(seed, "hubspot scenario");
  const calm = dice.chance(0.15);
  const writers = drawWriters(dice);
  const mostLagMs = dice.pick([0, 20_000, 5 * MINUTE_MS]);
  const reconciles = dice.chance(0.8);
  const minutes = (...choices: readonly [number, ...number[]]): number => dice.pick(choices) * MINUTE_MS;
  return {
    seed,
    calm,
    contacts: dice.int(1, 40),
    companies: 3,
    knobs: drawKnobs(dice, mostLagMs),
    source: {
      // A date may be as much older than its change as a tick is long; HubSpot's Date header has whole seconds.
      lagMs: mostLagMs + writers.tickMs + dice.int(2000, 60_000),
      // A change may be dated before a pass that was over when it was made: what an overlap is for.
      overlapMs: writers.tickMs + dice.pick([0, 1000, 60_000]),
      exactEveryMs: dice.pick([0, 60_000, 600_000]),
      live: dice.chance(0.7),
      liveOverlapMs: dice.pick([0, 1000, 300_000]),
      archivedEveryMs: minutes(1, 10),
      mergedEveryMs: minutes(1, 10),
      associationsEveryMs: reconciles && minutes(5, 20),
      calculatedEveryMs: reconciles && minutes(5, 20),
      reconcileEveryMs: reconciles && minutes(5, 20, 60),
      pageRows: dice.pick([1, 2, 3, 5, 9, 1000]),
    },
    mapsAssociations: reconciles && dice.chance(0.4),
    mapsCalculated: reconciles && dice.chance(0.3),
    deletes: dice.chance(0.6),
    reconciles,
    writers,
    faults: calm ? none : drawFaults(dice),
    stormMs: minutes(10, 25, 40),
    pauseMs: minutes(1, 3),
    limitedRuns: dice.pick([0, 0, 0.1]),
    fullRuns: dice.pick([0, 0, 0.05]),
  };
}

function drawWriters(dice: Dice): Writers {
  return {
    tickMs: dice.pick([1, 1000, 10_000]),
    everyMs: dice.pick([2000, 15_000, 60_000]),
    changesAtOnce: dice.int(1, 5),
    bulk: dice.pick([0, 0.02, 0.1]),
    removals: dice.pick([0, 0.1, 0.3]),
    silent: dice.pick([0, 0.2]),
  };
}

function drawKnobs(dice: Dice, mostLagMs: number): Partial<HubspotApiOptions> {
  return {
    seed: dice.int(1, 1_000_000),
    indexLagMs: { minMs: 0, maxMs: mostLagMs },
    tieOrder: dice.pick(["id", "arbitrary", "unstable"]),
    searchValues: dice.pick(["current", "indexed"]),
    removedInSearch: dice.pick(["absent", "shown", "thinned"]),
    idOrder: dice.pick(["numeric", "text"]),
    // Nothing lies behind the first page of a search: whoever pages is refused.
    searchWindow: dice.pick([200, 10_000]),
    listPages: dice.pick(["full", "thinned"]),
    batchReadOrder: dice.pick(["input", "id", "arbitrary"]),
    mergedBatchRead: dice.pick(["survivor", "survivor-of-contacts"]),
    mergeResult: dice.pick(["primary", "new"]),
    emptyValue: dice.pick(["null", "empty-text", "omitted"]),
    datetimeForm: dice.pick(["iso", "milliseconds", "mixed"]),
    inlineAssociations: dice.pick(["per-type", "unique"]),
    associationTouches: dice.chance(0.5),
    restoreTouches: dice.chance(0.5),
    associationPageSize: dice.pick([1, 3, 500]),
  };
}

/** Each kind of fault is on or off for a whole world, so that rare combinations are seen as often as all at once. */
function drawFaults(dice: Dice): HubspotFaults {
  const kinds = dice.pick([0.2, 0.5]);
  const draw = (probability: number): number => (dice.chance(kinds) ? probability : 0);
  return {
    kill: draw(0.02),
    noAnswer: draw(0.05),
    lostAnswer: draw(0.05),
    serverError: draw(0.06),
    edgePage: draw(0.04),
    locked: draw(0.03),
    tooFast: draw(0.05),
    cutOff: draw(0.04),
    shortPage: draw(0.1),
    interrupt: draw(0.02),
    slow: draw(0.1),
  };
}
