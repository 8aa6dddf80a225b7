import { Clock, Faults, RequestLog } from "@acme/stand-in-kit";
import { faultKinds } from "./faults.ts";
import { defaultKnobs, pickKnobs } from "./knobs.ts";
import type { HubspotApiOptions } from "./options.ts";
import { seedPortal } from "./portal/portal-seed.ts";
import { populate, type World } from "./world.ts";

/** Everything that a stand-in knows, as it is at the start. Throws RangeError for an unknown knob value or an impossible portal. */
export function createWorld(options: HubspotApiOptions): World {
  const knobs = { ...defaultKnobs, ...pickKnobs(options) };
  const portalSeed = seedPortal(options.portal);
  const appSeeds = options.apps ?? [{ kind: "private-app" as const }, { kind: "oauth" as const }];
  return {
    clock: new Clock(options.now ?? Date.now),
    knobs,
    startKnobs: knobs,
    faults: new Faults(faultKinds),
    requestLog: new RequestLog(),
    portalSeed,
    appSeeds,
    ...populate(portalSeed, appSeeds, knobs),
  };
}
