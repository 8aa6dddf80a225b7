import { STALL_MS } from "./scenario.ts";
import { unaborted, type World } from "./world.ts";

/** A process of the host: everything that its engine asks of the outside goes through here, so that it can die or stand still. */
export interface SimulatedProcess {
  readonly name: string;
  /** Resolves when it has been killed. */
  readonly died: Promise<void>;
  isDead(): boolean;
  /**
   * One call of a port. Once the process is dead no call has an effect and none ever returns; what was on its way to others
   * when it died goes on.
   */
  call<T>(what: string, effect: () => Promise<T>): Promise<T>;
}

/** Sleeps are many, since progress is told every second. */
const SLEEP_SHARE = 0.1;
/** More calls than any scenario needs: the engine is going round in circles. */
const MAX_CALLS = 60_000;

export function createProcess(world: World, name: string): SimulatedProcess {
  const { clock, timeline } = world;
  const { kill, stall } = world.scenario.faults;
  const dice = world.dice(`process ${name}`);
  let dead = false;
  let calls = 0;
  let frozenUntil = 0;
  let reportDeath = (): void => undefined;
  const died = new Promise<void>((resolve) => {
    reportDeath = resolve;
  });

  function die(when: string): void {
    dead = true;
    timeline.note(name, () => `is killed ${when}`);
    reportDeath();
  }

  function maybeStall(what: string, share: number): void {
    const isExempt = world.scenario.stallsOnlyAsleep && what !== "sleep";
    const probability = world.scenario.stallsOnlyAsleep ? stall : stall * share;
    if (!world.isStormy() || isExempt || !dice.chance(probability) || frozenUntil > clock.now()) return;
    const ms = dice.int(STALL_MS.least, STALL_MS.most);
    frozenUntil = clock.now() + ms;
    timeline.note(name, () => `stands still for ${ms / 1000} s after "${what}"`);
  }

  /** What everything waits for before the process learns of it. */
  async function wake(): Promise<void> {
    while (frozenUntil > clock.now()) await clock.sleep(frozenUntil - clock.now(), unaborted);
    if (dead) await never();
  }

  return {
    name,
    died,
    isDead: () => dead,
    async call(what, effect) {
      if (dead) return await never();
      calls += 1;
      if (calls === MAX_CALLS) {
        world.problem(`${name} made ${MAX_CALLS} calls in one run, the last of them "${what}"`);
        die("because it never ends");
      }
      const share = what === "sleep" ? SLEEP_SHARE : 1;
      const fate = world.isStormy() ? dice.float() : 1;
      if (fate < (kill * share) / 2) {
        die(`before "${what}"`);
        return await never();
      }
      try {
        const result = await effect();
        if (!dead && fate < kill * share) die(`after "${what}"`);
        if (!dead) maybeStall(what, share);
        return result;
      } finally {
        await wake();
      }
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
