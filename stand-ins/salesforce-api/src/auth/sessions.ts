import { randomUUID } from "node:crypto";
import { invalidSession } from "../api-error.ts";
import type { Knobs } from "../knobs.ts";
import type { ConnectedApp } from "./connected-apps.ts";
import type { User } from "./users.ts";

export interface Session {
  readonly token: string;
  readonly user: User;
  readonly app: ConnectedApp | undefined;
  /** Use moves it on. */
  expiresAtMs: number;
}

interface RefreshToken {
  readonly token: string;
  readonly user: User;
  readonly app: ConnectedApp;
  /** Tokens that came from the same approval. */
  readonly family: string;
  /** A newer one took its place. */
  superseded: boolean;
}

/** Every session and refresh token of an org. */
export class Sessions {
  readonly #organizationId: string;
  readonly #sessions = new Map<string, Session>();
  readonly #refreshTokens = new Map<string, RefreshToken>();

  constructor(organizationId: string) {
    this.#organizationId = organizationId;
  }

  open(user: User, app: ConnectedApp | undefined, knobs: Readonly<Knobs>, nowMs: number): Session {
    const token = `${this.#organizationId.slice(0, 15)}!AQ${randomUUID().replaceAll("-", ".")}`;
    const session = { token, user, app, expiresAtMs: nowMs + knobs.sessionSeconds * 1000 };
    this.#sessions.set(token, session);
    return session;
  }

  /** Throws 401 for a token that is unknown or too old. */
  use(token: string | undefined, knobs: Readonly<Knobs>, nowMs: number): Session {
    const session = token === undefined ? undefined : this.#sessions.get(token);
    if (session === undefined || session.expiresAtMs <= nowMs) throw invalidSession();
    if (knobs.sessionRenewal) session.expiresAtMs = nowMs + knobs.sessionSeconds * 1000;
    return session;
  }

  find(token: string): Session | undefined {
    return this.#sessions.get(token);
  }

  addRefreshToken(
    app: ConnectedApp,
    user: User,
    token = `5Aep861${randomUUID()}`,
    family: string = randomUUID(),
  ): string {
    this.#refreshTokens.set(token, { token, app, user, family, superseded: false });
    return token;
  }

  /**
   * Takes a refresh token. With rotation it is dead from now on, and a new one is answered; one that was dead already
   * takes every token of its approval with it. Undefined for one that does not work.
   */
  refresh(
    token: string,
    app: ConnectedApp,
    knobs: Readonly<Knobs>,
  ): { user: User; rotated: string | undefined } | undefined {
    const held = this.#refreshTokens.get(token);
    if (held === undefined || held.app !== app) return undefined;
    if (held.superseded) {
      for (const [other, { family }] of this.#refreshTokens)
        if (family === held.family) this.#refreshTokens.delete(other);
      return undefined;
    }
    if (!knobs.refreshRotation) return { user: held.user, rotated: undefined };
    held.superseded = true;
    return { user: held.user, rotated: this.addRefreshToken(app, held.user, undefined, held.family) };
  }

  /** Session or refresh token. False when it is neither. */
  revoke(token: string): boolean {
    const [session, refresh] = [this.#sessions.delete(token), this.#refreshTokens.delete(token)];
    return session || refresh;
  }

  /** Refresh tokens of every app, and with them all sessions. */
  revokeAll(): void {
    this.#sessions.clear();
    this.#refreshTokens.clear();
  }

  /** Every session there is has ended. */
  expireAll(nowMs: number): void {
    for (const session of this.#sessions.values()) session.expiresAtMs = Math.min(session.expiresAtMs, nowMs);
  }
}
