import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMIN_PREFIX, createAdminListener } from "./admin.ts";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import type { SalesforceApiOptions } from "./options.ts";
import { createRequestListener, toInternalError } from "./request-listener.ts";

/** A running server. */
export interface SalesforceApi {
  /** Such as `http://127.0.0.1:4244`, without a slash at the end; login and instance address both. */
  readonly url: string;
  readonly port: number;
  /** In-process form of the admin routes. */
  readonly control: Control;
  /** Ends open connections. Resolves when the port is free. */
  close(): Promise<void>;
}

// Far above Salesforce's own limit, so that 414 and 431 are ours.
const MAX_HEADER_BYTES = 1024 * 1024;
// Longer than any client's, so that a reused connection is not closed under a request.
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the stand-in on loopback. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"), with
 * RangeError for an unknown knob value or an impossible org.
 */
export async function startSalesforceApi(options: SalesforceApiOptions = {}): Promise<SalesforceApi> {
  const world = createWorld(options);
  const control = createControl(world);
  const listen = createRequestListener(world);
  const administer = createAdminListener(control);

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAlive: true }, (request, response) => {
    response.sendDate = false;
    response.setHeader("Date", new Date(world.clock.now()).toUTCString());
    const url = new URL(`http://stand-in${request.url ?? "/"}`);
    const done = url.pathname.startsWith(ADMIN_PREFIX)
      ? administer(request, response, url.pathname)
      : listen(request, response, url);
    done.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else response.writeHead(500, { "Content-Type": "application/json" }).end(JSON.stringify(toInternalError(error)));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000;

  const host = options.host ?? "127.0.0.1";
  const port = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.port ?? 0, host, () => {
      server.off("error", reject);
      resolve(toPort(server.address()));
    });
  });

  let closing: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}`,
    port,
    control,
    close() {
      closing ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      return closing;
    },
  };
}

function toPort(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
