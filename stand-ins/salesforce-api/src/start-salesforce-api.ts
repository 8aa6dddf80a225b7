import { createAdminListener, type StandInServer, startServer } from "@acme/stand-in-kit";
import { createActions } from "./admin-actions.ts";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import type { SalesforceApiOptions } from "./options.ts";
import { createRequestListener, toDefect } from "./request-listener.ts";

/** A running server; its `url` is login and instance address both. */
export interface SalesforceApi extends StandInServer {
  /** In-process form of the admin routes. */
  readonly control: Control;
}

// Far above Salesforce's own limit, so that 414 and 431 are ours.
const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * Starts the stand-in on loopback. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"), with
 * RangeError for an unknown knob value or an impossible org.
 */
export async function startSalesforceApi(options: SalesforceApiOptions = {}): Promise<SalesforceApi> {
  const world = createWorld(options);
  const control = createControl(world);
  const server = await startServer({
    port: options.port,
    host: options.host,
    maxHeaderBytes: MAX_HEADER_BYTES,
    clock: world.clock,
    listen: createRequestListener(world),
    administer: createAdminListener(createActions(control), { rows: (body) => control.eachRow(body) }),
    toDefect,
  });
  return { ...server, control };
}
