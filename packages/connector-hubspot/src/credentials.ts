import { createKeepSession, createTokenFile, type Files, type Granted } from "@acme/api-source";
import type { Runtime } from "@acme/sync-core";
import { z } from "zod";
import type { HubspotConfig } from "./config.ts";

/** What is kept of an access token. */
const session = z.object({ accessToken: z.string().min(1), expiresAtMs: z.number() });
export type Session = Readonly<z.output<typeof session>>;

/** Asks the token endpoint. @throws AuthError when the grant is gone; TransientError. */
export type Refresh = (refreshToken: string, signal: AbortSignal) => Promise<Granted<Session>>;

export interface Credentials {
  readonly kind: "token" | "oauth";
  /** Identifies the credential among the sources of a process. Holds secrets. */
  readonly identity: readonly string[];
  /** A token that is good for the next minutes. */
  session(signal: AbortSignal): Promise<Session>;
  /**
   * A token to replace one that was refused. One caller fetches it, the others wait for it.
   * @returns null where a new one cannot be had: the token is fixed.
   */
  replace(refused: Session, signal: AbortSignal): Promise<Session | null>;
  /** Everything that no message may show, as of now. */
  secrets(): readonly string[];
}

/** Tokens are renewed so long before they expire: HubSpot's last 1,800 s, and says that a 401 is no way to learn their age. */
const RENEW_BEFORE_MS = 120_000;

const keepSession = createKeepSession<Session>();

export function createCredentials(
  config: HubspotConfig,
  runtime: Runtime,
  files: Files,
  refresh: Refresh,
): Credentials {
  const { token, oauth } = config;
  if (oauth === undefined) {
    const fixed = { accessToken: token ?? "", expiresAtMs: Number.POSITIVE_INFINITY };
    return {
      kind: "token",
      identity: [config.baseUrl, fixed.accessToken],
      session: async () => fixed,
      replace: async () => null,
      secrets: () => [fixed.accessToken],
    };
  }

  const { clientId, clientSecret, refreshToken, tokenFile } = oauth;
  const identity = [config.baseUrl, clientId, refreshToken];
  const keeper = keepSession(runtime, {
    identity: [...identity, tokenFile ?? ""],
    secrets: [clientSecret, refreshToken],
    refreshToken,
    tokenFile: tokenFile === undefined ? null : createTokenFile(files, runtime, tokenFile, oauth, session),
    isGood: ({ expiresAtMs }) => expiresAtMs - RENEW_BEFORE_MS > runtime.now(),
    logIn: refresh,
  });
  return { kind: "oauth", identity, ...keeper };
}
