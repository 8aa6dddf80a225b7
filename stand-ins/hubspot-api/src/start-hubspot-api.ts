import { createAdminListener, type StandInServer, startServer } from "@acme/stand-in-kit";
import { createActions } from "./admin-actions.ts";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import type { HubspotApiOptions } from "./options.ts";
import { createRequestListener, toDefect } from "./request-listener.ts";

/** A running server. */
export interface HubspotApi extends StandInServer {
  /** In-process form of the admin routes. */
  readonly control: Control;
}

// Far above the URL limit, so that the 414 is ours and not a bare 431.
const MAX_HEADER_BYTES = 1024 * 1024;

/**
 * Starts the stand-in on loopback. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"), with
 * RangeError for an unknown knob value or an impossible portal.
 */
export async function startHubspotApi(options: HubspotApiOptions = {}): Promise<HubspotApi> {
  const world = createWorld(options);
  const control = createControl(world);
  const server = await startServer({
    port: options.port,
    host: options.host,
    maxHeaderBytes: MAX_HEADER_BYTES,
    clock: world.clock,
    listen: createRequestListener(world),
    administer: createAdminListener(createActions(control), { records: (body) => control.eachRecord(body) }),
    toDefect,
  });
  return { ...server, control };
}
