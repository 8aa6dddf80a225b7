import type { CustomObjectSeed } from "./custom-type.ts";
import { type StandardTypeName, standardTypeNames } from "./standard-types.ts";

/** A portal to begin with. Counts default to 0. The same seed gives the same portal. */
export interface PortalSeed extends Partial<Readonly<Record<StandardTypeName, number>>> {
  /** Default 1. */
  readonly seed?: number;
  /** Default 4242. */
  readonly portalId?: number;
  /** Default 5; of four or more the last is archived. */
  readonly owners?: number;
  readonly customObjects?: readonly CustomObjectSeed[];
  /** Records were created and modified before this moment, milliseconds since 1970. Default 1 November 2026. */
  readonly untilMs?: number;
  /** Days before `untilMs` in which they were created. Default 365. */
  readonly days?: number;
  /** Share of records that are archived. Default 0. */
  readonly archivedShare?: number;
  /** Contacts merged into their neighbour, at `untilMs`. Default 0. */
  readonly mergedContacts?: number;
  /** Records that were modified in one and the same millisecond. */
  readonly bulkUpdates?: readonly BulkUpdateSeed[];
  /** Whether types have as many properties as real ones (contacts: 380). Default true. */
  readonly fullSchemas?: boolean;
}

export interface BulkUpdateSeed {
  readonly type: StandardTypeName;
  /** So many, from the first seeded one on. */
  readonly count: number;
  readonly atMs: number;
}

export type CompletePortalSeed = Required<PortalSeed>;

const defaults: CompletePortalSeed = {
  seed: 1,
  portalId: 4242,
  owners: 5,
  customObjects: [],
  untilMs: Date.UTC(2026, 10, 1),
  days: 365,
  archivedShare: 0,
  mergedContacts: 0,
  bulkUpdates: [],
  fullSchemas: true,
  contacts: 0,
  companies: 0,
  deals: 0,
  tickets: 0,
  products: 0,
  line_items: 0,
  quotes: 0,
  tasks: 0,
  notes: 0,
  meetings: 0,
  calls: 0,
  emails: 0,
  users: 0,
  leads: 0,
};

/** A seed with everything filled in. Throws RangeError for a count that is no whole number, or a share outside 0 to 1. */
export function seedPortal(seed: PortalSeed = {}): CompletePortalSeed {
  const complete = { ...defaults, ...seed };
  for (const name of [...standardTypeNames, "owners", "mergedContacts"] as const) {
    if (!Number.isInteger(complete[name]) || complete[name] < 0) throw new RangeError(`${name} takes a whole number`);
  }
  if (!(complete.archivedShare >= 0 && complete.archivedShare <= 1)) {
    throw new RangeError("archivedShare takes a number from 0 to 1");
  }
  if (!(complete.days > 0)) throw new RangeError("days takes a number above 0");
  return complete;
}
