import { DAY_MS } from "@acme/stand-in-kit";
import type { FieldType } from "./field-definition.ts";
import type { BulkUpdateSeed } from "./seed-times.ts";

/** A field added to an object, at the start or later. */
export interface FieldSeed {
  readonly name: string;
  /** Default `string`. */
  readonly type?: FieldType;
  readonly label?: string;
  readonly length?: number;
  readonly scale?: number;
  readonly richText?: boolean;
  readonly referenceTo?: readonly string[];
  readonly relationshipName?: string;
  readonly picklistValues?: readonly string[];
  readonly filterable?: boolean;
  readonly sortable?: boolean;
  /** Such as `Account.Name & " / " & LastName`: computed when read, never stamped. */
  readonly formula?: string;
  /** Rows that were seeded hold these in turn. */
  readonly values?: readonly (string | number | boolean | null)[];
}

/** A custom object. */
export interface CustomObjectSeed {
  /** With or without `__c`. */
  readonly name: string;
  /** Default: a text, a lookup to Account, a number and a date. */
  readonly fields?: readonly FieldSeed[];
  /** Seeded rows (default 0). */
  readonly rows?: number;
  /** Without these: `SystemModstamp`, and so on. */
  readonly withoutSystemFields?: readonly string[];
  /** Default true. */
  readonly bulk?: boolean;
  /** Default true. */
  readonly replicateable?: boolean;
}

/** What an org holds at the start; everything left out is 0 or has the default named. The same seed gives the same org. */
export interface OrgSeed {
  /** Seeded rows by object, such as `{Contact: 5000}`; at most 2,097,152 each. */
  readonly rows?: Readonly<Record<string, number>>;
  readonly customObjects?: readonly CustomObjectSeed[];
  /** Further fields by object. */
  readonly fields?: Readonly<Record<string, readonly FieldSeed[]>>;
  /** So many more text fields by object, named `Extra_001__c` and so on. */
  readonly extraFields?: Readonly<Record<string, number>>;
  /** So many objects without rows, named `Filler_0001__c` and so on; a real org has about 1,300 objects. */
  readonly fillerObjects?: number;
  readonly personAccounts?: number;
  /** Share of seeded rows in the bin (default 0). */
  readonly deletedShare?: number;
  /** Share of seeded tasks that are archived, and shown by queryAll only (default 0). */
  readonly archivedShare?: number;
  readonly bulkUpdates?: readonly BulkUpdateSeed[];
  /** Rows were made before it; default the beginning of the day, UTC, in which the server starts. */
  readonly untilMs?: number;
  /** And so many days before it at most (default 1000). */
  readonly days?: number;
  /** Default 1. */
  readonly seed?: number;
  /** Default 5; the first ones are those that log in. */
  readonly users?: number;
  /** 15 or 18 characters; default `00DHp0000000001`. */
  readonly organizationId?: string;
  readonly sandbox?: boolean;
}

export type CompleteOrgSeed = Required<OrgSeed>;

const DEFAULT_DAYS = 1000;

/** Fills in the defaults. Throws RangeError for numbers that make no org. */
export function seedOrg(seed: OrgSeed, nowMs: number): CompleteOrgSeed {
  for (const [object, rows] of Object.entries(seed.rows ?? {})) {
    if (!Number.isInteger(rows) || rows < 0) throw new RangeError(`rows.${object} must be a whole number, not ${rows}`);
  }
  const { deletedShare = 0 } = seed;
  if (!(deletedShare >= 0 && deletedShare <= 1)) throw new RangeError("deletedShare must lie between 0 and 1");
  return {
    rows: {},
    customObjects: [],
    fields: {},
    extraFields: {},
    fillerObjects: 0,
    personAccounts: 0,
    deletedShare,
    archivedShare: 0,
    bulkUpdates: [],
    untilMs: Math.floor(nowMs / DAY_MS) * DAY_MS,
    days: DEFAULT_DAYS,
    seed: 1,
    users: 5,
    organizationId: "00DHp0000000001",
    sandbox: false,
    ...seed,
  };
}
