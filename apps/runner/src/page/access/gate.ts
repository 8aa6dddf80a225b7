import { getConnInfo } from "@hono/node-server/conninfo";
import type { Context } from "hono";
import { getCookie, setCookie, deleteCookie } from "hono/cookie";
import { auth } from "hono/utils/basic-auth";
import { pageLimits } from "../page-limits.ts";
import { toClientAddress } from "./client-address.ts";
import { isLoopbackAddress, isLoopbackHost } from "./loopback.ts";
import type { CheckedAccess } from "./page-access.ts";
import { isSameText } from "./same-text.ts";
import { createSessions, isId, randomId, type SessionParts } from "./sessions.ts";
import { createSignInLimiter } from "./sign-in-limiter.ts";

/** Who asks, and whether they are let in. `formId` is what their forms are bound to. */
export type Visit =
  /** `script`: by bearer token, which no browser sends by itself. */
  | { readonly state: "in"; readonly as: "session" | "basic" | "machine" | "script"; readonly formId: string }
  | { readonly state: "out"; readonly formId: string }
  | { readonly state: "wait"; readonly waitMs: number }
  | { readonly state: "refused"; readonly reason: "host" | "proxy" };

export interface Gate {
  /** Sets the cookie that forms are bound to, where there is none. */
  visit(c: Context): Visit;
  /** Whether a session or this machine is still let in, without looking at credentials again. For what goes on for long. */
  isStillIn(visit: Visit): boolean;
  /** Begins a session if the token is right; an earlier one of the same browser ends. "wait": too many were wrong. */
  signIn(c: Context, token: string): "in" | "wrong" | { readonly waitMs: number };
  signOut(c: Context): void;
}

const SESSION = "runner_session";
const FORM = "runner_form";
const PROXY_HEADERS = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via"];

/** A proxy on this machine would let the whole world in as if it were here. */
export function cameThroughProxy(c: Context): boolean {
  return PROXY_HEADERS.some((name) => c.req.header(name) !== undefined);
}

export function createGate(access: CheckedAccess, { now, random }: SessionParts): Gate {
  const sessions = createSessions({ now, random });
  const limiter = createSignInLimiter(now);
  const cookie = { httpOnly: true, sameSite: "Strict", secure: access.isHttps, path: "/" } as const;
  const prefix = access.isHttps ? "host" : undefined;
  const read = (c: Context, name: string) => getCookie(c, name, prefix);
  const write = (c: Context, name: string, value: string, maxAgeMs?: number) =>
    setCookie(c, name, value, {
      ...cookie,
      ...(prefix === undefined ? {} : { prefix }),
      ...(maxAgeMs === undefined ? {} : { maxAge: maxAgeMs / 1000 }),
    });

  function addressOf(c: Context): string {
    return toClientAddress(socketAddress(c), c.req.header("x-forwarded-for") ?? null, access.trustedProxies);
  }

  function formIdOf(c: Context): string {
    const known = read(c, FORM);
    if (isId(known)) return known;
    const id = randomId(random);
    write(c, FORM, id);
    return id;
  }

  /** null: the request carries no credentials of that kind. */
  function credentialsAreRight(c: Context): "script" | "basic" | "wrong" | null {
    const header = c.req.header("authorization") ?? "";
    if (access.token !== null && /^bearer /i.test(header))
      return isSameText(header.slice("bearer ".length).trim(), access.token) ? "script" : "wrong";
    if (access.basic === null || !/^basic /i.test(header)) return null;
    const given = auth(c.req.raw);
    if (given === undefined) return "wrong";
    const isUser = isSameText(given.username, access.basic.user);
    const isPassword = isSameText(given.password, access.basic.password);
    return isUser && isPassword ? "basic" : "wrong";
  }

  function visitWithCredentials(c: Context): Visit {
    const sessionId = read(c, SESSION);
    if (isId(sessionId) && sessions.has(sessionId)) return { state: "in", as: "session", formId: sessionId };
    if (c.req.header("authorization") !== undefined) {
      const address = addressOf(c);
      const waitMs = limiter.waitMs(address);
      if (waitMs > 0) return { state: "wait", waitMs };
      const given = credentialsAreRight(c);
      if (given === "wrong") limiter.failed(address);
      else if (given !== null) {
        limiter.succeeded(address);
        return { state: "in", as: given, formId: given === "basic" ? formIdOf(c) : "" };
      }
    }
    return { state: "out", formId: formIdOf(c) };
  }

  return {
    visit(c) {
      if (!access.isOpenToThisMachine) return visitWithCredentials(c);
      const isHere = isLoopbackHost(c.req.header("host") ?? "") && isLoopbackAddress(socketAddress(c));
      if (!isHere) return { state: "refused", reason: "host" };
      if (cameThroughProxy(c)) return { state: "refused", reason: "proxy" };
      return { state: "in", as: "machine", formId: formIdOf(c) };
    },
    isStillIn: (visit) => visit.state === "in" && (visit.as !== "session" || sessions.has(visit.formId)),
    signIn(c, token) {
      const address = addressOf(c);
      const waitMs = limiter.waitMs(address);
      if (waitMs > 0) return { waitMs };
      if (access.token === null || !isSameText(token, access.token)) {
        limiter.failed(address);
        return "wrong";
      }
      limiter.succeeded(address);
      const earlier = read(c, SESSION);
      if (isId(earlier)) sessions.end(earlier);
      write(c, SESSION, sessions.begin(), pageLimits.sessionMs);
      return "in";
    },
    signOut(c) {
      const sessionId = read(c, SESSION);
      if (isId(sessionId)) sessions.end(sessionId);
      deleteCookie(c, SESSION, { ...cookie, ...(prefix === undefined ? {} : { prefix }) });
    },
  };
}

function socketAddress(c: Context): string {
  return getConnInfo(c).remote.address ?? "unknown";
}
