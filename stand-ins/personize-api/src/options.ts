import type { Knobs } from "./knobs.ts";
import type { OrganizationSeed } from "./organization.ts";

/** How to start the stand-in; every knob may be given beside the members below. */
export interface PersonizeApiOptions extends Partial<Knobs> {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: one organization on the free plan with key "sk_test_demo" and the default collections. */
  readonly organizations?: readonly OrganizationSeed[];
  /** A file the store is read from at the start and written to; without it everything is forgotten at the end. */
  readonly file?: string;
  /** How often a changed store is written to `file` while running; 0 means only on close. Default 2000. */
  readonly saveEveryMs?: number;
  /** Milliseconds since 1970; default Date.now. */
  readonly now?: () => number;
}
