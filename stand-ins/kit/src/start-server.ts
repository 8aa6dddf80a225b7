import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { ADMIN_PREFIX } from "./admin.ts";
import type { Clock } from "./clock.ts";

/** A running server. */
export interface StandInServer {
  /** Such as `http://127.0.0.1:4243`, without a slash at the end. */
  readonly url: string;
  readonly port: number;
  /** Ends every open connection without warning, requests under way included. New ones are taken. */
  cutConnections(): void;
  /** Ends open connections. Resolves when the port is free. */
  close(): Promise<void>;
}

export interface Listening {
  /** Default 0: any free port. */
  readonly port: number | undefined;
  /** Default `127.0.0.1`. */
  readonly host: string | undefined;
  /** Longer headers are a bare 431. */
  readonly maxHeaderBytes: number;
  /** What answers are dated by, where readers may look; by default the machine's clock. */
  readonly clock?: Clock;
  /** Answers one request of the API proper. */
  readonly listen: (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;
  /** Answers one admin route. */
  readonly administer: (request: IncomingMessage, response: ServerResponse, path: string) => Promise<void>;
  /** The body of the 500 that tells of a defect of the stand-in itself. */
  readonly toDefect: (message: string) => unknown;
  /** Called once, when the port is free again; what it throws, `close` rejects with. */
  readonly closed?: () => void;
}

// Longer than any client's, so that a reused connection is not closed under a request.
const KEEP_ALIVE_MS = 120_000;

/** Starts serving. Rejects with the system's error when the port is taken (`code` "EADDRINUSE"). */
export async function startServer(listening: Listening): Promise<StandInServer> {
  const { maxHeaderBytes, clock, listen, administer, toDefect } = listening;
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (clock !== undefined) response.setHeader("Date", new Date(clock.now()).toUTCString());
    const url = toUrl(request.url ?? "/");
    await (url.pathname.startsWith(ADMIN_PREFIX)
      ? administer(request, response, url.pathname)
      : listen(request, response, url));
  };
  const server = createServer({ maxHeaderSize: maxHeaderBytes, keepAlive: true }, (request, response) => {
    serve(request, response).catch((error: unknown) => {
      if (response.headersSent) {
        response.destroy();
        return;
      }
      const message = `Defect of the stand-in: ${error instanceof Error ? error.message : String(error)}`;
      response.writeHead(500, { "Content-Type": "application/json" }).end(JSON.stringify(toDefect(message)));
    });
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.headersTimeout = KEEP_ALIVE_MS + 1000;

  const host = listening.host ?? "127.0.0.1";
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(listening.port ?? 0, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  let closing: Promise<void> | undefined;
  return {
    url: `http://${host}:${port}`,
    port,
    cutConnections: () => server.closeAllConnections(),
    close() {
      closing ??= new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }).then(() => listening.closed?.());
      return closing;
    },
  };
}

/** A path that begins with two slashes is a path, not a host. */
function toUrl(target: string): URL {
  return target.startsWith("/") ? new URL(`http://stand-in${target}`) : new URL(target, "http://stand-in");
}
