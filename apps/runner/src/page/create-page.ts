import { Hono, type Context, type Handler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { RunnerActions, RunnerView, SyncView } from "../contracts/runner-view.ts";
import { createForgeryGuard } from "./access/forgery.ts";
import { createGate } from "./access/gate.ts";
import { guard, type PageEnv } from "./access/guard.ts";
import { checkAccess, type PageAccess } from "./access/page-access.ts";
import { toReturnPath } from "./access/return-path.ts";
import { act, findAction, saidInWords } from "./acting.ts";
import { findAsset } from "./assets.ts";
import { type Frame, layout, type PageContent } from "./layout.ts";
import { createLive } from "./live.ts";
import { pageHeaders } from "./page-headers.ts";
import { messagePage } from "./pages/message-page.ts";
import { overviewPage } from "./pages/overview-page.ts";
import { quotaPage } from "./pages/quota-page.ts";
import { runPage } from "./pages/run-page.ts";
import { signInPage } from "./pages/sign-in-page.ts";
import { PARKED_SHOWN, RUNS_SHOWN, syncPage } from "./pages/sync-page.ts";
import { LONGEST_KEY } from "./parts/record-card.ts";
import { paths } from "./paths.ts";
import { readListQuery } from "./sync-list.ts";

export interface PageParts {
  readonly view: RunnerView;
  readonly actions: RunnerActions;
  readonly access: PageAccess;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  /** As many bytes of cryptographic randomness: sessions rest on it. */
  readonly random: (bytes: number) => Uint8Array;
  /** Told of what went wrong while a page was made; whoever asked sees only that something did. */
  readonly onError: (error: unknown) => void;
}

/**
 * The runner's page: "is it in, and if not, why". Closed by default, without JavaScript whole, with it live. Answers every path,
 * so mount it at the root and last; {@link pageLimits} says what the server in front of it has to keep to.
 * @throws ConfigError when `access` would leave it open, or is not strong enough.
 */
export function createPage({ view, actions, access: given, now, random, onError }: PageParts): Hono<PageEnv> {
  const access = checkAccess(given);
  const gate = createGate(access, { now, random });
  const forgery = createForgeryGuard(random(32));
  const live = createLive(view, onError);
  const page = new Hono<PageEnv>();

  function frameOf(c: Context<PageEnv>): Frame {
    const visit = c.get("visit");
    const csrf = visit === undefined || visit.formId === "" ? "" : forgery.tokenFor(visit.formId);
    return { now: now(), csrf, hasSession: visit?.state === "in" && visit.as === "session" };
  }

  function show(
    c: Context<PageEnv>,
    content: PageContent,
    status: ContentfulStatusCode = 200,
  ): Response | Promise<Response> {
    return c.html(layout(frameOf(c), content), status);
  }

  const notFound = (c: Context<PageEnv>, what = "There is no such page.") =>
    show(c, messagePage("Not found", what), 404);

  function route(path: string, handlers: { readonly get?: Handler<PageEnv>; readonly post?: Handler<PageEnv> }) {
    const { get, post } = handlers;
    if (get !== undefined) page.get(path, get);
    if (post !== undefined) page.post(path, post);
    const allowed = [...(get === undefined ? [] : ["GET", "HEAD"]), ...(post === undefined ? [] : ["POST"])].join(", ");
    page.all(path, (c) => {
      c.header("Allow", allowed);
      return show(c, messagePage("Not like this", `This address answers to ${allowed} only.`), 405);
    });
  }

  /** Hands on only the names of syncs that are configured. */
  function ofSync(answer: (c: Context<PageEnv>, sync: SyncView) => Promise<Response>): Handler<PageEnv> {
    return async (c) => {
      const sync = await view.sync(c.req.param("sync") ?? "");
      return sync === null ? notFound(c, "No sync of that name is configured.") : await answer(c, sync);
    };
  }

  page.use(...pageHeaders(access.isHttps));
  page.onError((error, c) => {
    onError(error);
    return show(c, messagePage("Something went wrong", "The runner's log says what."), 500);
  });
  page.get("/assets/:name", (c) => {
    const asset = findAsset(c.req.param("name"));
    if (asset === null) return c.text("not found", 404);
    return c.body(asset.body, 200, {
      "Content-Type": asset.type,
      "Cache-Control": "public, max-age=31536000, immutable",
    });
  });
  page.use(
    guard({ access, gate, forgery, refuse: (c, title, text, status) => show(c, messagePage(title, text), status) }),
  );

  route("/", {
    get: async (c) => {
      const [syncs, quota] = await Promise.all([view.syncs(), view.quota()]);
      return show(
        c,
        overviewPage(
          syncs,
          quota,
          readListQuery((name) => c.req.query(name)),
          now(),
        ),
      );
    },
  });
  route("/quota", {
    get: async (c) => {
      const [quota, syncs] = await Promise.all([view.quota(), view.syncs()]);
      return show(c, quotaPage(quota, syncs, now()));
    },
  });
  route("/syncs/:sync", {
    get: ofSync(async (c, sync) => {
      const key = c.req.query("key");
      const [runs, parked, answer] = await Promise.all([
        view.runs(sync.name, RUNS_SHOWN),
        view.parked(sync.name, PARKED_SHOWN),
        key === undefined || key.length > LONGEST_KEY ? null : view.find(sync.name, key),
      ]);
      const asked = key === undefined ? null : { key, answer };
      return show(c, syncPage(frameOf(c), { sync, runs, parked, asked, said: saidInWords(c.req.query("said")) }));
    }),
  });
  route("/syncs/:sync/:action", {
    post: ofSync(async (c, sync) => {
      const action = findAction(c.req.param("action") ?? "");
      if (action === null) return notFound(c);
      return c.redirect(`${paths.sync(sync.name)}?said=${await act(actions, action, sync)}`, 303);
    }),
  });
  route("/syncs/:sync/runs/:run", {
    get: ofSync(async (c, sync) => {
      const run = await view.run(sync.name, c.req.param("run") ?? "");
      return run === null ? notFound(c, "No such run of this sync is known any more.") : show(c, runPage(run, now()));
    }),
  });
  route("/syncs/:sync/runs/:run/receipt.json", {
    get: ofSync(async (c, sync) => {
      const receipt = (await view.run(sync.name, c.req.param("run") ?? ""))?.receipt ?? null;
      if (receipt === null) return notFound(c, "There is no receipt: no such run is known, or it is still under way.");
      const file = `${receipt.sync}-${receipt.runId}`.replace(/[^A-Za-z0-9._-]+/g, "_").slice(0, 150);
      return c.body(`${JSON.stringify(receipt, null, 2)}\n`, 200, {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": `attachment; filename="receipt-${file}.json"`,
      });
    }),
  });
  route("/live", {
    get: (c) => {
      const visit = c.get("visit");
      // A HEAD would open a stream that nobody reads.
      const opened = c.req.method === "HEAD" ? null : live.open(c, () => visit !== undefined && gate.isStillIn(visit));
      return opened ?? c.text("too many live connections", 503, { "Retry-After": "30" });
    },
  });
  if (access.token !== null) {
    route("/login", {
      get: (c) => {
        const to = toReturnPath(c.req.query("to"));
        return c.get("visit")?.state === "in" ? c.redirect(to, 303) : show(c, signInPage(frameOf(c), to, null));
      },
      post: (c) => {
        const form = c.get("form");
        const to = toReturnPath(form?.get("to") ?? undefined);
        const signedIn = gate.signIn(c, form?.get("token") ?? "");
        if (signedIn === "in") return c.redirect(to, 303);
        if (signedIn === "wrong") return show(c, signInPage(frameOf(c), to, "That is not the token."), 403);
        c.header("Retry-After", String(Math.ceil(signedIn.waitMs / 1000)));
        return show(c, signInPage(frameOf(c), to, "Too many wrong tokens. Wait some minutes and try again."), 429);
      },
    });
    route("/logout", {
      post: (c) => {
        gate.signOut(c);
        return c.redirect("/login", 303);
      },
    });
  }
  page.all("*", (c) => notFound(c));
  return page;
}
