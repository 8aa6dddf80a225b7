import type { Context, MiddlewareHandler } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { type ForgeryGuard, isFromSameOrigin } from "./forgery.ts";
import type { Gate, Visit } from "./gate.ts";
import type { CheckedAccess } from "./page-access.ts";
import { readForm } from "./read-form.ts";

export interface PageEnv {
  readonly Variables: {
    /** Absent only where the request failed before it was known who asks. */
    visit?: LetThrough;
    /** Of a POST that is a form of ours; empty for scripts. */
    form?: URLSearchParams;
  };
}

export type LetThrough = Extract<Visit, { readonly state: "in" | "out" }>;

export interface GuardParts {
  readonly access: CheckedAccess;
  readonly gate: Gate;
  readonly forgery: ForgeryGuard;
  readonly refuse: (
    c: Context<PageEnv>,
    title: string,
    text: string,
    status: ContentfulStatusCode,
  ) => Response | Promise<Response>;
}

const SIGN_IN = "/login";

/**
 * Stands before every page: who is not let in gets no further than the form to sign in, and no POST without a proof that a page of
 * ours made it.
 */
export function guard({ access, gate, forgery, refuse }: GuardParts): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    const { method, path } = c.req;
    if (method !== "GET" && method !== "HEAD" && method !== "POST") {
      c.header("Allow", "GET, HEAD, POST");
      return await refuse(c, "Not like this", "Nothing here answers to this method.", 405);
    }
    const visit = gate.visit(c);
    if (visit.state === "refused")
      return visit.reason === "host"
        ? await refuse(
            c,
            "Not by this name",
            "Without a token the page answers on this machine only, under localhost or 127.0.0.1.",
            421,
          )
        : await refuse(c, "Not through a proxy", "Without a token the page answers on this machine only.", 403);
    if (visit.state === "wait") {
      c.header("Retry-After", String(Math.ceil(visit.waitMs / 1000)));
      return await refuse(c, "Too many wrong credentials", "Wait some minutes and try again.", 429);
    }
    c.set("visit", visit);
    if (visit.state === "out" && path !== SIGN_IN) return await askToSignIn(c);
    if (method === "POST" && !(visit.state === "in" && visit.as === "script")) {
      const problem = await provesOrigin(c, visit);
      if (problem !== null) return await refuse(c, problem.title, problem.text, problem.status);
    }
    return await next();
  };

  async function askToSignIn(c: Context<PageEnv>): Promise<Response> {
    const isPerson = c.req.method !== "POST" && (c.req.header("accept") ?? "").includes("text/html");
    if (access.token !== null && isPerson) {
      const { pathname, search } = new URL(c.req.url);
      return c.redirect(
        pathname === "/" ? SIGN_IN : `${SIGN_IN}?${new URLSearchParams({ to: pathname + search }).toString()}`,
        303,
      );
    }
    if (access.token !== null) c.header("WWW-Authenticate", 'Bearer realm="runner"', { append: true });
    if (access.basic !== null) c.header("WWW-Authenticate", 'Basic realm="runner", charset="UTF-8"', { append: true });
    return await refuse(c, "Who is there?", "This page opens to those who sign in.", 401);
  }

  async function provesOrigin(c: Context<PageEnv>, visit: LetThrough) {
    const host = c.req.header("host") ?? "";
    const origins = access.publicOrigin === null ? [`http://${host}`, `https://${host}`] : [access.publicOrigin];
    if (!isFromSameOrigin(c.req.raw.headers, origins)) return FOREIGN;
    const form = await readForm(c);
    if (form === "too-large") return TOO_LARGE;
    if (form === "torn") return TORN;
    if (form === "other") return OTHER;
    if (!forgery.isOurs(visit.formId, form.get("csrf") ?? "")) return STALE;
    c.set("form", form);
    return null;
  }
}

const FOREIGN = {
  title: "Not from this page",
  text: "This came from another site, or under another address than the runner knows itself by; nothing was done.",
  status: 403,
} as const;
const STALE = {
  title: "The form was too old",
  text: "Nothing was done. Load the page again and repeat it; your browser has to accept its cookies.",
  status: 403,
} as const;
const TOO_LARGE = { title: "Too large", text: "Forms of this page are small; nothing was done.", status: 413 } as const;
const TORN = { title: "Torn off", text: "The form did not arrive whole; nothing was done.", status: 400 } as const;
const OTHER = { title: "Not a form", text: "Only forms are taken here; nothing was done.", status: 415 } as const;
