import type { Dice } from "../fault-search/simulation/dice.ts";

/** Probabilities: per call unless another unit is named; 0: never. */
export interface SalesforceFaults {
  readonly kill: number;
  readonly interrupt: number;
  readonly noAnswer: number;
  readonly lostAnswer: number;
  readonly slow: number;
  /** 5xx, 420, 429 and pages of HTML. */
  readonly serverError: number;
  readonly concurrency: number;
  readonly dailyLimit: number;
  readonly queryTimeout: number;
  /** The session, or all locators, end with this call. */
  readonly sessionEnds: number;
  readonly locatorsLost: number;
  /** The answer breaks off; it ends too early and says that it is whole; it stands still. */
  readonly cutOff: number;
  readonly shortBody: number;
  readonly stall: number;
  /** Per Bulk result: fewer rows than there are, or a wrong count, or none, or no locator. */
  readonly falseResult: number;
  /** Per Bulk job: it fails. */
  readonly jobFails: number;
  /** Per minute: somebody aborts or deletes all jobs. */
  readonly jobsRemoved: number;
  /** Per minute: the log of deletions loses its beginning. */
  readonly logTrimmed: number;
  /** Per minute: Salesforce chooses other pages. */
  readonly otherPages: number;
}

const none = {
  kill: 0,
  interrupt: 0,
  noAnswer: 0,
  lostAnswer: 0,
  slow: 0,
  serverError: 0,
  concurrency: 0,
  dailyLimit: 0,
  queryTimeout: 0,
  sessionEnds: 0,
  locatorsLost: 0,
  cutOff: 0,
  shortBody: 0,
  stall: 0,
  falseResult: 0,
  jobFails: 0,
  jobsRemoved: 0,
  logTrimmed: 0,
  otherPages: 0,
};
export const noFaults: SalesforceFaults = none;

/** Each kind of fault is on or off for a whole world, so that rare combinations are seen as often as all at once. */
export function drawFaults(dice: Dice): SalesforceFaults {
  const kinds = dice.pick([0.2, 0.5]);
  const draw = (probability: number): number => (dice.chance(kinds) ? probability : 0);
  return {
    kill: draw(0.02),
    interrupt: draw(0.02),
    noAnswer: draw(0.05),
    lostAnswer: draw(0.05),
    slow: draw(0.1),
    serverError: draw(0.06),
    concurrency: draw(0.03),
    dailyLimit: draw(0.01),
    queryTimeout: draw(0.04),
    sessionEnds: draw(0.04),
    locatorsLost: draw(0.04),
    cutOff: draw(0.04),
    shortBody: draw(0.05),
    stall: draw(0.02),
    falseResult: draw(0.15),
    jobFails: draw(0.1),
    jobsRemoved: draw(0.05),
    logTrimmed: draw(0.03),
    otherPages: draw(0.2),
  };
}
