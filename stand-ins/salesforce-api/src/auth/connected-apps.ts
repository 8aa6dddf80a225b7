/** What an app may do to get a token. */
export type GrantName = "client-credentials" | "jwt-bearer" | "refresh-token" | "password";

export const grantNames: readonly GrantName[] = ["client-credentials", "jwt-bearer", "refresh-token", "password"];

/** One connected app. */
export interface AppSeed {
  /** Default `stand-in app`. */
  readonly name?: string;
  /** Default `stand-in-client`. */
  readonly clientId?: string;
  /** Default `stand-in-secret`. */
  readonly clientSecret?: string;
  /** The user that client credentials run as; default the first one. */
  readonly runAs?: string;
  /** A refresh token to begin with, of the `runAs` user. Default `stand-in-refresh`. */
  readonly refreshToken?: string;
  /** PEM of the public key or certificate that JWTs are checked with. Without one no JWT is taken. */
  readonly publicKey?: string;
  /** Users who approved the app for JWTs; default everyone. */
  readonly approvedUsers?: readonly string[];
  /** Default all. */
  readonly grants?: readonly GrantName[];
  /** Default `api refresh_token`. */
  readonly scope?: string;
}

export interface ConnectedApp {
  readonly name: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly runAs: string | undefined;
  publicKey: string | undefined;
  approvedUsers: readonly string[] | undefined;
  readonly grants: ReadonlySet<GrantName>;
  readonly scope: string;
}

export function toConnectedApp(seed: AppSeed): ConnectedApp {
  return {
    name: seed.name ?? "stand-in app",
    clientId: seed.clientId ?? "stand-in-client",
    clientSecret: seed.clientSecret ?? "stand-in-secret",
    runAs: seed.runAs,
    publicKey: seed.publicKey,
    approvedUsers: seed.approvedUsers,
    grants: new Set(seed.grants ?? grantNames),
    scope: seed.scope ?? "api refresh_token",
  };
}
