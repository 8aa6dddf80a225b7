import { Heap } from "@acme/stand-in-kit";
import type { ApiEvent } from "./api-event.ts";
import type { CollectionSeed } from "./collection.ts";
import { Collections } from "./collections.ts";
import { defaultCollections } from "./default-collections.ts";
import type { LandingTask } from "./landing-task.ts";
import { type Plan, type PlanSeed, toPlan } from "./plans.ts";
import { Records } from "./records.ts";
import { UnitHistory } from "./unit-history.ts";
import { UnitWindow } from "./unit-window.ts";

/** An organization to start with. */
export interface OrganizationSeed {
  readonly id?: string;
  readonly name?: string;
  /** Default `["sk_test_demo"]`. */
  readonly keys?: readonly string[];
  /** Default "free". */
  readonly plan?: PlanSeed;
  /** Default 100,000. */
  readonly credits?: number;
  /** Default: the collections of `defaultCollections`. An empty list makes an empty organization. */
  readonly collections?: readonly CollectionSeed[];
}

/** Running totals of one organization. */
export interface Totals {
  requests: number;
  rowsReceived: number;
  rowsLanded: number;
  rowsFailed: number;
  rowsOrphaned: number;
  creditsCharged: number;
  aiCharacters: number;
  rateLimitedPerMinute: number;
  rateLimitedPerMonth: number;
  rateLimitedByConcurrency: number;
}

/** A memory without a record, kept where no digest looks. */
export interface OrphanMemory {
  readonly text: string;
  readonly createdAtMs: number;
  readonly type: string;
}

/** Everything one organization owns. Keys never cross organizations. */
export class Organization {
  readonly id: string;
  readonly name: string;
  readonly seed: OrganizationSeed;
  readonly keys: Set<string>;
  plan: Plan;
  credits: number;
  readonly includedCredits: number;
  reservedCredits = 0;
  readonly collections: Collections;
  readonly records: Records;
  readonly orphans: OrphanMemory[] = [];
  /** In order of acceptance. */
  readonly events = new Map<string, ApiEvent>();
  readonly tasks = new Heap<LandingTask>();
  sequence = 0;
  readonly minute = new UnitWindow();
  readonly history = new UnitHistory();
  /** Calendar month (UTC) that `monthUnits` belongs to, such as "2026-11". */
  month = "";
  monthUnits = 0;
  inFlight = 0;
  readonly totals: Totals = createTotals();

  constructor(seed: OrganizationSeed, index: number, nowMs: number) {
    this.seed = seed;
    this.id = seed.id ?? `org_${index + 1}`;
    this.name = seed.name ?? `Organization ${index + 1}`;
    this.keys = new Set(seed.keys ?? ["sk_test_demo"]);
    this.plan = toPlan(seed.plan ?? "free");
    this.includedCredits = seed.credits ?? 100_000;
    this.credits = this.includedCredits;
    this.collections = new Collections(this.id);
    this.records = new Records(this.id);
    for (const collection of seed.collections ?? defaultCollections) this.collections.put(collection, nowMs);
  }
}

function createTotals(): Totals {
  return {
    requests: 0,
    rowsReceived: 0,
    rowsLanded: 0,
    rowsFailed: 0,
    rowsOrphaned: 0,
    creditsCharged: 0,
    aiCharacters: 0,
    rateLimitedPerMinute: 0,
    rateLimitedPerMonth: 0,
    rateLimitedByConcurrency: 0,
  };
}
