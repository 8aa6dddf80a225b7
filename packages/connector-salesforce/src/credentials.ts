import type { Runtime } from "@acme/sync-core";
import { type AuthWay, authWayOf, type SalesforceConfig, toOrigin } from "./config.ts";
import type { Files } from "./files.ts";
import { createShared } from "./shared.ts";
import { readTokens, type StoredTokens, toGrant, withTokenFile, writeTokens } from "./token-file.ts";
import { until } from "./until.ts";

/** What is needed to make a call. */
export interface Session {
  readonly accessToken: string;
  /** Where the org's data is: as the login said, without a slash at the end. */
  readonly instanceUrl: string;
}

/** What a login gave. `refreshToken` null: the one that was used stays valid, or there is none. */
export interface Granted extends Session {
  readonly refreshToken: string | null;
}

/** Logs in. @throws AuthError when the grant is gone; TransientError. */
export type Login = (refreshToken: string | null, signal: AbortSignal) => Promise<Granted>;

export interface Credentials {
  readonly way: AuthWay;
  session(signal: AbortSignal): Promise<Session>;
  /** A session to replace one that was refused. One caller logs in, the others wait for it. */
  replace(refused: Session, signal: AbortSignal): Promise<Session>;
  /** Everything that no message may show, as of now. */
  secrets(): readonly string[];
}

interface SessionState {
  session: Session | null;
  refreshToken: string | null;
  loggingIn: Promise<Session> | null;
  readonly secrets: Set<string>;
}

/** One session, and one login at a time, for all that use the same credential. */
const sharedSessions = createShared<SessionState>();

/**
 * Salesforce does not say how long a session lives: it is used until it is refused. A refresh token may be replaced at every use, and
 * showing an old one revokes the new one too: the new one is kept before its session is used.
 */
export function createCredentials(config: SalesforceConfig, runtime: Runtime, files: Files, login: Login): Credentials {
  const way = authWayOf(config);
  const { oauth } = config;
  const tokenFile = oauth?.tokenFile;
  const given = config[way] ?? {};
  const state = sharedSessions(runtime, [toOrigin(config.loginUrl), JSON.stringify(given)], () => ({
    session: null,
    refreshToken: null,
    loggingIn: null,
    secrets: new Set(configuredSecrets(config)),
  }));
  const grant = oauth === undefined ? "" : toGrant(oauth.clientId, oauth.refreshToken);

  const keep = (session: Session, refreshToken: string | null): Session => {
    state.session = session;
    state.secrets.add(session.accessToken);
    if (refreshToken !== null) {
      state.refreshToken = refreshToken;
      state.secrets.add(refreshToken);
    }
    return session;
  };

  const logIn = async (refused: Session | null, signal: AbortSignal): Promise<Session> => {
    if (oauth === undefined) {
      const granted = await login(null, signal);
      return keep({ accessToken: granted.accessToken, instanceUrl: granted.instanceUrl }, null);
    }
    const known = tokenFile === undefined ? null : await readTokens(files, tokenFile, grant);
    if (known !== null) {
      const session = keep({ accessToken: known.accessToken, instanceUrl: known.instanceUrl }, known.refreshToken);
      // Another process that shares the file has done it meanwhile.
      if (known.accessToken !== refused?.accessToken) return session;
    }
    const used = state.refreshToken ?? oauth.refreshToken;
    const granted = await login(used, signal);
    const tokens: StoredTokens = {
      version: 1,
      grant,
      refreshToken: granted.refreshToken ?? used,
      accessToken: granted.accessToken,
      instanceUrl: granted.instanceUrl,
    };
    if (tokenFile !== undefined) await writeTokens(files, tokenFile, tokens);
    return keep({ accessToken: tokens.accessToken, instanceUrl: tokens.instanceUrl }, tokens.refreshToken);
  };

  /** One at a time in this process; across processes, the file's lock. Never cut off: a rotated token must be kept. */
  const logInOnce = (refused: Session | null, signal: AbortSignal): Promise<Session> => {
    const unhurried = new AbortController().signal;
    state.loggingIn ??= (
      tokenFile === undefined
        ? logIn(refused, unhurried)
        : withTokenFile(files, tokenFile, runtime, unhurried, () => logIn(refused, unhurried))
    ).finally(() => {
      state.loggingIn = null;
    });
    return until(state.loggingIn, signal);
  };

  return {
    way,
    async session(signal) {
      return state.session ?? logInOnce(null, signal);
    },
    async replace(refused, signal) {
      const { session } = state;
      return session !== null && session.accessToken !== refused.accessToken ? session : logInOnce(refused, signal);
    },
    secrets: () => [...state.secrets],
  };
}

function configuredSecrets({ clientCredentials, jwt, oauth, password }: SalesforceConfig): readonly string[] {
  return [
    clientCredentials?.clientSecret,
    jwt?.privateKey,
    oauth?.clientSecret,
    oauth?.refreshToken,
    password?.password,
    password?.securityToken,
  ].filter((secret) => secret !== undefined);
}
