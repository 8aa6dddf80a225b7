import { randomBytes } from "node:crypto";
import { createServer, type Server } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { createPage, type PageParts } from "../create-page.ts";
import { pageLimits } from "../page-limits.ts";
import type { PageAccess } from "../access/page-access.ts";
import { createSampleRunner, type SampleRunner } from "./sample-runner.ts";
import type { Scene } from "./sample-syncs.ts";
import { usual } from "./scenes.ts";

export const TOKEN = "t0ken-of-the-tests-0123456789";
export const LOCAL: PageAccess = { isLoopbackOnly: true, token: null, basic: null, publicUrl: null, trustedProxies: 0 };
export const WITH_TOKEN: PageAccess = { ...LOCAL, token: TOKEN };

type ServerLimits = Readonly<Record<keyof typeof pageLimits.server, number>>;

export interface Served extends AsyncDisposable {
  readonly port: number;
  readonly origin: string;
  readonly runner: SampleRunner;
  readonly errors: unknown[];
  readonly server: Server;
}

/** The page on a real server at a port of the system's choice, with the limits that it asks for. */
export async function servePage(
  scene: Scene = usual,
  access: PageAccess = LOCAL,
  { serverLimits, ...parts }: Partial<PageParts> & { readonly serverLimits?: Partial<ServerLimits> } = {},
): Promise<Served> {
  const now = parts.now ?? (() => Date.now());
  const runner = createSampleRunner(scene, now);
  const errors: unknown[] = [];
  const page = createPage({
    view: runner.view,
    actions: runner.actions,
    access,
    now,
    random: (bytes) => randomBytes(bytes),
    onError: (error) => errors.push(error),
    ...parts,
  });
  const limits: ServerLimits = { ...pageLimits.server, ...serverLimits };
  const listener = getRequestListener(page.fetch);
  const server = createServer(
    {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
      maxHeaderSize: limits.maxHeaderBytes,
    },
    (incoming, outgoing) => void listener(incoming, outgoing),
  );
  server.setTimeout(limits.timeoutMs);
  server.maxConnections = limits.maxConnections;
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = portOf(server);
  return {
    port,
    origin: `http://127.0.0.1:${port}`,
    runner,
    errors,
    server,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen at a port");
  return address.port;
}
