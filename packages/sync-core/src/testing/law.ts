import type { Lab } from "./lab.ts";
import type { Ability } from "./source-harness.ts";

/** One thing that every source keeps to. */
export interface Law {
  /** Reads on from "a source …". */
  readonly name: string;
  /** What the harness must be able to do for it. */
  readonly needs: readonly Ability[];
  /** @throws BrokenLaw, or whatever the source threw, when it does not hold. */
  check(lab: Lab): Promise<void>;
}
