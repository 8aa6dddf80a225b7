import type { AppSeed } from "./auth/connected-apps.ts";
import type { UserSeed } from "./auth/users.ts";
import type { Knobs } from "./knobs.ts";
import type { OrgSeed } from "./org/org-seed.ts";

/** How to start the stand-in; every knob may be given beside the members below. */
export interface SalesforceApiOptions extends Partial<Knobs> {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: five users and no rows. */
  readonly org?: OrgSeed;
  /** Who can log in. Default: `sync@acme.example`, who sees everything. */
  readonly users?: readonly UserSeed[];
  /** Default: one app, `stand-in-client` with `stand-in-secret`, that may use every flow. */
  readonly apps?: readonly AppSeed[];
  /** Milliseconds since 1970; default Date.now. */
  readonly now?: () => number;
}
