import type { DelayMs, SalesforceApiOptions } from "@acme/salesforce-api";
import type { ConnectorScenario } from "../connector-search/run-world.ts";
import { createDice, type Dice } from "../fault-search/simulation/dice.ts";
import { drawFaults, noFaults, type SalesforceFaults } from "./faults.ts";

/** Everything about a world that chance decides before it begins. */
export interface SalesforceScenario extends ConnectorScenario {
  readonly contacts: number;
  readonly accounts: number;
  readonly knobs: Partial<SalesforceApiOptions>;
  /** Options of the source, with lag and overlap together long enough for this org. */
  readonly source: Readonly<Record<string, number | boolean | string | readonly string[]>>;
  readonly login: "client" | "refresh" | "rotating";
  /** What `notes` is mapped from: a field of the record, of its parent, or a formula over the parent's. */
  readonly notes: "Department" | "Account.Name" | "Account_Name__c";
  /** False: nothing is ever read again in full, and nothing happens that only this would show. */
  readonly reconciles: boolean;
  readonly writers: Writers;
  readonly faults: SalesforceFaults;
  /** How far this machine's clock is ahead of Salesforce's, in milliseconds. */
  readonly skewMs: number;
  /** How long nobody looks after the storm: beyond the recycle bin, the log of deletions and the life of Bulk jobs, or not. */
  readonly absenceMs: number;
  /** Time between two runs of another sync that shares the tokens; null: there is none. */
  readonly neighbourEveryMs: number | null;
}

export interface Writers {
  readonly everyMs: number;
  readonly changesAtOnce: number;
  /** From a stamp to its being visible, at most. */
  readonly commitMs: number;
  /** Probability that a write gives a great part of the records one stamp. */
  readonly bulk: number;
  /** Deletions, merges, undeletes and purges among the writes. */
  readonly removals: number;
  /** Changes that do not move the stamp. */
  readonly silent: number;
}

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export function drawSalesforceScenario(seed: number): SalesforceScenario {
  const dice = createDice(seed, "salesforce scenario");
  const calm = dice.chance(0.15);
  const writers = drawWriters(dice);
  const reconciles = dice.chance(0.75);
  const notes = dice.pick<SalesforceScenario["notes"]>(["Department", "Account.Name", "Account_Name__c"]);
  const login = dice.pick<SalesforceScenario["login"]>(["client", "client", "refresh", "rotating", "rotating"]);
  const minutes = (...choices: readonly [number, ...number[]]): number => dice.pick(choices) * MINUTE_MS;
  return {
    seed,
    calm,
    contacts: dice.int(1, 40),
    accounts: 3,
    knobs: drawKnobs(dice, calm, login === "rotating"),
    source: {
      object: "Contact",
      relationships: notes === "Account.Name" ? ["Account"] : [],
      ...drawLag(dice, writers.commitMs),
      deletedEveryMs: (!reconciles || dice.chance(0.7)) && minutes(1, 5, 20),
      calculatedEveryMs: reconciles && minutes(5, 20),
      // What reading everything for the sake of formulas shows, too.
      reconcileEveryMs: reconciles && (notes === "Department" || dice.chance(0.5)) && minutes(5, 20, 60),
      transport: dice.pick(["rest", "bulk", "auto", "auto"]),
      bulkMinRows: dice.pick([1, 3, 12, 10_000]),
      bulkPageRows: dice.pick([1, 2, 5, 9, 20_000]),
      bulkPageBytes: dice.pick([400, 8_000_000]),
      bulkWaitMs: calm ? 30 * MINUTE_MS : minutes(1, 10, 30),
      apiShare: dice.pick([1, 0.8]),
      requestTimeoutMs: dice.pick([15_000, 150_000]),
      pageRows: dice.pick([1, 2, 3, 5, 9, 1000]),
    },
    login,
    notes,
    deletes: dice.chance(0.7),
    reconciles,
    writers,
    faults: calm ? noFaults : drawFaults(dice),
    skewMs: dice.pick([0, 0, -1, 1]) * dice.int(1000, 20 * MINUTE_MS),
    stormMs: minutes(10, 25, 40),
    absenceMs: dice.pick([0, 0, 0, 8 * DAY_MS, 20 * DAY_MS]),
    pauseMs: minutes(1, 3),
    limitedRuns: dice.pick([0, 0, 0.1]),
    fullRuns: dice.pick([0, 0, 0.05]),
    neighbourEveryMs: login === "client" || dice.chance(0.3) ? null : minutes(1, 3),
  };
}

/** Together they cover the longest commit; how they share it does not matter. Salesforce's Date header has whole seconds. */
function drawLag(dice: Dice, commitMs: number): { readonly lagMs: number; readonly overlapMs: number } {
  const inAllMs = commitMs + dice.int(2000, 60_000);
  const lagMs = Math.floor(inAllMs * dice.pick([0, 0.3, 1]));
  return { lagMs, overlapMs: inAllMs - lagMs };
}

function drawWriters(dice: Dice): Writers {
  return {
    everyMs: dice.pick([2000, 15_000, 60_000]),
    changesAtOnce: dice.int(1, 5),
    commitMs: dice.pick([0, 20_000, 5 * MINUTE_MS]),
    bulk: dice.pick([0, 0.02, 0.1]),
    removals: dice.pick([0, 0.15, 0.4]),
    silent: dice.pick([0, 0.2]),
  };
}

function drawKnobs(dice: Dice, calm: boolean, isRotating: boolean): Partial<SalesforceApiOptions> {
  const upTo = (maxMs: number): DelayMs => ({ minMs: 0, maxMs });
  return {
    seed: dice.int(1, 1_000_000),
    sessionSeconds: dice.pick([120, 900, 7200]),
    sessionRenewal: dice.chance(0.5),
    refreshRotation: isRotating,
    foreignLocator: dice.pick(["unauthorized", "invalid-locator", "serve"]),
    maxPageRows: dice.pick([1, 2, 3, 7, 2000]),
    unordered: dice.pick(["scattered", "id"]),
    cursorValues: dice.pick(["snapshot", "current"]),
    restNumbers: dice.pick(["plain", "exponent"]),
    bulkNumbers: dice.pick(["plain", "exponent"]),
    limitInfo: dice.pick(["plain", "bursts", "per-app", "absent"]),
    batchCounts: dice.pick(["each", "once"]),
    mergeTouchesChildren: dice.chance(0.5),
    undeleteTouches: dice.chance(0.7),
    replicationBeforeLog: dice.pick(["error", "partial"]),
    replicationUncovered: dice.pick(["value", "value", "error"]),
    replicationMaxIds: dice.pick([2, 600_000]),
    bulkQueuedMs: upTo(dice.pick([0, 5000, 2 * MINUTE_MS])),
    bulkRunningMs: upTo(dice.pick([0, 5000, 2 * MINUTE_MS])),
    bulkStates: dice.pick(["forward", "back-and-forth"]),
    bulkMaxPageRows: dice.pick([2, 5, 250_000]),
    bulkNull: dice.pick(["quoted", "bare"]),
    bulkEmpty: dice.pick(["header", "nothing"]),
    ...(calm
      ? {}
      : {
          dailyRequests: dice.pick([100_000, 100_000, 600]),
          bulkJobsPerDay: dice.pick([10_000, 10_000, 10]),
          queryTimeoutRows: dice.pick([null, null, 6, 20]),
          bulkTimeoutRows: dice.pick([null, null, 20]),
        }),
  };
}
