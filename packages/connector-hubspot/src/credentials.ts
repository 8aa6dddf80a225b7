import type { Runtime } from "@acme/sync-core";
import type { HubspotConfig } from "./config.ts";
import { createShared } from "./shared.ts";
import { until } from "./until.ts";
import { readTokens, type StoredTokens, toGrant, withTokenFile, writeTokens } from "./token-file.ts";

/** What the token endpoint gave. */
export interface Grant {
  readonly accessToken: string;
  /** null: the one that was used stays valid. */
  readonly refreshToken: string | null;
  readonly expiresInMs: number;
}

/** Asks the token endpoint. @throws AuthError when the grant is gone; TransientError. */
export type Refresh = (refreshToken: string, signal: AbortSignal) => Promise<Grant>;

export interface Credentials {
  readonly kind: "token" | "oauth";
  /** Identifies the credential among the sources of a process. Holds secrets. */
  readonly identity: readonly string[];
  /** A token that is good for the next minutes. */
  accessToken(signal: AbortSignal): Promise<string>;
  /**
   * A token to replace one that was refused. One caller fetches it, the others wait for it.
   * @returns null where a new one cannot be had: the token is fixed.
   */
  replace(refused: string, signal: AbortSignal): Promise<string | null>;
  /** Everything that no message may show, as of now. */
  secrets(): readonly string[];
}

/** Tokens are renewed so long before they expire: HubSpot's last 1,800 s, and says that a 401 is no way to learn their age. */
const RENEW_BEFORE_MS = 120_000;

interface TokenState {
  tokens: StoredTokens | null;
  refreshing: Promise<string> | null;
  readonly secrets: Set<string>;
}

/** One refresher for all that use the same installation. */
const sharedTokens = createShared<TokenState>();

export function createCredentials(config: HubspotConfig, runtime: Runtime, refresh: Refresh): Credentials {
  const { token, oauth } = config;
  if (oauth === undefined) {
    const fixed = token ?? "";
    return {
      kind: "token",
      identity: [config.baseUrl, fixed],
      accessToken: async () => fixed,
      replace: async () => null,
      secrets: () => [fixed],
    };
  }

  const identity = [config.baseUrl, oauth.clientId, oauth.refreshToken];
  const grant = toGrant(oauth.clientId, oauth.refreshToken);
  const state = sharedTokens(runtime, [...identity, oauth.tokenFile ?? ""], () => ({
    tokens: null,
    refreshing: null,
    secrets: new Set([oauth.clientSecret, oauth.refreshToken]),
  }));

  const keep = (tokens: StoredTokens): void => {
    state.tokens = tokens;
    state.secrets.add(tokens.accessToken).add(tokens.refreshToken);
  };

  const isGood = (tokens: StoredTokens | null, refused: string | null): tokens is StoredTokens =>
    tokens !== null && tokens.accessToken !== refused && tokens.expiresAtMs - RENEW_BEFORE_MS > runtime.now();

  /** Fetches a token, unless another process that shares the file has done so meanwhile. */
  const renew = async (refused: string | null, signal: AbortSignal): Promise<string> => {
    const { tokenFile } = oauth;
    const known = tokenFile === undefined ? null : await readTokens(tokenFile, grant);
    if (known !== null) keep(known);
    if (isGood(known, refused)) return known.accessToken;
    const used = state.tokens?.refreshToken ?? oauth.refreshToken;
    const granted = await refresh(used, signal);
    const tokens: StoredTokens = {
      version: 1,
      grant,
      refreshToken: granted.refreshToken ?? used,
      accessToken: granted.accessToken,
      expiresAtMs: runtime.now() + granted.expiresInMs,
    };
    keep(tokens);
    if (tokenFile !== undefined) await writeTokens(tokenFile, tokens);
    return tokens.accessToken;
  };

  /** One refresher at a time in this process; across processes, the file's lock. Never cut off: a rotated token must be kept. */
  const renewOnce = async (refused: string | null, signal: AbortSignal): Promise<string> => {
    const unhurried = new AbortController().signal;
    state.refreshing ??= (
      oauth.tokenFile === undefined
        ? renew(refused, unhurried)
        : withTokenFile(oauth.tokenFile, runtime, unhurried, () => renew(refused, unhurried))
    ).finally(() => {
      state.refreshing = null;
    });
    return until(state.refreshing, signal);
  };

  return {
    kind: "oauth",
    identity,
    async accessToken(signal) {
      return isGood(state.tokens, null) ? state.tokens.accessToken : renewOnce(null, signal);
    },
    async replace(refused, signal) {
      return isGood(state.tokens, refused) ? state.tokens.accessToken : renewOnce(refused, signal);
    },
    secrets: () => [...state.secrets],
  };
}
