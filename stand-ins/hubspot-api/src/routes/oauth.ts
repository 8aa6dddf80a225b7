import { ApiError, notFound } from "../api-error.ts";
import type { App } from "../auth/apps.ts";
import { badClient, badHub, badRefreshToken } from "../auth/oauth-errors.ts";
import { type Reply, toReply } from "../reply.ts";
import type { World } from "../world.ts";

/** POST /oauth/…/token with `grant_type=refresh_token`. `old` is the v1 form of the answer. */
export function refreshToken(world: World, form: URLSearchParams, old: boolean): Reply {
  if (form.get("grant_type") !== "refresh_token") {
    throw new ApiError(400, "unsupported grant type", { error: "unsupported_grant_type", status: "BAD_GRANT_TYPE" });
  }
  const client = checkClient(world, form);
  const text = form.get("refresh_token") ?? "";
  if (world.apps.disconnected) throw badHub();
  const app = world.apps.refreshToken(text);
  if (app === undefined || app.clientId !== client.clientId) throw badRefreshToken();
  const issued = world.apps.refresh(app, text, world.knobs, world.clock.now());
  const body = {
    access_token: issued.accessToken,
    refresh_token: issued.refreshToken,
    expires_in: world.knobs.accessTokenLifeSeconds,
    token_type: "bearer",
  };
  if (old) return toReply(body);
  return toReply({ ...body, hub_id: world.portal.facts.portalId, scopes: [...app.scopes], token_use: "access_token" });
}

/** POST /oauth/…/token/introspect. */
export function introspectToken(world: World, form: URLSearchParams): Reply {
  checkClient(world, form);
  return describeToken(world, form.get("token") ?? "");
}

/** GET /oauth/v1/access-tokens/{token}, and what introspection answers. */
export function describeToken(world: World, text: string): Reply {
  const token = world.apps.accessToken(text);
  if (token === undefined) throw notFound("token not found");
  const leftMs = (token.expiresAtMs ?? 0) - world.clock.now();
  return toReply({
    token: text,
    token_type: "access",
    token_use: "access_token",
    active: token.expiresAtMs === undefined || leftMs > 0,
    hub_id: world.portal.facts.portalId,
    hub_domain: "stand-in.example",
    app_id: 1001,
    client_id: token.app.clientId,
    user_id: 9_100_000,
    scopes: [...token.app.scopes],
    expires_in: Math.max(0, Math.floor(leftMs / 1000)),
  });
}

/** POST /oauth/…/token/revoke and DELETE /oauth/v1/refresh-tokens/{token}. */
export function revokeToken(world: World, text: string): Reply {
  world.apps.revoke(text);
  return { status: 204, body: null };
}

function checkClient(world: World, form: URLSearchParams): App {
  const client = world.apps.findClient(form.get("client_id") ?? "");
  if (client === undefined) throw badClient("BAD_CLIENT_ID");
  if (client.clientSecret !== form.get("client_secret")) throw badClient("BAD_CLIENT_SECRET");
  return client;
}
