import { Clock, Faults, RequestLog } from "@acme/stand-in-kit";
import { faultKinds } from "./faults.ts";
import { defaultKnobs, pickKnobs } from "./knobs.ts";
import type { SalesforceApiOptions } from "./options.ts";
import { seedOrg } from "./org/org-seed.ts";
import { World } from "./world.ts";

/** Everything that a stand-in knows, as it is at the start. Throws RangeError for an unknown knob value or an impossible org. */
export function createWorld(options: SalesforceApiOptions): World {
  const clock = new Clock(options.now ?? Date.now);
  return new World({
    clock,
    knobs: { ...defaultKnobs, ...pickKnobs(options) },
    faults: new Faults(faultKinds),
    requestLog: new RequestLog(),
    orgSeed: seedOrg(options.org ?? {}, clock.now()),
    userSeeds: options.users ?? [{}],
    appSeeds: options.apps ?? [{}],
  });
}
