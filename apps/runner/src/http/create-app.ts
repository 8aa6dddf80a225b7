import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono, type Context } from "hono";
import { cameThroughProxy } from "../page/access/gate.ts";
import { isLoopbackHost } from "../page/access/loopback.ts";
import type { PageAccess } from "../page/access/page-access.ts";
import { isSameText } from "../page/access/same-text.ts";
import { createSignInLimiter } from "../page/access/sign-in-limiter.ts";
import type { PageEnv } from "../page/access/guard.ts";

export interface AppParts {
  readonly access: PageAccess;
  /** What keeps the runner from working, in words; null: nothing does. */
  readonly problem: () => Promise<string | null>;
  readonly metrics: { readonly contentType: string; text(): Promise<string> };
  /** Answers every other path. */
  readonly page: Hono<PageEnv>;
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/**
 * `/healthz`: the process answers. `/readyz`: it can work. Both say nothing that a stranger may not know. `/metrics` asks for the
 * token or the credentials of the page, where there are any.
 */
export function createApp({ access, problem, metrics, page, now, onError }: AppParts): Hono {
  const app = new Hono();
  const limiter = createSignInLimiter(now);
  app.onError((error, c) => {
    onError(error);
    return c.text("something went wrong; the log says what\n", 500);
  });
  for (const path of ["/healthz", "/readyz", "/metrics"]) app.use(path, noStore);
  app.get("/healthz", (c) => c.text("ok\n"));
  app.get("/readyz", async (c) => {
    const found = await problem();
    return found === null ? c.text("ready\n") : c.text(`not ready: ${found}\n`, 503);
  });
  app.get("/metrics", async (c) => {
    const address = getConnInfo(c).remote.address ?? "unknown";
    const waitMs = limiter.waitMs(address);
    if (waitMs > 0) {
      c.header("Retry-After", String(Math.ceil(waitMs / 1000)));
      return c.text("too many wrong credentials\n", 429);
    }
    if (!mayRead(c, access)) {
      if (c.req.header("authorization") !== undefined) limiter.failed(address);
      c.header("WWW-Authenticate", access.token === null ? 'Basic realm="runner"' : 'Bearer realm="runner"');
      return c.text("the metrics ask for the credentials of the page\n", 401);
    }
    return c.body(await metrics.text(), 200, { "Content-Type": metrics.contentType });
  });
  app.route("/", page);
  return app;
}

function noStore(c: Context, next: () => Promise<void>): Promise<void> {
  return next().then(() => {
    c.header("Cache-Control", "no-store");
    c.header("X-Content-Type-Options", "nosniff");
  });
}

function mayRead(c: Context, { token, basic }: PageAccess): boolean {
  // Without credentials it answers on this machine only, and not under a foreign name that leads here.
  if (token === null && basic === null) return isLoopbackHost(c.req.header("host") ?? "") && !cameThroughProxy(c);
  const header = c.req.header("authorization") ?? "";
  if (token !== null && /^bearer /i.test(header)) return isSameText(header.slice("bearer ".length).trim(), token);
  if (basic === null || !/^basic /i.test(header)) return false;
  const given = Buffer.from(header.slice("basic ".length).trim(), "base64").toString();
  return isSameText(given, `${basic.user}:${basic.password}`);
}
