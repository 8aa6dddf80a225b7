import { randomUUID } from "node:crypto";
import type { Knobs } from "../knobs.ts";
import { allScopes } from "./scopes.ts";

export type AppKind = "private-app" | "service-key" | "oauth";

/** One caller of the portal. */
export interface AppSeed {
  /** Default `private-app`. */
  readonly kind?: AppKind;
  /** For logs and rate limits; default made from kind and position. */
  readonly name?: string;
  /** Of a private app or service key. Default `pat-eu1-stand-in`. */
  readonly token?: string;
  /** Of an OAuth app. Defaults `stand-in-client`, `stand-in-secret`, `stand-in-refresh`. */
  readonly clientId?: string;
  readonly clientSecret?: string;
  readonly refreshToken?: string;
  /** Default: every scope. */
  readonly scopes?: readonly string[];
}

export interface App {
  readonly kind: AppKind;
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  scopes: ReadonlySet<string>;
}

export interface AccessToken {
  readonly app: App;
  readonly token: string;
  /** Undefined: never. */
  readonly expiresAtMs: number | undefined;
}

/** The callers a portal knows, and every token they hold. */
export class Apps {
  readonly #apps: App[] = [];
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #refreshTokens = new Map<string, App>();
  /** Whether the portal was deleted or disconnected: refreshing answers BAD_HUB. */
  disconnected = false;

  /** Throws RangeError when the name or a token is taken. */
  add(seed: AppSeed): App {
    const kind = seed.kind ?? "private-app";
    const app: App = {
      kind,
      name: seed.name ?? `${kind}-${this.#apps.length + 1}`,
      clientId: seed.clientId ?? "stand-in-client",
      clientSecret: seed.clientSecret ?? "stand-in-secret",
      scopes: new Set(seed.scopes ?? allScopes),
    };
    if (this.#apps.some(({ name }) => name === app.name)) throw new RangeError(`App ${app.name} exists`);
    const token = kind === "oauth" ? (seed.refreshToken ?? "stand-in-refresh") : (seed.token ?? "pat-eu1-stand-in");
    if (this.#accessTokens.has(token) || this.#refreshTokens.has(token)) throw new RangeError("This token is taken");
    if (kind === "oauth") this.#refreshTokens.set(token, app);
    else this.#accessTokens.set(token, { app, token, expiresAtMs: undefined });
    this.#apps.push(app);
    return app;
  }

  all(): readonly App[] {
    return this.#apps;
  }

  find(name?: string): App {
    const app = name === undefined ? this.#apps[0] : this.#apps.find((candidate) => candidate.name === name);
    if (app === undefined) throw new RangeError(`No app ${name ?? ""}`);
    return app;
  }

  findClient(clientId: string): App | undefined {
    return this.#apps.find((app) => app.kind === "oauth" && app.clientId === clientId);
  }

  accessToken(token: string): AccessToken | undefined {
    return this.#accessTokens.get(token);
  }

  refreshToken(token: string): App | undefined {
    return this.#refreshTokens.get(token);
  }

  /** A new access token, and the refresh token to use from now on. */
  refresh(app: App, refreshToken: string, knobs: Readonly<Knobs>, nowMs: number) {
    const token = `stand-in-access-${randomUUID()}`;
    const expiresAtMs = nowMs + knobs.accessTokenLifeSeconds * 1000;
    this.#accessTokens.set(token, { app, token, expiresAtMs });
    if (knobs.refreshRotation === "same") return { accessToken: token, refreshToken };
    if (knobs.refreshRotation === "revoke-old") this.#refreshTokens.delete(refreshToken);
    const rotated = `stand-in-refresh-${randomUUID()}`;
    this.#refreshTokens.set(rotated, app);
    return { accessToken: token, refreshToken: rotated };
  }

  /** Access or refresh token; unknown ones are ignored. */
  revoke(token: string): void {
    this.#accessTokens.delete(token);
    this.#refreshTokens.delete(token);
  }

  /** As after an uninstall: no token of the app works any more. */
  revokeAll(app: App): void {
    for (const [token, held] of this.#accessTokens) if (held.app === app) this.#accessTokens.delete(token);
    for (const [token, holder] of this.#refreshTokens) if (holder === app) this.#refreshTokens.delete(token);
  }

  /** Access tokens that can expire have expired. */
  expireAccessTokens(nowMs: number): void {
    for (const held of this.#accessTokens.values()) {
      if (held.expiresAtMs !== undefined && held.expiresAtMs > nowMs) {
        this.#accessTokens.set(held.token, { ...held, expiresAtMs: nowMs });
      }
    }
  }
}
