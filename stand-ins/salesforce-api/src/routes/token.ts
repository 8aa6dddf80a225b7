import type { ConnectedApp, GrantName } from "../auth/connected-apps.ts";
import { readJwt } from "../auth/jwt.ts";
import { oauthError } from "../auth/oauth-errors.ts";
import type { User } from "../auth/users.ts";
import { type Reply, toEmptyReply, toReply } from "../reply.ts";
import type { World } from "../world.ts";
import { toIdentityUrl, toInstanceUrl } from "./hosts.ts";

const grants: Readonly<Record<string, GrantName>> = {
  client_credentials: "client-credentials",
  "urn:ietf:params:oauth:grant-type:jwt-bearer": "jwt-bearer",
  refresh_token: "refresh-token",
  password: "password",
};
const AUDIENCE = "https://login.salesforce.com";
const SANDBOX_AUDIENCE = "https://test.salesforce.com";

/** POST /services/oauth2/token. `host` is the address that was called. */
export function answerToken(world: World, form: URLSearchParams, host: string): Reply {
  const grant = grants[form.get("grant_type") ?? ""];
  if (grant === undefined) return oauthError("unsupported_grant_type", "grant type not supported");
  if (grant === "jwt-bearer") return jwtBearer(world, form, host);
  const app = world.findApp(form.get("client_id") ?? "");
  if (app === undefined) return oauthError("invalid_client_id", "client identifier invalid");
  if (app.clientSecret !== form.get("client_secret")) return oauthError("invalid_client", "invalid client credentials");
  if (!app.grants.has(grant)) return oauthError("unauthorized_client", "this app may not use this flow");
  switch (grant) {
    case "client-credentials":
      return clientCredentials(world, app, host);
    case "password":
      return password(world, form, app, host);
    case "refresh-token": {
      const refreshed = world.sessions.refresh(form.get("refresh_token") ?? "", app, world.knobs);
      if (refreshed === undefined) return expiredGrant();
      const { user, rotated } = refreshed;
      return issue(world, user, app, host, rotated === undefined ? {} : { refresh_token: rotated });
    }
  }
}

/** POST /services/oauth2/revoke. */
export function answerRevoke(world: World, token: string): Reply {
  return world.sessions.revoke(token) ? toEmptyReply(200) : oauthError("invalid_token", "expired access/refresh token");
}

function clientCredentials(world: World, app: ConnectedApp, host: string): Reply {
  if (world.knobs.clientCredentialsHost === "refused") {
    return oauthError("invalid_grant", "request not supported on this domain");
  }
  const user = app.runAs === undefined ? world.users[0] : world.findUser(app.runAs);
  if (user === undefined) return oauthError("invalid_grant", "no client credentials user enabled");
  return issue(world, user, app, host);
}

function password(world: World, form: URLSearchParams, app: ConnectedApp, host: string): Reply {
  const user = world.findUser(form.get("username") ?? "");
  const given = form.get("password");
  if (!world.knobs.passwordFlow || user === undefined || given !== user.password + user.securityToken) {
    return oauthError("invalid_grant", "authentication failure");
  }
  return issue(world, user, app, host);
}

function jwtBearer(world: World, form: URLSearchParams, host: string): Reply {
  const jwt = readJwt(form.get("assertion") ?? "");
  if (jwt === undefined) return oauthError("invalid_grant", "invalid assertion");
  const { issuer, subject, audience, expires } = jwt.claims;
  const app = world.findApp(issuer);
  if (app === undefined) return oauthError("invalid_client_id", "client identifier invalid");
  if (!app.grants.has("jwt-bearer")) return oauthError("unauthorized_client", "this app may not use this flow");
  if (app.publicKey === undefined || !jwt.signedBy(app.publicKey))
    return oauthError("invalid_grant", "invalid assertion");
  const wanted = world.orgSeed.sandbox ? SANDBOX_AUDIENCE : AUDIENCE;
  if (audience !== wanted && audience !== host) return oauthError("invalid_grant", "audience is invalid");
  const nowSeconds = world.clock.now() / 1000;
  const { jwtSkewSeconds, jwtMaxSeconds } = world.knobs;
  // Milliseconds in place of seconds lie far ahead.
  if (!(expires > nowSeconds - jwtSkewSeconds) || expires > nowSeconds + jwtSkewSeconds + jwtMaxSeconds) {
    return oauthError("invalid_grant", "expired authorization code");
  }
  const user = world.findUser(subject);
  const approved = app.approvedUsers === undefined || app.approvedUsers.includes(subject);
  if (user === undefined || !approved) return oauthError("invalid_grant", "user hasn't approved this consumer");
  return issue(world, user, app, host);
}

function expiredGrant(): Reply {
  return oauthError("invalid_grant", "expired access/refresh token");
}

function issue(world: World, user: User, app: ConnectedApp, host: string, more: object = {}): Reply {
  const nowMs = world.clock.now();
  const session = world.sessions.open(user, app, world.knobs, nowMs);
  return toReply({
    access_token: session.token,
    ...more,
    signature: Buffer.from(`stand-in ${nowMs}`).toString("base64"),
    scope: app.scope,
    instance_url: toInstanceUrl(world, host),
    id: toIdentityUrl(world, host, user),
    token_type: "Bearer",
    issued_at: String(nowMs),
  });
}
