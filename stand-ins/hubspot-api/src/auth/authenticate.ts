import type { IncomingHttpHeaders } from "node:http";
import { ApiError } from "../api-error.ts";
import type { App, Apps } from "./apps.ts";

const DAY_SECONDS = 86_400;

/** Whose token came with a request. Throws 401 without one, with one that is old, or with something that is no token. */
export function authenticate(apps: Apps, headers: IncomingHttpHeaders, nowMs: number): App {
  const text = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? "")?.[1];
  if (text === undefined) throw missingCredentials();
  const token = apps.accessToken(text);
  if (token === undefined) throw undecodable(nowMs);
  if (token.expiresAtMs !== undefined && token.expiresAtMs <= nowMs) throw expired(token.expiresAtMs, nowMs);
  return token.app;
}

export function missingCredentials(): ApiError {
  return new ApiError(
    401,
    "Authentication credentials not found. This API supports OAuth 2.0 authentication and you can find more details at " +
      "https://developers.hubspot.com/docs/methods/auth/oauth-overview",
    {
      category: "INVALID_AUTHENTICATION",
      links: { "api key": "https://app.hubspot.com/l/api-key/" },
    },
  );
}

export function expired(expiredAtMs: number, nowMs: number): ApiError {
  return toExpired(
    `${Math.max(0, Math.floor((nowMs - expiredAtMs) / 1000))} second(s)`,
    new Date(expiredAtMs).toISOString(),
  );
}

/** The same sentence with about twenty thousand days: what is sent is not a token at all. */
export function undecodable(nowMs: number): ApiError {
  return toExpired(`${Math.floor(nowMs / 1000 / DAY_SECONDS)} day(s)`, "1970-01-01T00:00:00Z");
}

function toExpired(ago: string, expireTime: string): ApiError {
  return new ApiError(401, `The OAuth token used to make this call expired ${ago} ago.`, {
    category: "EXPIRED_AUTHENTICATION",
    context: { "expire time": [expireTime] },
  });
}
