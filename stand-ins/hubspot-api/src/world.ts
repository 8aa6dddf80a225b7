import { type Clock, createRandom, type Faults, type RequestLog } from "@acme/stand-in-kit";
import { type AppSeed, Apps } from "./auth/apps.ts";
import { Counters } from "./counters.ts";
import type { Fault } from "./faults.ts";
import type { Knobs } from "./knobs.ts";
import { Limiter } from "./limits/limiter.ts";
import { createPortal } from "./portal/create-portal.ts";
import { mergeRecords } from "./portal/merge-records.ts";
import type { Portal } from "./portal/portal.ts";
import { type CompletePortalSeed } from "./portal/portal-seed.ts";
import type { ChangeContext } from "./portal/record-changes.ts";
import type { RequestEntry } from "./request-entry.ts";

/** Everything the server knows; one per server. */
export interface World {
  readonly clock: Clock;
  /** In force now. */
  knobs: Readonly<Knobs>;
  /** In force at the start; `reset` returns to them. */
  readonly startKnobs: Readonly<Knobs>;
  readonly faults: Faults<Fault>;
  readonly requestLog: RequestLog<RequestEntry>;
  readonly portalSeed: CompletePortalSeed;
  readonly appSeeds: readonly AppSeed[];
  random: () => number;
  portal: Portal;
  apps: Apps;
  limiter: Limiter;
  counters: Counters;
}

/** A fresh state, as the seeds describe it. */
export function populate(portalSeed: CompletePortalSeed, appSeeds: readonly AppSeed[], knobs: Readonly<Knobs>) {
  const portal = createPortal(portalSeed);
  const random = createRandom(knobs.seed);
  mergeSeeded(portal, portalSeed, { ...knobs, indexLagMs: 0 }, random);
  const apps = new Apps();
  for (const seed of appSeeds) apps.add(seed);
  return { portal, apps, random, limiter: new Limiter(), counters: new Counters() };
}

/** What a change made now by `sourceType` needs to know. `atMs` sets another time than now. */
export function toChangeContext(world: World, sourceType: string, atMs = world.clock.now()): ChangeContext {
  return { portal: world.portal, knobs: world.knobs, random: world.random, nowMs: atMs, sourceType };
}

function mergeSeeded(portal: Portal, seed: CompletePortalSeed, knobs: Readonly<Knobs>, random: () => number): void {
  const type = portal.type("contacts");
  const context: ChangeContext = { portal, knobs, random, nowMs: seed.untilMs, sourceType: "MERGE_OBJECTS" };
  const live = type.records.seeded().filter((record) => record.current.state === "live");
  for (let pair = 0; pair < seed.mergedContacts; pair += 1) {
    const [primary, loser] = [live[pair * 2], live[pair * 2 + 1]];
    if (primary !== undefined && loser !== undefined) mergeRecords(context, type, primary, loser);
  }
}
