import type { Clock } from "./clock.ts";
import type { FaultRule, Faults, FaultState } from "./faults.ts";

/** The part of Control that every stand-in has. */
export interface Steering<Knobs, Fault> {
  /** The server's present time in milliseconds. */
  now(): number;
  setClockOffset(offsetMs: number): void;
  advanceClock(durationMs: number): void;
  /** Answers the fault's id. */
  addFault(fault: Fault): number;
  removeFault(id: number): void;
  clearFaults(): void;
  faults(): readonly FaultState<Fault>[];
  knobs(): Readonly<Knobs>;
  /** Throws RangeError for an unknown knob or value. */
  setKnobs(knobs: Partial<Knobs>): void;
}

/** What steering acts on. */
export interface Steered<Knobs, Fault extends FaultRule> {
  readonly clock: Clock;
  readonly faults: Faults<Fault>;
  /** In force now. */
  knobs: Readonly<Knobs>;
}

/** `pickKnobs` throws RangeError for a value that its knob does not take. */
export function createSteering<Knobs extends object, Fault extends FaultRule>(
  world: Steered<Knobs, Fault>,
  pickKnobs: (knobs: object) => Partial<Knobs>,
): Steering<Knobs, Fault> {
  return {
    now: () => world.clock.now(),
    setClockOffset: (offsetMs) => world.clock.setOffset(offsetMs),
    advanceClock: (durationMs) => world.clock.advance(durationMs),
    addFault: (fault) => world.faults.add(fault),
    removeFault: (id) => world.faults.remove(id),
    clearFaults: () => world.faults.clear(),
    faults: () => world.faults.list(),
    knobs: () => ({ ...world.knobs }),
    setKnobs(knobs) {
      const unknown = Object.keys(knobs).filter((name) => !Object.hasOwn(world.knobs, name));
      if (unknown.length > 0) throw new RangeError(`Unknown knob ${unknown.join(", ")}`);
      world.knobs = { ...world.knobs, ...pickKnobs(knobs) };
    },
  };
}
