import type { Dice } from "./dice.ts";

/** Probabilities: per call of a port unless another unit is named; 0: never. */
export interface Faults {
  readonly kill: number;
  readonly stall: number;
  readonly stateFails: number;
  readonly stateTorn: number;
  readonly stateSlow: number;
  /** Per minute. */
  readonly diskFull: number;
  readonly reset: number;
  readonly refusedConnection: number;
  readonly serverError: number;
  readonly lostReply: number;
  readonly lateArrival: number;
  readonly unreadableReply: number;
  readonly needlessLimit: number;
  readonly needlessRefusal: number;
  readonly stale: number;
  readonly failed: number;
  readonly partial: number;
  readonly vanished: number;
  readonly stuck: number;
  readonly landsTwice: number;
  /** A batch that comes again is taken for the same one and dropped, and the first one with it; its event ends well. */
  readonly dropsRepeats: number;
  readonly sourceFails: number;
  /** Per minute. */
  readonly schemaChange: number;
  readonly clockJump: number;
  readonly interrupt: number;
  readonly foreignUse: number;
  readonly outOfCredits: number;
  readonly outage: number;
  readonly keyRevoked: number;
}

/** Each kind of fault is on or off for a whole world, so that rare combinations are seen as often as all at once. */
export function drawFaults(dice: Dice): Faults {
  const kinds = dice.pick([0.15, 0.4, 0.7]);
  const harshness = dice.pick([0.4, 1, 2]);
  const draw = (probability: number): number => (dice.chance(kinds) ? probability * harshness : 0);
  return {
    kill: draw(0.006),
    stall: draw(0.004),
    stateFails: draw(0.004),
    stateTorn: draw(0.004),
    stateSlow: draw(0.05),
    diskFull: draw(0.04),
    reset: draw(0.05),
    refusedConnection: draw(0.04),
    serverError: draw(0.06),
    lostReply: draw(0.06),
    lateArrival: draw(0.05),
    unreadableReply: draw(0.03),
    needlessLimit: draw(0.05),
    needlessRefusal: draw(0.02),
    stale: draw(0.05),
    failed: draw(0.04),
    partial: draw(0.06),
    vanished: draw(0.05),
    stuck: draw(0.1),
    landsTwice: draw(0.1),
    dropsRepeats: 0,
    sourceFails: draw(0.06),
    schemaChange: draw(0.03),
    clockJump: draw(0.06),
    interrupt: draw(0.08),
    foreignUse: draw(0.3),
    outOfCredits: draw(0.04),
    outage: draw(0.03),
    keyRevoked: draw(0.02),
  };
}

export const noFaults: Faults = {
  kill: 0,
  stall: 0,
  stateFails: 0,
  stateTorn: 0,
  stateSlow: 0,
  diskFull: 0,
  reset: 0,
  refusedConnection: 0,
  serverError: 0,
  lostReply: 0,
  lateArrival: 0,
  unreadableReply: 0,
  needlessLimit: 0,
  needlessRefusal: 0,
  stale: 0,
  failed: 0,
  partial: 0,
  vanished: 0,
  stuck: 0,
  landsTwice: 0,
  dropsRepeats: 0,
  sourceFails: 0,
  schemaChange: 0,
  clockJump: 0,
  interrupt: 0,
  foreignUse: 0,
  outOfCredits: 0,
  outage: 0,
  keyRevoked: 0,
};
