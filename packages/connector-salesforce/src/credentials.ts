import { createKeepSession, createTokenFile, type Files, type Granted, type SessionKeeper } from "@acme/api-source";
import type { Runtime } from "@acme/sync-core";
import { z } from "zod";
import { type AuthWay, authWayOf, type SalesforceConfig, toOrigin } from "./config.ts";

/** What is needed to make a call. */
const session = z.object({
  accessToken: z.string().min(1),
  /** Where the org's data is: as the login said, without a slash at the end. */
  instanceUrl: z.string().min(1),
});
export type Session = Readonly<z.output<typeof session>>;

/** Logs in. @param refreshToken null: the way that is configured has none. @throws AuthError when the grant is gone; TransientError. */
export type Login = (refreshToken: string | null, signal: AbortSignal) => Promise<Granted<Session>>;

export interface Credentials extends SessionKeeper<Session> {
  readonly way: AuthWay;
}

const keepSession = createKeepSession<Session>();

export function createCredentials(config: SalesforceConfig, runtime: Runtime, files: Files, login: Login): Credentials {
  const way = authWayOf(config);
  const { oauth } = config;
  const tokenFile = oauth?.tokenFile;
  const keeper = keepSession(runtime, {
    identity: [toOrigin(config.loginUrl), JSON.stringify(config[way] ?? {})],
    secrets: configuredSecrets(config),
    refreshToken: oauth?.refreshToken ?? null,
    tokenFile:
      oauth === undefined || tokenFile === undefined
        ? null
        : createTokenFile(files, runtime, tokenFile, oauth, session),
    // Salesforce does not say how long a session lives: it is used until it is refused.
    isGood: () => true,
    logIn: login,
  });
  return { way, ...keeper };
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
