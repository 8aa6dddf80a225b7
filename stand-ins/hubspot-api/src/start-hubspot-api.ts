import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ADMIN_PREFIX, createAdminListener } from "./admin.ts";
import type { Control } from "./control.ts";
import { createControl } from "./create-control.ts";
import { createWorld } from "./create-world.ts";
import type { HubspotApiOptions } from "./options.ts";
import { createRequestListener, toInternalErrorReply } from "./request-listener.ts";

/** A running server. */
export interface HubspotApi {
  /** Such as `http://127.0.0.1:4243`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** In-process form of the admin routes. */
  readonly control: Control;
  /** Ends every open connection without warning, requests under way included. New ones are taken. */
  cutConnections(): void;
  /** Ends open connections. Resolves when the port is free. */
  close(): Promise<void>;
}

// Far above the URL limit, so that the 414 is ours and not a bare 431.
const MAX_HEADER_BYTES = 1024 * 1024;
// Longer than any client's, so that a reused connection is not closed under a request.
const KEEP_ALIVE_MS = 120_000;

/**
 * Starts the stand-in on loopback. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"), with
 * RangeError for an unknown knob value or an impossible portal.
 */
export async function startHubspotApi(options: HubspotApiOptions = {}): Promise<HubspotApi> {
  const world = createWorld(options);
  const control = createControl(world);
  const listen = createRequestListener(world);
  const administer = createAdminListener(control);

  const server = createServer({ maxHeaderSize: MAX_HEADER_BYTES, keepAlive: true }, (request, response) => {
    const url = new URL(request.url ?? "/", "http://stand-in");
    const done = url.pathname.startsWith(ADMIN_PREFIX)
      ? administer(request, response, url.pathname)
      : listen(request, response, url);
    done.catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else
        response
          .writeHead(500, { "Content-Type": "application/json" })
          .end(JSON.stringify(toInternalErrorReply(error).body));
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
    cutConnections: () => server.closeAllConnections(),
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
