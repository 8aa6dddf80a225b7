import {
  createVirtualRuntime,
  type VirtualRuntime,
} from "../../../../packages/sync-core/src/testing/virtual-runtime.ts";
import { createDice, type Dice } from "./dice.ts";
import type { Scenario } from "./scenario.ts";
import { createTimeline, type Timeline } from "./timeline.ts";

/** What all parts of one simulated world share: true time, the host's clock, chance, and a list of what was found wrong. */
export interface World {
  readonly scenario: Scenario;
  /** True time. The source, the service and the network live by it. */
  readonly clock: VirtualRuntime;
  /** What the host's clock shows: true time and every jump so far. */
  hostNow(): number;
  jump(ms: number): void;
  readonly timeline: Timeline;
  dice(part: string): Dice;
  /** True while faults may happen. */
  isStormy(): boolean;
  endStorm(): void;
  /** Something that must never be, in one sentence. */
  problem(text: string): void;
  problems(): readonly string[];
}

const START_AT = Date.UTC(2026, 2, 3, 9);
const MAX_PROBLEMS = 12;

export function createWorld(scenario: Scenario, told: boolean): World {
  const clock = createVirtualRuntime({ seed: scenario.seed, startAt: START_AT, turns: 1 });
  const timeline = createTimeline(told, () => clock.now() - START_AT);
  const problems: string[] = [];
  let offsetMs = 0;
  let stormy = true;
  return {
    scenario,
    clock,
    timeline,
    hostNow: () => clock.now() + offsetMs,
    jump(ms) {
      offsetMs += ms;
      timeline.note("clock", () => `the host's clock jumps by ${ms / 1000} s`);
    },
    dice: (part) => createDice(scenario.seed, part),
    isStormy: () => stormy,
    endStorm() {
      stormy = false;
      timeline.note("world", () => "the storm is over: no faults and no writes from here on");
    },
    problem(text) {
      timeline.note("PROBLEM", () => text);
      if (problems.length < MAX_PROBLEMS) problems.push(text);
    },
    problems: () => problems,
  };
}

/** For sleeps that nobody cuts short. */
export const unaborted: AbortSignal = new AbortController().signal;
