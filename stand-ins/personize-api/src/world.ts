import { type Clock, createRandom, type Faults, type RequestLog } from "@acme/stand-in-kit";
import type { Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import { settle } from "./landing.ts";
import { Organization, type OrganizationSeed } from "./organization.ts";
import type { RequestEntry } from "./request-entry.ts";
import type { RowFailures } from "./row-failure.ts";

/** Everything the server knows; one per server. */
export interface World {
  readonly clock: Clock;
  /** In force now. */
  knobs: Knobs;
  /** In force at the start; `reset` returns to them. */
  readonly startKnobs: Readonly<Knobs>;
  random: () => number;
  readonly faults: Faults<Fault>;
  readonly rowFailures: RowFailures;
  readonly requestLog: RequestLog<RequestEntry>;
  readonly seeds: readonly OrganizationSeed[];
  organizations: readonly Organization[];
  organizationsByKey: ReadonlyMap<string, Organization>;
  /** Set by everything that changes what the store file holds. */
  changed: boolean;
}

/** Puts fresh organizations in place, as the seeds describe them. */
export function populate(world: World): void {
  const nowMs = world.clock.now();
  world.organizations = world.seeds.map((seed, index) => new Organization(seed, index, nowMs));
  world.random = createRandom(world.knobs.seed);
  indexKeys(world);
}

/** To be called after keys changed. */
export function indexKeys(world: World): void {
  const byKey = new Map<string, Organization>();
  for (const organization of world.organizations) for (const key of organization.keys) byKey.set(key, organization);
  world.organizationsByKey = byKey;
}

/** Lands everything that is due. */
export function settleWorld(world: World): void {
  const nowMs = world.clock.now();
  for (const organization of world.organizations) settle(organization, world, nowMs);
}

/** The organization with this id; without one, the first. Throws RangeError when there is none. */
export function findOrganization(world: World, organizationId?: string): Organization {
  const organization =
    organizationId === undefined
      ? world.organizations[0]
      : world.organizations.find((candidate) => candidate.id === organizationId);
  if (organization === undefined) throw new RangeError(`No organization ${organizationId ?? ""}`);
  return organization;
}
