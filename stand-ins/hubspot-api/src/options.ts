import type { AppSeed } from "./auth/apps.ts";
import type { Knobs } from "./knobs.ts";
import type { PortalSeed } from "./portal/portal-seed.ts";

/** How to start the stand-in; every knob may be given beside the members below. */
export interface HubspotApiOptions extends Partial<Knobs> {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Default: an account with five owners and no records. */
  readonly portal?: PortalSeed;
  /** Default: a private app with token "pat-eu1-stand-in" and an OAuth app, both with every scope. */
  readonly apps?: readonly AppSeed[];
  /** Milliseconds since 1970; default Date.now. */
  readonly now?: () => number;
}
