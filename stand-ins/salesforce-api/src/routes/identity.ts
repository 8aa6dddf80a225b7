import { notFound } from "../api-error.ts";
import type { Call } from "../call.ts";
import { type Reply, toReply } from "../reply.ts";
import { toIdentityUrl, toInstanceUrl } from "./hosts.ts";

/** GET /services/oauth2/userinfo. */
export function readUserInfo(call: Call): Reply {
  const { world, user, host, org } = call;
  call.rows = 1;
  return toReply({
    sub: toIdentityUrl(world, host, user),
    user_id: user.id,
    organization_id: org.id,
    preferred_username: user.username,
    nickname: user.username,
    name: user.username,
    email: user.username,
    email_verified: true,
    zoneinfo: "UTC",
    user_type: "STANDARD",
    language: "en_US",
    locale: "en_US",
    active: true,
    urls: toUrls(call),
  });
}

/** GET /id/{organization}/{user}. */
export function readIdentity(call: Call): Reply {
  const { world, user, host, org, params } = call;
  if (params["organization"] !== org.id || params["user"] !== user.id) throw notFound();
  call.rows = 1;
  return toReply({
    id: toIdentityUrl(world, host, user),
    asserted_user: true,
    user_id: user.id,
    organization_id: org.id,
    username: user.username,
    display_name: user.username,
    email: user.username,
    active: true,
    user_type: "STANDARD",
    urls: toUrls(call),
  });
}

function toUrls({ world, host }: Call): object {
  const instance = toInstanceUrl(world, host);
  return {
    rest: `${instance}/services/data/v{version}/`,
    sobjects: `${instance}/services/data/v{version}/sobjects/`,
    query: `${instance}/services/data/v{version}/query/`,
    partner: `${instance}/services/Soap/u/{version}/`,
    custom_domain: instance,
  };
}
