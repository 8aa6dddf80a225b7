import { createServer, type Server } from "node:http";
import { isIPv6 } from "node:net";
import { getRequestListener } from "@hono/node-server";
import { ConfigError } from "@acme/sync-core";
import type { Hono } from "hono";
import { pageLimits } from "../page/page-limits.ts";

export interface RunningServer {
  /** Under which it answers on this machine, without a path. */
  readonly url: string;
  /** Takes nothing any more; what is being answered has `graceMs` to end. */
  stop(graceMs: number): Promise<void>;
}

/** How often Node looks for clients that are too slow: a multiple of this can be added to every limit. */
const LOOK_EVERY_MS = 1000;

/**
 * Listens, with bounds on what a client may cost: time for its headers and its request, size of headers, connections.
 * @throws ConfigError when the port is in use, or the address is not one of this machine.
 */
export async function startServer(
  app: Pick<Hono, "fetch">,
  where: { readonly host: string; readonly port: number },
): Promise<RunningServer> {
  const limits = pageLimits.server;
  const answer = getRequestListener(app.fetch);
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: LOOK_EVERY_MS,
      maxHeaderSize: limits.maxHeaderBytes,
    },
    (request, response) => void answer(request, response),
  );
  server.setTimeout(limits.timeoutMs);
  server.maxConnections = limits.maxConnections;
  await listen(server, where);
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : where.port;
  const host = isIPv6(where.host) ? `[${where.host}]` : where.host;
  return {
    url: `http://${host}:${port}`,
    async stop(graceMs) {
      const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
      server.closeIdleConnections();
      // Live pages never end by themselves.
      const cut = setTimeout(() => server.closeAllConnections(), graceMs);
      await closed;
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, { host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(toListenError(error, host, port)));
    server.listen({ host, port }, () => resolve());
  });
}

function toListenError(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const at = `port ${port} of ${host}`;
  const options = { cause: error, hint: "Set `runner.port` or `runner.host` in the configuration to another one." };
  if (error.code === "EADDRINUSE") {
    return new ConfigError(`runner.port: ${at} is in use by another program`, {
      cause: error,
      hint: "Stop that one (it may be another runner), or set `runner.port` to a free port.",
    });
  }
  if (error.code === "EACCES") return new ConfigError(`runner.port: ${at} may not be used by this user`, options);
  if (["EADDRNOTAVAIL", "ENOTFOUND", "EAI_AGAIN"].includes(error.code ?? ""))
    return new ConfigError(`runner.host: ${host} is no address of this machine`, options);
  return error;
}
