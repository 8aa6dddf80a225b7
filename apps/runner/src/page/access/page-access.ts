import { ConfigError } from "@acme/sync-core";
import { isLoopbackHost } from "./loopback.ts";

/** Shorter ones could be found by trying; 24 characters of base64 are 144 bits. */
export const SHORTEST_TOKEN = 24;
export const SHORTEST_PASSWORD = 12;
/** A word repeated is as easy to find as the word. */
const FEWEST_DIFFERENT_CHARACTERS = 8;

/** How the page is reached, and what opens it. Without token and basic credentials it opens to this machine only. */
export interface PageAccess {
  /** The server listens on loopback addresses only. */
  readonly isLoopbackOnly: boolean;
  /** Whoever knows it is let in; {@link SHORTEST_TOKEN} characters or more, visible ASCII. null: none. */
  readonly token: string | null;
  /** User and password of HTTP basic authentication, for what cannot keep a session. null: none. */
  readonly basic: { readonly user: string; readonly password: string } | null;
  /** The origin under which people reach it, where a proxy stands in front (`https://syncs.example.com`). null: as the request says. */
  readonly publicUrl: string | null;
  /** How many proxies of your own stand in front, each of which appends to `X-Forwarded-For`. 0: that header is not believed. */
  readonly trustedProxies: number;
}

/** What follows from a {@link PageAccess} that holds together. */
export interface CheckedAccess extends PageAccess {
  /** null: no credentials, this machine only. */
  readonly publicOrigin: string | null;
  readonly isHttps: boolean;
  readonly isOpenToThisMachine: boolean;
}

/** @throws ConfigError that names what does not hold together. Never carries the token or the password. */
export function checkAccess(access: PageAccess): CheckedAccess {
  const { token, basic, publicUrl, isLoopbackOnly, trustedProxies } = access;
  const isOpenToThisMachine = token === null && basic === null;
  if (token !== null) checkToken(token);
  if (basic !== null) checkBasic(basic);
  if (isOpenToThisMachine && !isLoopbackOnly)
    throw new ConfigError("the page would be open to everybody who reaches this address", {
      hint: `Set a token of at least ${SHORTEST_TOKEN} characters (openssl rand -base64 24 makes one), or listen on 127.0.0.1.`,
    });
  if (!Number.isInteger(trustedProxies) || trustedProxies < 0)
    throw new ConfigError("the number of trusted proxies is a whole number from 0");
  const publicOrigin = publicUrl === null ? null : toOrigin(publicUrl);
  if (isOpenToThisMachine && publicOrigin !== null && !isLoopbackHost(new URL(publicOrigin).host))
    throw new ConfigError("a page with a public address needs a token or basic credentials", {
      hint: "Set one, or take the public address out.",
    });
  return { ...access, publicOrigin, isHttps: publicOrigin?.startsWith("https:") ?? false, isOpenToThisMachine };
}

function checkToken(token: string): void {
  if (!/^[\x21-\x7E]{1,1024}$/.test(token))
    throw new ConfigError("the page's token holds something else than visible ASCII characters without spaces");
  if (token.length < SHORTEST_TOKEN || new Set(token).size < FEWEST_DIFFERENT_CHARACTERS)
    throw new ConfigError(
      `the page's token is too short or too simple: it needs ${SHORTEST_TOKEN} characters, ${FEWEST_DIFFERENT_CHARACTERS} of them different`,
      { hint: "openssl rand -base64 24 makes a good one." },
    );
}

function checkBasic({ user, password }: { readonly user: string; readonly password: string }): void {
  if (user === "" || user.includes(":"))
    throw new ConfigError("the page's user is empty or holds a colon, which basic authentication cannot carry");
  if (password.length < SHORTEST_PASSWORD)
    throw new ConfigError(`the page's password is too short: it needs ${SHORTEST_PASSWORD} characters`);
}

function toOrigin(publicUrl: string): string {
  const url = URL.canParse(publicUrl) ? new URL(publicUrl) : null;
  if (
    url === null ||
    !/^https?:$/.test(url.protocol) ||
    `${url.pathname}${url.search}${url.hash}${url.username}` !== "/"
  )
    throw new ConfigError("the page's public address is not the root of an http or https origin", {
      hint: "Write it like https://syncs.example.com, without a path: the page wants a host name of its own.",
    });
  return url.origin;
}
